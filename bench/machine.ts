import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** What the figures were measured on and with. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly kernel: string;
  readonly node: string;
  readonly iptables: string;
  /** Processes that wanted to run in the last minute, at the beginning: more than there are cores disturbs. */
  readonly load: number;
}

/** This machine. */
export function machine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memory: totalmem(),
    kernel: `Linux ${release()}`,
    node: process.version,
    iptables: versionOf('iptables-nft-restore') ?? 'not installed',
    load: loadavg()[0] ?? 0,
  };
}

/** What keeps a benchmark from running here, as a sentence. */
export function lacking(): string | undefined {
  if (process.platform !== 'linux') return 'the benchmark measures with tools of Linux';
  if (!existsSync('/usr/bin/time')) return 'GNU time is needed (Debian: `apt-get install time`)';
  return undefined;
}

/**
 * Whether the peer can be run: iptables-nft-restore asks the kernel even for `--test`, which takes a network namespace in
 * which this process is root.
 */
export function peerWorks(): boolean {
  const { status } = spawnSync('iptables-nft-restore', ['--test'], { input: '*filter\nCOMMIT\n' });
  return status === 0;
}

/**
 * Starts this program again in a network namespace of its own, which goes when it ends (unshare(1)).
 * @returns its exit status; undefined where that cannot be done, or is done
 */
export function inOwnNetwork(): number | undefined {
  if (process.env.POSTERN_BENCH_NETWORK !== undefined) return undefined;
  if (spawnSync('unshare', ['-r', '-n', 'true']).status !== 0) return undefined;
  const flags = process.getuid?.() === 0 ? ['-n'] : ['-r', '-n'];
  const self = [...flags, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const env = { ...process.env, POSTERN_BENCH_NETWORK: 'own' };
  return spawnSync('unshare', self, { stdio: 'inherit', env }).status ?? 2;
}

function versionOf(tool: string): string | undefined {
  const { status, stdout } = spawnSync(tool, ['--version']);
  return status === 0 ? stdout.toString('utf8').trim() : undefined;
}
