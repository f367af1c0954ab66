import type { InputFile, Result } from '../../api.ts';
import { listBaselines, type Printable, showBaseline } from '../../api/baselines.ts';
import { readAll } from '../inputs.ts';
import { type FormatChoice, isBaselineFile } from '../options.ts';
import { DEFAULT_LIMIT } from '../read.ts';
import { deliver, fail } from '../report.ts';
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
