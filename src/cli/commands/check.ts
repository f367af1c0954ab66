import { existsSync, statSync } from 'node:fs';
import type { CheckRequest, Diagnostic, Report, Result } from '../../api.ts';
import { shippedBaselines } from '../../api/baselines.ts';
import { check } from '../../api/check.ts';
import type { FleetRequest } from '../../api/fleet/site.ts';
import { knownUpdate } from '../../api/audit/known.ts';
import { type Layout, type ReportFormat, reportRenderer, wantsDetail } from '../../api/reports.ts';
import { hostCount } from '../../api/site.ts';
import { exceedsThreshold } from '../../api/audit/threshold.ts';
import { type CheckOptions, printedConfig, withConfig } from '../check-options.ts';
import { Compiling } from '../compiling.ts';
import { configFile } from '../config-file.ts';
import { checkAccount, isLargeAccount } from '../fleet/check-account.ts';
import { checkSite, fleetProblem, isFleet } from '../fleet/check-site.ts';
import { namedTwice, onceStandardInput, sizeOf } from '../inputs.ts';
import type { FormatChoice } from '../options.ts';
import { Progress } from '../progress.ts';
import { deliver, fail, type Renderer, warn } from '../report.ts';
import type { ExitStatus, Streams } from '../streams.ts';
import { gather, readBaselines, readDeployment } from './check-request.ts';

/** `postern check [config...]`. */
export async function runCheck(
  streams: Streams,
  operands: readonly string[],
  typed: CheckOptions,
  given: (option: string) => boolean,
): Promise<ExitStatus> {
  const file = await configFile(typed.config);
  if (!file.ok) return fail(streams, file.errors);
  const call = withConfig({ paths: operands, options: typed }, file.value, given);
  if (!call.ok) return fail(streams, call.errors);
  const { paths, options } = call.value;
  if (options.printConfig === true) {
    await streams.out.write(printedConfig(call.value, file.value?.path));
    return streams.out.failed ? 2 : 0;
  }
  const wrong = usageErrors(paths, options);
  if (wrong.length > 0) return fail(streams, wrong);
  const site = await manyHosts(streams, paths, options);
  if (site !== undefined)
    return site.ok ? checkSite(streams, site.value, options) : fail(streams, site.errors);
  const progress = new Progress(streams, options);
  const request = await gather(streams, paths, options);
  if (!request.ok) return fail(streams, request.errors);
  if (isLargeAccount(request.value, options)) return checkAccount(streams, request.value, options);
  const formats = options.format ?? [{ name: 'text' }];
  const { configs = [], files = [] } = request.value;
  const compiling = new Compiling(sizeOf([...configs, ...files]));
  const answer = await check({
    ...request.value,
    detail: formats.some(({ name }) => wantsDetail(name)),
    onHost: (name) => {
      progress.show(`checking ${name}`);
      compiling.host();
    },
  });
  compiling.done();
  progress.clear();
  if (!answer.ok) return fail(streams, answer.errors);
  await warn(streams, answer.warnings, options);
  return tell(streams, request.value, answer.value, options);
}

