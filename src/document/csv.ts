import { type CsvError, type Info, parse } from 'csv-parse/sync';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import type { SourceFile } from '../text/source.ts';
import { addLine, addText, makeCell, noParts } from './cell.ts';
import type { DocumentCell } from './document.ts';
import type { RawDocument, RawHeading, RawRow, RawTable } from './raw-table.ts';
import { isConnectionHeader } from './read-table.ts';

/** What separates the values. */
export type Delimiter = ',' | ';' | '\t';

interface CsvRecord {
  readonly record: readonly string[];
  readonly raw: string;
  readonly info: Info;
}

/**
 * The tables of a text with separated values (RFC 4180, also with semicolons and tabs): a table begins at a record that
 * holds headings of connections and ends at an empty line or before the next such record. What stands outside of
 * tables are headings.
 */
export function readCsv(file: SourceFile, delimiter: Delimiter): Result<RawDocument> {
  const records = recordsOf(file, delimiter);
  if (!records.ok) return records;
  const tables: { headings: readonly DocumentCell[]; rows: RawRow[]; start: number; end: number }[] = [];
  const headings: RawHeading[] = [];
  let inside = false;
  let start = 0;
  for (const { record, raw } of records.value) {
    const from = start;
    start += raw.length;
    const texts = record.map((value) => value.trim());
    const empty = texts.every((text) => text === '');
    if (isConnectionHeader(texts)) {
      tables.push({
        headings: cellsOf(file, from, raw, record, delimiter),
        rows: [],
        start: from,
        end: start,
      });
      inside = true;
    } else if (empty) inside = false;
    else if (!inside)
      headings.push({
        level: 1,
        text: texts.filter((text) => text !== '').join(' '),
        start: from,
        end: start,
      });
    else {
      const table = tables.at(-1);
      const end = from + raw.trimEnd().length;
      table?.rows.push({
        cells: cellsOf(file, from, raw, record, delimiter),
        span: { file, start: from + raw.length - raw.trimStart().length, end },
      });
      if (table !== undefined) table.end = end;
    }
  }
  return success({
    tables: tables.map(
      (table): RawTable => ({
        headings: table.headings,
        rows: table.rows,
        span: { file, start: table.start, end: table.end },
        problems: [],
      }),
    ),
    headings,
  });
}

/** The delimiter with which some line of the beginning holds headings of connections; the one that finds the most. */
export function csvDelimiter(text: string): Delimiter | undefined {
  const lines = text.slice(0, 20_000).split('\n', 100);
  let best: Delimiter | undefined;
  let most = 0;
  for (const delimiter of [',', ';', '\t'] as const) {
    for (const line of lines) {
      const cells = line.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
      if (cells.length <= most || !isConnectionHeader(cells)) continue;
      best = delimiter;
      most = cells.length;
    }
  }
  return best;
}

function recordsOf(file: SourceFile, delimiter: Delimiter): Result<readonly CsvRecord[]> {
  try {
    const records = parse(file.text, {
      delimiter,
      info: true,
      raw: true,
      relaxColumnCount: true,
      skipEmptyLines: false,
      maxRecordSize: 1_000_000,
    }) as unknown as readonly CsvRecord[];
    return success(records);
  } catch (error) {
    return failure(syntaxError(file, error as CsvError & Partial<Info>));
  }
}

function syntaxError(
  file: SourceFile,
  error: { code?: string; message: string; lines?: number },
): Diagnostic {
  const line = Math.max(error.lines ?? 1, 1);
  let start = 0;
  for (let n = 1; n < line; n++) {
    const next = file.text.indexOf('\n', start);
    if (next < 0) break;
    start = next + 1;
  }
  const unclosed = error.code === 'CSV_QUOTE_NOT_CLOSED';
  return {
    severity: 'error',
    code: 'csv-syntax',
    message: unclosed
      ? 'A quotation mark is never closed; the last value begins before this line.'
      : 'These separated values cannot be read.',
    span: { file, start, end: start + 1 },
    expected: 'values in which a quotation mark encloses the whole value, and stands twice inside of it',
    help: `The parser says: ${error.code ?? 'unknown'}.`,
  };
}

function cellsOf(
  file: SourceFile,
  from: number,
  raw: string,
  record: readonly string[],
  delimiter: string,
): DocumentCell[] {
  const places = valuePlaces(raw, delimiter);
  return record.map((value, i) => {
    const parts = noParts();
    for (const [n, line] of value.split(/\r?\n/).entries()) {
      if (n > 0) addLine(parts);
      addText(parts, line);
    }
    const [start, end] = places[i] ?? [0, 0];
    return makeCell(file, from + start, from + end, value, parts);
  });
}

/** Where the values of a record stand in its text. */
function valuePlaces(raw: string, delimiter: string): (readonly [number, number])[] {
  const text = raw.replace(/\r?\n$/, '');
  const places: (readonly [number, number])[] = [];
  let quoted = false;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === '"') quoted = !quoted;
    if (at < text.length && (quoted || text[at] !== delimiter)) continue;
    places.push([start, at]);
    start = at + 1;
  }
  return places;
}
