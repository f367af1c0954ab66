import type { Element, ElementContent, Nodes } from 'hast';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { SourceFile, Span } from '../text/source.ts';
import { makeCell } from './cell.ts';
import type { DocumentCell } from './document.ts';
import { htmlText } from './html-text.ts';
import { repeatTallCells } from './merged-rows.ts';
import { collapse, type RawRow, type RawTable } from './raw-table.ts';
import type { RestoredText } from './restore.ts';

/** A `<table>` with its rows; those of tables in its cells are not its own. */
export function readHtmlTable(table: Element, file: SourceFile, restored: RestoredText): RawTable {
  const place = (node: Element): Span => {
    const start = node.position?.start.offset ?? 0;
    return {
      file,
      start: restored.original(start),
      end: restored.original(node.position?.end.offset ?? start),
    };
  };
  const problems: Diagnostic[] = [];
  if (!/<\/table\s*>$/i.test(sourceOf(table, restored).slice(-200))) problems.push(unclosed(place(table)));
  const rows = partsOf(table).flatMap((part, i) =>
    readPart(part, { isFirst: i === 0, place, problems, read: (cell) => readCell(cell, file, restored) }),
  );
  const filled = rows.filter(({ cells }) => cells.length > 0);
  const [header, ...body] = filled;
  for (const row of body) if (row.head) problems.push(secondHeader(row.span));
  const caption = captionOf(table);
  return {
    headings: header?.cells ?? [],
    rows: body.map(plainRow),
    span: place(table),
    ...(caption === '' ? {} : { caption }),
    problems,
  };
}

interface PartReading {
  /** It has the row of headings. */
  readonly isFirst: boolean;
  readonly place: (node: Element) => Span;
  readonly problems: Diagnostic[];
  readonly read: (cell: Element) => DocumentCell;
}

/** The rows of one part of a table, without those that have no cells of their own. */
function readPart(
  { rows, head }: TablePart,
  { isFirst, place, problems, read }: PartReading,
): (RawRow & { readonly head: boolean })[] {
  const own = rows.map((row) => row.children.flatMap((child) => element(child, 'td', 'th')));
  const headings = isFirst ? own.find((cells) => cells.length > 0) : undefined;
  const tall = own.map((cells) =>
    cells.map((cell) => {
      const merged = mergedCell(cell, place(cell), cells === headings);
      if (merged !== undefined) problems.push(merged);
      if (containsTable(cell)) problems.push(nestedTable(place(cell)));
      return { cell: read(cell), rows: merged === undefined ? Number(cell.properties.rowSpan ?? 1) : 1 };
    }),
  );
  return repeatTallCells(tall).flatMap((cells, i) => {
    const [row, cellsOfIt] = [rows[i] as Element, own[i] as Element[]];
    if (cells === undefined) problems.push(misfit(place(row)));
    if (cellsOfIt.length === 0) return [];
    const isHead = head || cellsOfIt.every((cell) => cell.tagName === 'th');
    return [{ cells: cells ?? [], span: place(row), head: isHead }];
  });
}

function captionOf(table: Element): string {
  const [caption] = table.children.flatMap((child) => element(child, 'caption'));
  return caption === undefined ? '' : collapse(htmlText(caption.children).lines.join(' '));
}

const plainRow = ({ cells, span }: RawRow): RawRow => ({ cells, span });

/** The node where it is an element of one of these names, in a list. */
function element(node: Nodes, ...names: readonly string[]): Element[] {
  return node.type === 'element' && names.includes(node.tagName) ? [node] : [];
}

interface TablePart {
  readonly rows: readonly Element[];
  readonly head: boolean;
}

/** `<thead>`, `<tbody>` and `<tfoot>`; a row in none of them, which a parser puts into one, is a part by itself. */
function partsOf(table: Element): TablePart[] {
  const parts = table.children.flatMap((part): TablePart[] => [
    ...element(part, 'tr').map((row) => ({ rows: [row], head: false })),
    ...element(part, 'thead', 'tbody', 'tfoot').map(({ tagName, children }) => ({
      rows: children.flatMap((row) => element(row, 'tr')),
      head: tagName === 'thead',
    })),
  ]);
  return parts.filter(({ rows }) => rows.length > 0);
}

