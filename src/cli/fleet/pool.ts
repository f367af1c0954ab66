import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Tinypool } from 'tinypool';
import { type Batch, type WorkerAnswer, workerOf, type WorkerSite } from './worker-site.ts';

/** Batches that wait in a worker's queue, so that it never waits for the next. */
const AHEAD = 3;

/** Milliseconds: the greatest that timers take; the pool is destroyed before. */
const FOREVER = 2 ** 31 - 1;

/**
 * Megabytes of a worker's young generation. What a host needs lives as long as the host is checked: with V8's usual 48 much of it is
 * copied again and again (a semi-space is a third of it).
 */
const YOUNG = 96;

/**
 * Checks batches of hosts in workers and gives the outcomes in the batches' order, whichever is done first. At most a few
 * batches for each worker are under way or wait to be taken.
 * @param batches asked for as there is room for them
 * @param jobs workers; with one the batches are checked here
 *
 * Of an account only an answer says how many points there are: with one batch of them a second worker would read the
 * exports for nothing, so no other is asked before the first has answered.
 */
export async function* inOrder(
  site: WorkerSite,
  batches: Iterable<Batch>,
  jobs: number,
): AsyncGenerator<WorkerAnswer> {
  if (jobs === 1) {
    const worker = workerOf(site);
    for (const batch of batches) yield await worker.check(batch);
    return;
  }
  // Read when it is needed: with what it asks of Node it takes as long as reading a small config.
  const { Tinypool } = await import('tinypool');
  const pool = new Tinypool({
    filename: workerFile(),
    workerData: site,
    minThreads: 1,
    maxThreads: jobs,
    // One that waits for a batch has read the site already.
    idleTimeout: FOREVER,
    concurrentTasksPerWorker: 1,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
  });
  try {
    const waiting: Promise<WorkerAnswer>[] = [];
    const queue = batches[Symbol.iterator]();
    let room = 'account' in site ? 1 : jobs * AHEAD;
    for (let next = queue.next(); next.done !== true || waiting.length > 0; ) {
      while (next.done !== true && waiting.length < room) {
        waiting.push(begun(pool, next.value));
        next = queue.next();
      }
      yield await (waiting.shift() as Promise<WorkerAnswer>);
      room = jobs * AHEAD;
    }
  } finally {
    await pool.destroy();
  }
}

function begun(pool: Tinypool, batch: Batch): Promise<WorkerAnswer> {
  const run = pool.run(batch) as Promise<WorkerAnswer>;
  // Whoever awaits it hears of a failure; until then it is not unhandled.
  run.catch(() => undefined);
  return run;
}

/** The worker's own file: beside this one in the bundle and among the sources. */
function workerFile(): string {
  const bundled = new URL('./fleet-worker.js', import.meta.url);
  return fileURLToPath(existsSync(bundled) ? bundled : new URL('./worker.ts', import.meta.url));
}
