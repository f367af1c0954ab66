import type { Baseline } from '../baseline/baseline.ts';
import { loadBaseline } from '../baseline/load-baseline.ts';
import { listBaselines as listIn, loadShipped } from '../baseline/shipped.ts';
import { baselineJson } from '../baseline/json.ts';
import { renderBaseline, renderList } from '../baseline/show.ts';
import { jsonText } from '../report/json-text.ts';
import { visible } from '../report/visible.ts';
import { baselineDirectory, compiledBaselines } from '../package.ts';
import { failure, type Result, success } from '../text/diagnostic.ts';
import { decode, type InputFile } from './input.ts';
import { configInstead } from './wrong-files/own-document.ts';
import { formatOf } from './host/readers.ts';

/** A thing to print, readable or as JSON. */
export interface Printable {
  text(width: number): string;
  json(): string;
}

/** The shipped baselines, by id. */
export function listBaselines(): Result<Printable> {
  const all = listIn(baselineDirectory(), compiledBaselines());
  if (!all.ok) return all;
  return success({
    text: () => renderList(all.value),
    json: () =>
      jsonText({
        schemaVersion: '1',
        baselines: all.value.map(({ id, title, rows, sha256 }) => ({ id, title, rows: rows.length, sha256 })),
      }),
  });
}

/** The shipped baselines, where they can be read. */
export function shippedBaselines(): readonly Baseline[] {
  const all = listIn(baselineDirectory(), compiledBaselines());
  return all.ok ? all.value : [];
}

/** A baseline, row by row: a shipped one by its id, or a file. */
export function showBaseline(named: string | InputFile): Result<Printable> {
  const loaded = readBaseline(named);
  if (!loaded.ok) return loaded;
  return success(
    {
      text: (width) => safeLines(renderBaseline(loaded.value, width)),
      json: () => jsonText(baselineJson(loaded.value)),
    },
    loaded.warnings,
  );
}

/** The baseline, or what is wrong with it, with line and column. */
export function readBaseline(named: string | InputFile): Result<Baseline> {
  return typeof named === 'string' ? loadNamed(named) : loadFile(named);
}

/** The shipped baseline of an id. */
export function loadNamed(id: string): Result<Baseline> {
  return loadShipped(baselineDirectory(), id, compiledBaselines());
}

/** The baseline in a file. */
export function loadFile(file: InputFile): Result<Baseline> {
  const decoded = decode(file);
  if (!decoded.ok) return decoded;
  const { source } = decoded.value;
  const read = loadBaseline(source);
  const format = read.ok ? undefined : formatOf(source);
  return format === undefined ? read : failure(configInstead(source, format, 'baseline'));
}

/** Somebody's baseline file may hold what a terminal acts on. */
const safeLines = (text: string): string => text.split('\n').map(visible).join('\n');
