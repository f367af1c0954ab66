import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { inject } from 'vitest';
import { execute } from '../../src/cli/execute.ts';
import { Output } from '../../src/cli/streams.ts';

/** What a process of postern's left behind. */
export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
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
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [bundlePath(), ...args], {
    input,
    cwd,
    ...(uid === undefined ? {} : { uid, gid: uid }),
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    // Less than a test may take, so that a failure names the process; much more than any takes on a busy machine.
    timeout: 150_000,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/**
 * Runs the command line in this process: the same words, streams and status as {@link postern}, without the third of a
 * second that a process takes to start. What is about processes, the bundle or users takes that one.
 */
export async function inProcess(
  words: readonly string[],
  { input = '', env = {}, cwd = '.' }: Omit<Surroundings, 'uid'> = {},
): Promise<Finished> {
  const [out, err] = [new Collected(), new Collected()];
  const home = process.cwd();
  process.chdir(cwd);
  try {
    const status = await execute(words, {
      out: new Output(out),
      err: new Output(err),
      stdin: Readable.from([Buffer.from(input)]),
      env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env },
    });
    return { status, stdout: out.text, stderr: err.text };
  } finally {
    process.chdir(home);
  }
}

/** Keeps what is written. */
class Collected extends Writable {
  private readonly parts: Buffer[] = [];

  get text(): string {
    return Buffer.concat(this.parts).toString('utf8');
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.parts.push(chunk);
    done();
  }
}
