import type { Diagnostic, InputFile, Result } from '../../api.ts';
import { blobHead } from '../../api/fleet/blob.ts';
import { fleetRenderer, type FleetOutput } from '../../api/fleet/formats.ts';
import type { FleetRequest } from '../../api/fleet/site.ts';
import { wantsDetail } from '../../api/reports.ts';
import type { CheckOptions } from '../check-options.ts';
import type { FormatChoice } from '../options.ts';
import { Progress } from '../progress.ts';
import { deliver, fail, type Renderer, warn } from '../report.ts';
import type { ExitStatus, Streams } from '../streams.ts';
import { type FleetResult, runFleet } from './run.ts';

/** Sites of fewer hosts are checked as one, unless something asks for more. */
const MANY_HOSTS = 16;

/** Options that only make sense for the hosts of a site. */
const asked = ({ cache, shard, format }: CheckOptions): string | undefined =>
  cache !== undefined
    ? '`--cache`'
    : shard !== undefined
      ? '`--shard`'
      : format?.some(({ name }) => name === 'blob')
        ? '`--format blob`'
        : undefined;

/** What a call has that takes all hosts at once: undefined where hosts can be checked one by one. */
function together(paths: readonly string[], options: CheckOptions): string | undefined {
  if (options.deployment === undefined) return 'no deployment';
  if (paths.length > 0) return 'configs on the command line';
  if (options.as !== undefined) return '`--as`';
  const detailed = (options.format ?? []).find(({ name }) => wantsDetail(name));
  if (detailed !== undefined) return `\`--format ${detailed.name}\``;
  if (options.inline === true) return '`--inline`';
  return (['waivers', 'known', 'previous', 'asOf'] as const)
    .filter((key) => options[key] !== undefined)
    .map((key) => `\`--${key === 'asOf' ? 'as-of' : key}\``)[0];
}

/** What is wrong with options about many hosts; undefined where nothing is. */
export function fleetProblem(paths: readonly string[], options: CheckOptions): Diagnostic | undefined {
  const [option, whole] = [asked(options), together(paths, options)];
  const usage = (message: string, help: string): Diagnostic => ({
    severity: 'error',
    code: 'usage',
    message,
    help,
  });
  if (option !== undefined && options.deployment === undefined)
    return usage(
      `${option} is for the hosts of a deployment one by one, and no deployment is named`,
      'name it with `--deployment` (docs/fleet.md)',
    );
  if (option !== undefined && whole !== undefined)
    return usage(
      `${option} is for the hosts of a deployment one by one, and does not go with ${whole}`,
      'leave one of them out; decisions about findings are made over the whole report (docs/fleet.md)',
    );
  const table = options.format?.find(({ name, file }) => name === 'parquet' && file === undefined);
  return table && usage('a Parquet file is no text to print', 'name a file: `--format parquet=<file>`');
}

/** Whether a site is checked host by host: it may always be where `fleetProblem` and `together` have nothing against it. */
export function isFleet(paths: readonly string[], options: CheckOptions, hosts: number): boolean {
  if (together(paths, options) !== undefined) return false;
  return asked(options) !== undefined || options.jobs !== undefined || hosts >= MANY_HOSTS;
}

/** Checks the hosts of a site one by one and writes what was found. */
export async function checkSite(
  streams: Streams,
  request: FleetRequest,
  options: CheckOptions,
): Promise<ExitStatus> {
  const progress = new Progress(streams, options);
  const { jobs, shard, cache, maxInputSize: limit } = options;
  const onProgress = (done: number, of: number): void =>
    progress.show(`checked ${done} of ${of === 1 ? '1 host' : `${of} hosts`}`);
  const result = await runFleet(request, { jobs, shard, cache, limit, onProgress });
  progress.clear();
  if (!result.ok) return fail(streams, result.errors);
  try {
    await warn(streams, [...result.warnings, ...ofShard(result.value, options)], options);
    return await written(streams, request, options, result);
  } finally {
    result.value.spool.close();
  }
}

/** A report of one shard reads like one of the site, and has no finding where the others have all. */
function ofShard({ names, records }: FleetResult, { shard, format }: CheckOptions): Diagnostic[] {
  const whole = format?.every(({ name }) => name === 'blob') ?? false;
  if (shard === undefined || whole) return [];
  const hosts = names.length === 1 ? '1 host' : `${names.length} hosts`;
  const message = `the report is of shard ${shard.index}/${shard.count} alone, with ${records.length} of ${hosts}`;
  const help = 'write `--format blob=<file>` of each shard; `postern merge` makes the report of all';
  return [{ severity: 'warning', code: 'shard', message, help }];
}

async function written(
  streams: Streams,
  { deployment, files = [] }: FleetRequest,
  options: CheckOptions,
  { value, warnings }: Extract<Result<FleetResult>, { ok: true }>,
): Promise<ExitStatus> {
  const { header, totals, records, spool, names } = value;
  const formats = options.format ?? [{ name: 'text' }];
  const output: FleetOutput = {
    around: totals.around(header),
    records,
    texts: () => spool.texts(),
    bytes: () => spool.bytes(),
    warnings,
    head: blobHead(header, names, options.shard ?? { index: 1, count: 1 }),
  };
  const inputs = [...totals.paths, deployment.path, ...files.map((file: InputFile) => file.path)];
  const { failOn, allowUndetermined = false } = options;
  const status = totals.exceeds({ failOn, allowUndetermined }) ? 1 : 0;
  return deliver(streams, formats, await fleetRenderers(formats, output), inputs, status);
}

/** What writes each chosen format. */
export async function fleetRenderers(
  formats: readonly FormatChoice[],
  output: FleetOutput,
): Promise<Readonly<Record<string, Renderer>>> {
  const named = await Promise.all(
    formats.map(async ({ name }) => [name, await fleetRenderer(name, output)] as const),
  );
  return Object.fromEntries(named);
}
