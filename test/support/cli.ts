import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { inject } from 'vitest';

/** What a process of postern's left behind. */
export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from start to end. */
  readonly took: number;
}

interface Surroundings {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Run as this user (the tests may be root, who is never denied anything). */
  readonly uid?: number;
}

/** The path of this run's bundle. */
export function bundlePath(): string {
  const folder = inject('bundle');
  if (folder === '') throw new Error('the bundle could not be built; esbuild said why above');
  return resolve(folder, 'postern.js');
}

/** Runs the bundled command line as a process of its own, without a terminal. */
export function postern(args: readonly string[], surroundings: Surroundings = {}): Finished {
  const { input = '', env = {}, cwd = '.', uid } = surroundings;
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [bundlePath(), ...args], {
    input,
    cwd,
    ...(uid === undefined ? {} : { uid, gid: uid }),
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 50_000,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr, took: performance.now() - started };
}
