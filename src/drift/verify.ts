import type { Baseline, Row } from '../baseline/baseline.ts';
import type { Document, DocumentRow, DocumentTable } from '../document/document.ts';
import { align, textLikeness } from './align.ts';
import { htmlLines } from '../document/html-lines.ts';
import { documentLines, type DocumentLine, lineDigest } from './lines.ts';
import { matchTables } from './tables.ts';

/** A row of the page of today, and where it stands. */
export interface Found {
  readonly table: DocumentTable;
  readonly row: DocumentRow;
}

/** A cell that reads otherwise today. `from` is undefined where the baseline does not carry the cell's text. */
export interface CellChange {
  readonly column: string;
  readonly from?: string;
  readonly to?: string;
}

/** A row of the baseline that the page of today has otherwise. */
export interface RowChange {
  readonly row: Row;
  readonly found: Found;
  readonly cells: readonly CellChange[];
}

/** What the page of today has that the baseline has not, and the other way round. */
export interface Drift {
  readonly unchanged: number;
  readonly added: readonly Found[];
  readonly removed: readonly Row[];
  readonly changed: readonly RowChange[];
  /** Rows that stand word for word in another table. */
  readonly moved: readonly (readonly [Row, Found])[];
  /** Rows of which the baseline carries no digest: their notes could not be compared. */
  readonly withoutDigest: readonly Row[];
  /** Lines outside the tables; undefined where the baseline does not say which there were. */
  readonly lines: { readonly added: readonly DocumentLine[]; readonly removed: number } | undefined;
}

/** Whether anything differs. */
export function hasDrift({ added, removed, changed, moved, lines }: Drift): boolean {
  const rows = added.length + removed.length + changed.length + moved.length;
  return rows > 0 || (lines !== undefined && lines.added.length + lines.removed > 0);
}

/** Compares a baseline's rows with the page of today: rows by their digests, changed ones cell by cell. */
export function compareWithDocument(baseline: Baseline, document: Document): Drift {
  const tabled = baseline.rows.filter(
    (row) => row.table !== undefined && baseline.tables.get(row.table)?.columns !== undefined,
  );
  const listed = baseline.rows.filter((row) => !tabled.includes(row));
  const inTables = compareTables(tabled, document);
  const text = shownText(document);
  const gone = listed.filter((row) => !stands(row, text));
  return {
    ...inTables,
    unchanged: inTables.unchanged + listed.length - gone.length,
    removed: [...inTables.removed, ...gone],
    lines: baseline.lines && compareLines(baseline.lines, documentLines(document)),
  };
}

type TableDrift = Omit<Drift, 'lines'>;

function compareTables(rows: readonly Row[], document: Document): TableDrift {
  const parts = matchTables(rows, document.tables).map(({ rows: own, table }) => compareTable(own, table));
  const removed = parts.flatMap((part) => part.removed);
  const added = parts.flatMap((part) => part.added);
  const moved = align(removed, added, { before: keyOfRow, after: ({ row }) => row.digest }, () => 0).same;
  const [left, come] = [new Set(moved.map(([row]) => row)), new Set(moved.map(([, found]) => found))];
  return {
    unchanged: parts.reduce((sum, { unchanged }) => sum + unchanged, 0),
    added: added.filter((found) => !come.has(found)),
    removed: removed.filter((row) => !left.has(row)),
    changed: parts.flatMap((part) => part.changed),
    moved,
    withoutDigest: rows.filter(({ digest }) => digest === undefined),
  };
}

interface TablePart {
  readonly unchanged: number;
  readonly added: readonly Found[];
  readonly removed: readonly Row[];
  readonly changed: readonly RowChange[];
}

/** One of the two may have no counterpart. */
function compareTable(rows: readonly Row[], table: DocumentTable | undefined): TablePart {
  if (table === undefined) return { unchanged: 0, added: [], removed: rows, changed: [] };
  const found = table.rows.map((row): Found => ({ table, row }));
  const aligned = align(rows, found, keysFor(rows, table), rowLikeness);
  const pairs = [...aligned.same, ...aligned.changed];
  const changed = pairs.map(([row, one]): RowChange => ({ row, found: one, cells: changedCells(row, one) }));
  // A digest that fits says that the row is the same; cells that somebody changed in the baseline do not fit the page.
  const differing = changed.filter(
    ({ row, found: one, cells }) => row.digest !== one.row.digest || cells.length > 0,
  );
  const real = differing.filter(({ row, cells }) => row.digest !== undefined || cells.length > 0);
  return {
    unchanged: pairs.length - real.length,
    added: aligned.added,
    removed: aligned.removed,
    changed: real,
  };
}

