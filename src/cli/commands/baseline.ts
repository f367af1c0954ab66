import type { Diagnostic, InputFile, Result } from '../../api.ts';
import { listBaselines, type Printable, readBaseline, showBaseline } from '../../api/baselines.ts';
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
  return list.ok ? print(streams, list.value, options, []) : fail(streams, list.errors);
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
  return print(streams, shown.value, options, isBaselineFile(name) ? [name] : []);
}

/** `postern baseline validate <file>`. */
export async function runValidate(streams: Streams, operands: readonly string[]): Promise<ExitStatus> {
  const read = await readAll(streams, operands, { maxInputSize: DEFAULT_LIMIT });
  if (!read.ok) return fail(streams, read.errors);
  const errors: Diagnostic[] = [];
  for (const file of read.value) {
    const checked = readBaseline(file);
    if (checked.ok) await printDiagnostics(streams, checked.warnings);
    else errors.push(...checked.errors);
  }
  if (errors.length > 0) return fail(streams, errors);
  for (const { path } of read.value) await streams.out.write(`${path}: valid\n`);
  return 0;
}

function print(
  streams: Streams,
  shown: Printable,
  options: BaselineOptions,
  inputs: readonly string[],
): Promise<ExitStatus> {
  const renderers = {
    text: (layout: { width: number }) => [shown.text(layout.width)],
    json: () => [shown.json()],
  };
  return deliver(streams, options.format ?? [{ name: 'text' }], renderers, inputs, 0);
}

async function baselineNamed(streams: Streams, name: string): Promise<Result<string | InputFile>> {
  if (!isBaselineFile(name)) return { ok: true, value: name, warnings: [] };
  const read = await readAll(streams, [name], { maxInputSize: DEFAULT_LIMIT });
  return read.ok ? { ok: true, value: read.value[0] as InputFile, warnings: [] } : read;
}