function sourceOf(node: Element, restored: RestoredText): string {
  const start = node.position?.start.offset ?? 0;
  return restored.text.slice(start, node.position?.end.offset ?? start);
}

/** A cell's source is what stands between its tags. */
function readCell(cell: Element, file: SourceFile, restored: RestoredText): DocumentCell {
  const from = cell.position?.start.offset ?? 0;
  const whole = sourceOf(cell, restored);
  const opening = /^<[a-z]+(?:[^>"']|"[^"]*"|'[^']*')*>/i.exec(whole)?.[0].length ?? 0;
  const inner = whole.slice(opening).replace(/<\/t[dh]\s*>$/i, '');
  const start = restored.original(from + opening);
  return makeCell(file, start, start + inner.length, inner, htmlText(cell.children));
}

function containsTable(cell: Element): boolean {
  const waiting: ElementContent[] = [...cell.children];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.type !== 'element') continue;
    if (node.tagName === 'table') return true;
    for (const child of node.children) waiting.push(child);
  }
  return false;
}

/** `rowspan` of ordinary rows is a number of rows to repeat a cell in; what else is merged may mean one thing or another. */
function mergedCell(cell: Element, span: Span, isHeading: boolean): Diagnostic | undefined {
  const attribute = (['rowSpan', 'colSpan'] as const).find((name) => {
    const value = cell.properties[name];
    if (value === undefined || value === null || Number(value) === 1) return false;
    return name === 'colSpan' || isHeading || !(Number.isInteger(Number(value)) && Number(value) > 0);
  });
  if (attribute === undefined) return undefined;
  return {
    severity: 'error',
    code: 'merged-cell',
    message: `This cell is merged with others (\`${attribute.toLowerCase()}="${String(cell.properties[attribute]).slice(0, 20)}"\`).`,
    span,
    expected: 'a table in which every row has one cell for each heading',
    help: 'Save the table with the cell repeated in each row and column that it stands for.',
  };
}

function misfit(span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 'merged-cell',
    message: 'This row has too few cells to reach the one that stands for several rows (`rowspan`).',
    span,
    expected: 'a table in which every row has one cell for each heading',
    help: 'Save the table with the cell repeated in each row that it stands for.',
  };
}

function nestedTable(span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 'nested-table',
    message: 'There is a table in this cell.',
    span,
    expected: 'a text',
    help: 'Save the inner table as one of its own.',
  };
}

function secondHeader(span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 'second-header',
    message: 'A second row of headings stands here.',
    span,
    expected: 'one row of headings',
    help: 'Save the table as two, or with one heading for each column.',
  };
}

function unclosed(span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 'unclosed-table',
    message: 'This table has no end: rows of it may be lost.',
    span,
    expected: '`</table>`',
    help: 'Save the whole page.',
  };
}

/**
 * What a browser moves out of a table because it stands between its cells (WHATWG HTML, 13.2.6.1, foster parenting).
 * Whoever reads only cells would lose it.
 */
export class Displaced {
  private readonly places: number[] = [];
  private sorted: readonly number[] | undefined;

  /** Notes a node outside of tables; a text by its end too, as what is moved joins the text that stands before the table. */
  note(node: Nodes): void {
    const { start, end } = node.position ?? {};
    if (start?.offset === undefined || node.type === 'root' || node.type === 'comment') return;
    if (node.type === 'text' && node.value.trim() === '') return;
    this.places.push(start.offset);
    if (node.type === 'text') this.places.push((end?.offset ?? start.offset + 1) - 1);
  }

  /** The table, with the problem that something of it stands elsewhere where that is so. Call after all notes. */
  check(table: RawTable, restored: RestoredText): RawTable {
    const { start, end, file } = table.span;
    this.sorted ??= this.places.map((offset) => restored.original(offset)).sort((a, b) => a - b);
    const at = this.sorted[firstAbove(this.sorted, start)];
    if (at === undefined || at >= end) return table;
    const problem: Diagnostic = {
      severity: 'error',
      code: 'displaced-content',
      message: 'This stands in a table but in none of its cells.',
      span: { file, start: at, end: Math.min(at + 1, end) },
      expected: '`<td>` or `</td>` before it',
      help: 'The HTML is broken here; correct it, or save the page from a browser.',
    };
    return { ...table, problems: [...table.problems, problem] };
  }
}

/** The index of the first number above `limit` in a sorted list. */
function firstAbove(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
