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

interface CsvTable {
  readonly headings: readonly DocumentCell[];
  readonly rows: RawRow[];
  readonly start: number;
  end: number;
}

/**
 * The tables of a text with separated values (RFC 4180, also with semicolons and tabs): a table begins at a record that
 * holds headings of connections and ends at an empty line or before the next such record. What stands outside of
 * tables are headings.
 */
export function readCsv(file: SourceFile, delimiter: Delimiter): Result<RawDocument> {
  const records = recordsOf(file, delimiter);
  if (!records.ok) return records;
  const tables: CsvTable[] = [];
  const headings: RawHeading[] = [];
  let open: CsvTable | undefined;
  let start = 0;
  for (const { record, raw } of records.value) {
    const place = { start, end: start + raw.trimEnd().length };
    const texts = record.map((value) => value.trim());
    const cells = (): DocumentCell[] => cellsOf(file, place.start, raw, record, delimiter);
    start += raw.length;
    // In a text with a table of tabs, a line without any is text again.
    const alone = record.length === 1 && (open?.headings.length ?? 0) > 2;
    if (texts.every((text) => text === '')) open = undefined;
    else if (isConnectionHeader(texts)) {
      open = { headings: cells(), rows: [], ...place };
      tables.push(open);
    } else if (open === undefined || alone) {
      open = undefined;
      headings.push({ level: 1, text: texts.filter((text) => text !== '').join(' '), ...place });
    } else {
      open.rows.push({ cells: cells(), span: { file, ...place } });
      open.end = place.end;
    }
  }
  return success({ tables: tables.map((table) => rawTable(file, table)), headings });
}

function rawTable(file: SourceFile, { headings, rows, start, end }: CsvTable): RawTable {
  return { headings, rows, span: { file, start, end }, problems: [] };
}

/**
 * The delimiter with which some line of the beginning holds headings of connections, and the next one as many values; the one that
 * finds the most.
 */
export function csvDelimiter(text: string): Delimiter | undefined {
  const lines = text.slice(0, 20_000).split('\n', 100);
  let best: Delimiter | undefined;
  let most = 0;
  for (const delimiter of [',', ';', '\t'] as const) {
    for (const [i, line] of lines.entries()) {
      if (!(lines[i + 1] ?? delimiter).includes(delimiter)) continue;
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
      relaxQuotes: true,
      skipEmptyLines: false,
      maxRecordSize: 1_000_000,
    }) as unknown as readonly CsvRecord[];
    return success(records);
  } catch (error) {
    return failure(syntaxError(file, error as CsvError & Partial<Info>));
  }
}

function syntaxError(file: SourceFile, error: { code?: string; lines?: number }): Diagnostic {
  const unclosed = error.code === 'CSV_QUOTE_NOT_CLOSED';
  const start = unclosed ? lastQuote(file.text) : lineStart(file.text, error.lines ?? 1);
  return {
    severity: 'error',
    code: 'csv-syntax',
    message: unclosed
      ? 'This quotation mark is never closed.'
      : 'These separated values cannot be read; the mistake is on this line or before.',
    span: { file, start, end: start + 1 },
    expected: 'values in which a quotation mark encloses the whole value, and stands twice inside of it',
    ...(unclosed ? {} : { help: `The parser calls it ${error.code ?? 'unknown'}.` }),
  };
}

/** The quotation mark that opens the text's last quoted value. */
function lastQuote(text: string): number {
  let quoted = false;
  let opened = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    quoted = !quoted;
    if (quoted && text[at - 1] !== '"') opened = at;
  }
  return opened;
}

function lineStart(text: string, line: number): number {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const next = text.indexOf('\n', start);
    if (next < 0) break;
    start = next + 1;
  }
  return start;
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
