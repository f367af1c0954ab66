import { workerData } from 'node:worker_threads';
import { type Batch, type WorkerAnswer, workerOf, type WorkerSite } from './worker-site.ts';

/** The worker's entry: what tinypool calls with each batch. The site comes once, with the worker. */
const [, site] = workerData as [unknown, WorkerSite];
const worker = workerOf(site);

// tinypool calls a module's default export.
export default (batch: Batch): Promise<WorkerAnswer> => worker.check(batch);