function isRegular(path: string): boolean {
  return path !== '-' && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** The site of a call that is checked host by host; undefined where it is checked as a whole. */
async function manyHosts(
  streams: Streams,
  paths: readonly string[],
  options: CheckOptions,
): Promise<Result<FleetRequest> | undefined> {
  const { deployment: path } = options;
  // What can be read only once is not read to count its hosts.
  const most = path !== undefined && isRegular(path) ? Number.POSITIVE_INFINITY : 0;
  if (path === undefined || !isFleet(paths, options, most)) return undefined;
  const site = await readDeployment(streams, options, true);
  if (!site.ok) return site;
  const { deployment, files = [] } = site.value;
  if (deployment === undefined || !isFleet(paths, options, hostCount(deployment, options.host)))
    return undefined;
  const named = await readBaselines(streams, options);
  if (!named.ok) return named;
  const { baselines, files: more } = named.value;
  const hosts = options.host === undefined ? {} : { hosts: options.host };
  return { ok: true, value: { deployment, baselines, files: [...files, ...more], ...hosts }, warnings: [] };
}

/** Writes the report, and the known findings where they are to be updated; the status says how it went. */
async function tell(
  streams: Streams,
  request: CheckRequest,
  report: Report,
  options: CheckOptions,
): Promise<ExitStatus> {
  const formats = options.format ?? [{ name: 'text' }];
  const audited = [request.waivers, request.known, request.previous, request.deployment];
  const inputs = [
    ...report.inputs.map((input) => input.path),
    ...audited.flatMap((file) => (file === undefined ? [] : [file.path])),
  ];
  const updated = options.updateKnown === true ? knownUpdate(request, report) : undefined;
  const counted = updated?.report ?? report;
  const renderers = await renderersOf(report, formats);
  const known =
    updated === undefined
      ? undefined
      : { path: options.known as string, chunks: [updated.text], renewed: true };
  return deliver(streams, formats, renderers, inputs, status(counted, options), known);
}

/** What writes each chosen format; only those are loaded. */
async function renderersOf(
  report: Report,
  formats: readonly FormatChoice[],
): Promise<Readonly<Record<string, Renderer>>> {
  const named = await Promise.all(
    formats.map(async ({ name }) => {
      if (name === 'parquet') {
        const { tableRenderer } = await import('../../api/fleet/formats.ts');
        return [name, await tableRenderer(report)] as const;
      }
      const render = await reportRenderer(name as ReportFormat);
      return [name, (layout: Layout) => render(report, layout)] as const;
    }),
  );
  return Object.fromEntries(named);
}

function status(report: Report, options: CheckOptions): ExitStatus {
  const allowUndetermined = options.allowUndetermined === true;
  return exceedsThreshold(report, { failOn: options.failOn, allowUndetermined }) ? 1 : 0;
}

function usageErrors(paths: readonly string[], options: CheckOptions): Diagnostic[] {
  const errors = [
    ...namedTwice(paths),
    ...onceStandardInput([
      ...paths,
      ...(options.baseline ?? []),
      ...[options.deployment, options.waivers, options.known, options.previous],
    ]),
    ...emptyNames(options),
    ...baselinesAsConfigs(paths),
  ];
  const usage = (message: string, help: string): void => {
    errors.push({ severity: 'error', code: 'usage', message, help });
  };
  if (paths.length === 0 && options.deployment === undefined) {
    usage('there is nothing to check', 'name the configs of a host, or a `--deployment` that names them');
  }
  if (options.deployment === undefined && (options.baseline ?? []).length === 0) {
    const site = paths.find((path) => /\.ya?ml$/i.test(path));
    const meant = site === undefined ? '' : `; \`--deployment ${site}\` where it is a deployment`;
    usage(
      'there is no baseline to check against',
      `name one with \`--baseline\`; \`postern baseline list\` lists those shipped${meant}`,
    );
  }
  if (options.updateKnown === true && (options.known ?? '') === '') {
    usage('`--update-known` does not say which file it writes', 'name it with `--known`');
  }
  const many = fleetProblem(paths, options);
  if (many !== undefined) errors.push(many);
  if (options.host !== undefined && options.deployment === undefined) {
    usage('`--host` chooses among the hosts of a deployment', 'name the deployment with `--deployment`');
  }
  return errors;
}

/** `--as "$ROLE"` of a variable that is not set. */
function emptyNames({ as, baseline = [], host = [] }: CheckOptions): Diagnostic[] {
  const empty = [
    ...(as === '' ? ['--as'] : []),
    ...(baseline.includes('') ? ['--baseline'] : []),
    ...(host.includes('') ? ['--host'] : []),
  ];
  return empty.map((option) => ({
    severity: 'error',
    code: 'usage',
    message: `\`${option}\` is empty`,
    help: 'an unset variable of a script does that',
  }));
}

/** The id of a shipped baseline among the configs, where there is no such file. */
function baselinesAsConfigs(paths: readonly string[]): Diagnostic[] {
  const meant = paths.filter((path) => /^[a-z0-9-]+$/.test(path) && path !== '-' && !existsSync(path));
  const ids = meant.length === 0 ? [] : shippedBaselines().map(({ id }) => id);
  return meant
    .filter((path) => ids.includes(path))
    .map((path) => ({
      severity: 'error',
      code: 'unreadable-input',
      path,
      message: 'this is a baseline, and no file',
      help: 'name it with `--baseline`',
    }));
}
