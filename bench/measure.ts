import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What one process took. */
export interface Sample {
  /** Seconds by the clock. */
  readonly wall: number;
  /** Seconds of the processor, in the process (user) and in the kernel for it (system). */
  readonly user: number;
  readonly system: number;
  /** The most memory it had at once (resident set), in bytes. */
  readonly memory: number;
  /** Its exit status; undefined where it was killed because it took too long. */
  readonly status: number | undefined;
  /** What it wrote to standard error, the beginning. */
  readonly complaint: string;
}

/** The samples of one command. */
export interface Figures {
  readonly wall: Spread;
  /** User and system time together. */
  readonly cpu: Spread;
  readonly memory: Spread;
}

/** The mean and the middle of several numbers, with the least and the greatest. */
export interface Spread {
  readonly mean: number;
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
}

/**
 * Node reads the certificates that this variable names whenever it starts, which takes longer than all the rest of its start.
 * Nothing here asks anything of a network, and every ratio to `node -e 0` would be too good.
 */
const { NODE_EXTRA_CA_CERTS: _, ...ENVIRONMENT } = process.env;

/**
 * Runs a command to its end and measures the whole process, start and end included, with GNU time (time(1): the
 * resources of the process and of the children that it waited for, from wait4(2)).
 *
 * @param folder where a temporary file may stand
 * @param limit seconds after which the command is killed
 */
export function runOnce(command: readonly string[], folder: string, limit: number): Sample {
  const file = join(folder, 'time.txt');
  const timed = ['-q', '-o', file, '-f', '%U %S %M', 'timeout', '-k', '5', String(limit), ...command];
  const begin = process.hrtime.bigint();
  const { status, stderr } = spawnSync('/usr/bin/time', timed, {
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 1 << 28,
    env: ENVIRONMENT,
  });
  const wall = Number(process.hrtime.bigint() - begin) / 1e9;
  const [user = Number.NaN, system = Number.NaN, kilobytes = Number.NaN] = readFileSync(file, 'utf8')
    .trim()
    .split(' ')
    .map(Number);
  // timeout(1): 124 where the command was ended, 128 + 9 where it had to be killed.
  const killed = status === null || (wall >= limit && (status === 124 || status === 137));
  return {
    wall,
    user,
    system,
    memory: kilobytes * 1024,
    status: killed ? undefined : status,
    complaint: stderr.toString('utf8').slice(0, 2000),
  };
}

/** The medians of some samples; there is at least one. */
export function figures(samples: readonly Sample[]): Figures {
  return {
    wall: spread(samples.map((sample) => sample.wall)),
    cpu: spread(samples.map((sample) => sample.user + sample.system)),
    memory: spread(samples.map((sample) => sample.memory)),
  };
}

/** Median, least and greatest; of an even number of samples the median is the mean of the middle two. */
export function spread(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (i: number): number => sorted[i] ?? Number.NaN;
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2;
  const mean = sorted.reduce((sum, one) => sum + one, 0) / sorted.length;
  return { mean, median, least: at(0), greatest: at(sorted.length - 1) };
}
