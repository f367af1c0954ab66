import type { Diagnostic, InputFile, Result } from '../../api.ts';
import {
  listBaselines,
  renderBaseline,
  renderBaselineList,
  showBaseline,
  validateBaseline,
} from '../../api/baselines.ts';
import { jsonText } from '../../api/render.ts';
import { readAll } from '../inputs.ts';
import { type FormatChoice, isBaselineFile } from '../options.ts';
import { DEFAULT_LIMIT } from '../read.ts';
import { deliver, fail, printDiagnostics } from '../report.ts';
import type { ExitStatus, Streams } from '../streams.ts';

interface BaselineOptions {
  readonly format?: readonly FormatChoice[];
}

/** `postern baseline list`. */
export async function runList(
  streams: Streams,
  _operands: readonly string[],
  options: BaselineOptions,
): Promise<ExitStatus> {
  const list = listBaselines();
  if (!list.ok) return fail(streams, list.errors);
  const renderers = {
    text: (layout: { width: number }) => [renderBaselineList(list.value, layout.width)],
    json: () => [jsonText({ schemaVersion: '1', baselines: list.value })],
  };
  return deliver(streams, options.format ?? [{ name: 'text' }], renderers, [], 0);
}

/** `postern baseline show <id|file>`. */
export async function runShow(
  streams: Streams,
  operands: readonly string[],
  options: BaselineOptions,
): Promise<ExitStatus> {
  const [name = ''] = operands;
  const named = await baselineNamed(streams, name);
  if (!named.ok) return fail(streams, named.errors);
  const shown = showBaseline(named.value);
  if (!shown.ok) return fail(streams, shown.errors);
  const renderers = {
    text: (layout: { width: number }) => [renderBaseline(shown.value, layout.width)],
    json: () => [jsonText(shown.value)],
  };
  const inputs = typeof named.value === 'string' ? [] : [named.value.path];
  return deliver(streams, options.format ?? [{ name: 'text' }], renderers, inputs, 0);
}

/** `postern baseline validate <file>`. */
export async function runValidate(streams: Streams, operands: readonly string[]): Promise<ExitStatus> {
  const read = await readAll(streams, operands, { maxInputSize: DEFAULT_LIMIT });
  if (!read.ok) return fail(streams, read.errors);
  const problems: Diagnostic[] = read.value.flatMap((file) => [...validateBaseline(file)]);
  await printDiagnostics(streams, problems);
  if (problems.some(({ severity }) => severity === 'error')) return 2;
  for (const { path } of read.value) await streams.out.write(`${path}: valid\n`);
  return 0;
}

async function baselineNamed(streams: Streams, name: string): Promise<Result<string | InputFile>> {
  if (!isBaselineFile(name)) return { ok: true, value: name, warnings: [] };
  const read = await readAll(streams, [name], { maxInputSize: DEFAULT_LIMIT });
  return read.ok ? { ok: true, value: read.value[0] as InputFile, warnings: [] } : read;
}