const keyOfRow = ({ digest, id }: Row): string => digest ?? `row ${id}`;

interface Keys {
  readonly before: (row: Row) => string;
  readonly after: (found: Found) => string;
}

/** Rows are known by their digests; where a baseline has none, by the cells that it carries. */
function keysFor(rows: readonly Row[], table: DocumentTable): Keys {
  const carried = new Set(rows.flatMap(({ cells }) => Object.keys(cells)));
  const columns = table.columns.flatMap(({ heading }, at) => (carried.has(heading) ? [{ heading, at }] : []));
  const before = (row: Row): string =>
    row.digest ?? JSON.stringify(columns.map(({ heading }) => row.cells[heading] ?? ''));
  const bare = new Set(rows.filter(({ digest }) => digest === undefined).map(before));
  const after = ({ row }: Found): string => {
    const key = bare.size === 0 ? '' : JSON.stringify(columns.map(({ at }) => row.cells[at]?.verbatim ?? ''));
    return bare.has(key) ? key : row.digest;
  };
  return { before, after };
}

/** The share of the carried cells that are equal, or nearly. */
function rowLikeness(row: Row, { table, row: found }: Found): number {
  const cells = Object.entries(row.cells);
  const scores = cells.map(([heading, text]) => {
    const at = table.columns.findIndex((column) => column.heading === heading);
    return at < 0 ? 0 : textLikeness(text, found.cells[at]?.verbatim ?? '');
  });
  return scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
}

/**
 * Old and new text of each cell that differs; where all that the baseline carries is equal and the digest is not, the cells
 * that it does not carry.
 */
function changedCells(row: Row, { table, row: found }: Found): CellChange[] {
  const today = new Map(table.columns.map(({ heading }, i) => [heading, found.cells[i]?.verbatim ?? '']));
  const changes = Object.entries(row.cells).flatMap(([column, from]): CellChange[] => {
    const to = today.get(column);
    if (to === from) return [];
    return [to === undefined ? { column, from } : { column, from, to }];
  });
  if (changes.length > 0 || row.digest === undefined || row.digest === found.digest) return changes;
  return [...today]
    .filter(([column]) => row.cells[column] === undefined)
    .map(([column, to]) => ({ column, to }));
}

/** Whether a row of a list still stands in the text, every cell of it. */
function stands(row: Row, text: string): boolean {
  return Object.values(row.cells).every((cell) => standsWhole(collapsed(cell), text));
}

/** What would make a word or a list of numbers another one, if it stood beside it. */
const GOES_ON = { before: /(?:\w|\d\s*[,/–-]\s*)$/, after: /^(?:\w|\s*[,/–-]\s*\d)/ };

/** Whether the cell stands somewhere by itself, and not as part of a longer word or list of numbers. */
function standsWhole(cell: string, text: string): boolean {
  const [isWordFirst, isWordLast] = [/^\w/.test(cell), /\w$/.test(cell)];
  for (let at = text.indexOf(cell); at >= 0; at = text.indexOf(cell, at + 1)) {
    const before = text.slice(Math.max(0, at - REACH), at);
    const end = at + cell.length;
    const isPart =
      (isWordFirst && GOES_ON.before.test(before)) ||
      (isWordLast && GOES_ON.after.test(text.slice(end, end + REACH)));
    if (!isPart) return true;
  }
  return false;
}

/** How far beside a cell is looked: it is one separator and a digit. */
const REACH = 8;

/** The page's text, of an HTML page as a browser shows it. */
function shownText({ source, format }: Document): string {
  if (format !== 'html') return collapsed(source.text);
  return [...htmlLines(source.text)].map(({ text }) => text).join('\n');
}

const collapsed = (text: string): string => text.replace(/\s+/g, ' ').trim();

function compareLines(
  digests: readonly string[],
  lines: readonly DocumentLine[],
): NonNullable<Drift['lines']> {
  const left = new Map<string, number>();
  for (const digest of digests) left.set(digest, (left.get(digest) ?? 0) + 1);
  const added = lines.filter(({ text }) => {
    const digest = lineDigest(text);
    const count = left.get(digest) ?? 0;
    if (count === 0) return true;
    left.set(digest, count - 1);
    return false;
  });
  return { added, removed: [...left.values()].reduce((sum, count) => sum + count, 0) };
}
