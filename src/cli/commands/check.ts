import type { CheckRequest, Diagnostic, InputFile, Report, Result, Severity } from '../../api.ts';
import { check } from '../../api/check.ts';
import { type Layout, type ReportFormat, reportRenderer, wantsDetail } from '../../api/reports.ts';
import { exceedsThreshold } from '../../api/threshold.ts';
import { onceStandardInput, type ReadingOptions, readAll, readConfigs } from '../inputs.ts';
import { type FormatChoice, isBaselineFile } from '../options.ts';
import { Progress } from '../progress.ts';
import { deliver, fail, type Renderer, warn } from '../report.ts';
import { readExtended, readSiteFiles } from '../site.ts';
import type { ExitStatus, Streams } from '../streams.ts';

interface CheckOptions extends ReadingOptions {
  readonly baseline?: readonly string[];
  readonly as?: string;
  readonly deployment?: string;
  readonly host?: readonly string[];
  readonly format?: readonly FormatChoice[];
  readonly failOn: Severity;
  readonly allowUndetermined?: boolean;
}

/** `postern check [config...]`. */
export async function runCheck(
  streams: Streams,
  paths: readonly string[],
  options: CheckOptions,
): Promise<ExitStatus> {
  const wrong = usageErrors(paths, options);
  if (wrong.length > 0) return fail(streams, wrong);
  const progress = new Progress(streams, options);
  const request = await gather(streams, paths, options);
  if (!request.ok) return fail(streams, request.errors);
  const formats = options.format ?? [{ name: 'text' }];
  const detail = formats.some(({ name }) => wantsDetail(name));
  const answer = await check({
    ...request.value,
    detail,
    onHost: (name) => progress.show(`checking ${name}`),
  });
  progress.clear();
  if (!answer.ok) return fail(streams, answer.errors);
  await warn(streams, answer.warnings, options);
  const report = answer.value;
  return deliver(
    streams,
    formats,
    await renderersOf(report, formats),
    report.inputs.map((input) => input.path),
    status(report, options),
  );
}

/** What writes each chosen format; only those are loaded. */
async function renderersOf(
  report: Report,
  formats: readonly FormatChoice[],
): Promise<Readonly<Record<string, Renderer>>> {
  const named = await Promise.all(
    formats.map(async ({ name }) => {
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
  const errors = onceStandardInput([...paths, ...(options.baseline ?? []), options.deployment]);
  const usage = (message: string, help: string): void => {
    errors.push({ severity: 'error', code: 'usage', message, help });
  };
  if (paths.length === 0 && options.deployment === undefined) {
    usage('there is nothing to check', 'name the configs of a host, or a `--deployment` that names them');
  }
  if (options.deployment === undefined && (options.baseline ?? []).length === 0) {
    usage(
      'there is no baseline to check against',
      'name one with `--baseline`; `postern baseline list` lists those shipped',
    );
  }
  if (options.host !== undefined && options.deployment === undefined) {
    usage('`--host` chooses among the hosts of a deployment', 'name the deployment with `--deployment`');
  }
  return errors;
}

async function gather(
  streams: Streams,
  paths: readonly string[],
  options: CheckOptions,
): Promise<Result<CheckRequest>> {
  const configs = await readConfigs(streams, paths, options);
  const baselines = await readBaselines(streams, options);
  const site = await readDeployment(streams, options, paths.length > 0);
  const errors = [configs, baselines, site].flatMap((result) => (result.ok ? [] : result.errors));
  if (!configs.ok || !baselines.ok || !site.ok) return { ok: false, errors };
  const value: CheckRequest = {
    configs: configs.value,
    ...site.value,
    baselines: baselines.value.baselines,
    files: [...(site.value.files ?? []), ...baselines.value.files],
    ...(options.as === undefined ? {} : { as: options.as }),
    ...(options.host === undefined ? {} : { hosts: options.host }),
  };
  return { ok: true, value, warnings: [] };
}

async function readBaselines(
  streams: Streams,
  options: CheckOptions,
): Promise<Result<Required<Pick<CheckRequest, 'baselines' | 'files'>>>> {
  const names = options.baseline ?? [];
  const files = await readAll(streams, names.filter(isBaselineFile), options);
  if (!files.ok) return files;
  const byPath = new Map(files.value.map((file) => [file.path, file]));
  const extended = await readExtended(files.value, options.maxInputSize);
  if (!extended.ok) return extended;
  const value = { baselines: names.map((name) => byPath.get(name) ?? name), files: extended.value };
  return { ok: true, value, warnings: [] };
}

async function readDeployment(
  streams: Streams,
  options: CheckOptions,
  configsGiven: boolean,
): Promise<Result<Pick<CheckRequest, 'deployment' | 'files'>>> {
  if (options.deployment === undefined) return { ok: true, value: {}, warnings: [] };
  const read = await readAll(streams, [options.deployment], options);
  if (!read.ok) return read;
  const [deployment] = read.value as [InputFile];
  const files = await readSiteFiles(deployment, {
    limit: options.maxInputSize,
    hosts: options.host,
    configsGiven,
  });
  return files.ok ? { ok: true, value: { deployment, files: files.value }, warnings: [] } : files;
}
