import type { CheckRequest, InputFile } from '../../api.ts';
import type { FleetOutput } from '../../api/fleet/formats.ts';
import { isExport } from '../../api/host/readers.ts';
import type { CheckOptions } from '../check-options.ts';
import { sizeOf } from '../inputs.ts';
import { Progress } from '../progress.ts';
import { deliver, fail, warn } from '../report.ts';
import type { ExitStatus, Streams } from '../streams.ts';
import { fleetRenderers } from './check-site.ts';
import { runAccount } from './run.ts';

/** Exports of fewer bytes are checked sooner than workers have read them. */
const LARGE = 1_000_000;

/** Formats that are written host by host. The others need the whole report in memory, which is then best made there. */
const BY_HOST: ReadonlySet<string> = new Set(['json', 'parquet']);

/**
 * Whether configs are the exports of a large account, each of whose points is a host, to be checked by workers. What is
 * decided over the whole report is not (docs/fleet.md).
 */
export function isLargeAccount(request: CheckRequest, options: CheckOptions): boolean {
  const { configs = [], deployment, waivers, known, previous, asOf, inline } = request;
  if ([deployment, waivers, known, previous, asOf].some((one) => one !== undefined)) return false;
  if (inline === true || options.updateKnown === true) return false;
  if (options.format === undefined || !options.format.every(({ name }) => BY_HOST.has(name))) return false;
  return sizeOf(configs) >= LARGE && configs.some(isExport);
}

/** Checks the points of an account and writes what was found. */
export async function checkAccount(
  streams: Streams,
  { configs = [], baselines = [], files = [], as }: CheckRequest,
  options: CheckOptions,
): Promise<ExitStatus> {
  const progress = new Progress(streams, options);
  const onProgress = (done: number, of: number): void =>
    progress.show(`checked ${done} of ${of === 1 ? '1 host' : `${of} hosts`}`);
  const request = { configs: shared(configs), baselines, files, ...(as === undefined ? {} : { as }) };
  const result = await runAccount(request, { jobs: options.jobs, onProgress });
  progress.clear();
  if (!result.ok) return fail(streams, result.errors);
  const { header, totals, records, spool } = result.value;
  try {
    await warn(streams, result.warnings, options);
    const output: FleetOutput = {
      around: totals.around(header),
      records,
      texts: () => spool.texts(),
      bytes: () => spool.bytes(),
      warnings: result.warnings,
    };
    const { format = [], failOn, allowUndetermined = false } = options;
    const status = totals.exceeds({ failOn, allowUndetermined }) ? 1 : 0;
    return await deliver(streams, format, await fleetRenderers(format, output), totals.paths, status);
  } finally {
    spool.close();
  }
}

/** The files in memory that workers share: an account's exports are large, and each worker would get a copy. */
const shared = (files: readonly InputFile[]): InputFile[] =>
  files.map((file) => {
    const bytes = new Uint8Array(new SharedArrayBuffer(file.bytes.length));
    bytes.set(file.bytes);
    return { ...file, bytes };
  });
