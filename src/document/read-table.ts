import { rowDigest } from '../baseline/digest.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { absentCell } from './cell.ts';
import type { ColumnMeaning, DocumentColumn, DocumentRow, DocumentTable } from './document.ts';
import { columnMeaning, type Likelihood, tableLikelihood } from './headings.ts';
import type { RawRow, RawTable } from './raw-table.ts';

/** Whether a line's cells are, by themselves, the headings of a table of connections. */
export function isConnectionHeader(cells: readonly string[]): boolean {
  if (cells.length < 2 || cells.length > MOST_COLUMNS) return false;
  return tableLikelihood(cells.map((cell) => columnMeaning(cell.replace(/[*_`]/g, '')))) === 'connections';
}

/** Tables of connections have a dozen columns; more than this is something else, or an attack. */
export const MOST_COLUMNS = 200;

/** Whether a table is one of connections: by its headings, and where they leave it open by its cells. */
export function isConnectionTable(table: RawTable): boolean {
  if (table.headings.length > MOST_COLUMNS) return false;
  const meanings = table.headings.map(({ text }) => columnMeaning(text));
  const likelihood: Likelihood = tableLikelihood(meanings);
  if (likelihood !== 'perhaps') return likelihood === 'connections';
  const ports = meanings.flatMap(({ kind }, i) => (kind === 'port' ? [i] : []));
  const texts = table.rows.flatMap(({ cells }) => ports.map((i) => cells[i]?.text ?? ''));
  // A list of a switch's sockets numbers them from 1; a list of TCP ports goes beyond.
  return texts.some((text) => (text.match(/\d{2,5}/g) ?? []).some((port) => Number(port) <= 65535));
}

/** A table of connections as it is handed on, and what is wrong with it. */
export function readTable(
  raw: RawTable,
  context: Pick<DocumentTable, 'index' | 'title' | 'sections' | 'preamble'>,
): { table: DocumentTable; problems: readonly Diagnostic[] } {
  const columns = columnsOf(raw);
  const headings = raw.headings.map(({ text }) => text).join('\n');
  // Long tables repeat their headings; such a row is no connection.
  const data = raw.rows.filter(({ cells }) => cells.map(({ text }) => text).join('\n') !== headings);
  const problems = [...raw.problems, ...data.flatMap((row) => tooWide(row, columns.length))];
  if (data.length === 0) problems.push(noRows(raw));
  const rows = data.map((row, i) => readRow(row, i + 1, columns.length));
  return { table: { ...context, columns, rows, span: raw.span }, problems };
}

function columnsOf({ headings }: RawTable): DocumentColumn[] {
  const taken = new Set<string>();
  return headings.map(({ text, span }, i) => {
    const plain = text.replaceAll('\n', ' ') || `Column ${i + 1}`;
    let heading = plain;
    for (let n = 2; taken.has(heading); n++) heading = `${plain} (${n})`;
    taken.add(heading);
    const meaning: ColumnMeaning = columnMeaning(text);
    return { heading, meaning, span };
  });
}

function readRow(raw: RawRow, number: number, width: number): DocumentRow {
  const absent = Math.max(0, width - raw.cells.length);
  const cells = [...raw.cells.slice(0, width), ...Array.from({ length: absent }, () => absentCell(raw.span))];
  return { number, cells, absent, digest: rowDigest(cells.map(({ verbatim }) => verbatim)), span: raw.span };
}

function tooWide(row: RawRow, width: number): Diagnostic[] {
  const extra = row.cells.slice(width).find(({ verbatim }) => verbatim !== '');
  if (extra === undefined) return [];
  return [
    {
      severity: 'error',
      code: 'row-width',
      message: `This row has ${row.cells.length} cells, and the table ${width} headings.`,
      span: extra.span,
      expected: 'one cell for each heading',
      help: 'A bar or a separator inside of a cell must be escaped or quoted.',
    },
  ];
}

function noRows(raw: RawTable): Diagnostic {
  return {
    severity: 'error',
    code: 'empty-table',
    message: 'This table of connections has headings and no row.',
    span: raw.span,
    expected: 'at least one row',
    help: 'Where the page fills the table by a script, save it from a browser.',
  };
}
