import { documentDigest } from '../baseline/digest.ts';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import type { Document, DocumentRow, DocumentTable } from './document.ts';
import { Names } from './draft-names.ts';
import { meaningOf, type Parameters } from './draft-row.ts';
import { ownParty } from './own-party.ts';
import type { PartiesReading } from './reading/model.ts';
import { readRow, type RowReading } from './reading/row.ts';

/** What the user may say about a draft. */
export interface DraftOptions {
  /** The baseline's id, in kebab-case. */
  readonly id?: string;
  readonly title?: string;
  /** Digests of lines outside of tables, as the baseline's `lines` carries them. */
  readonly lines?: readonly string[];
}

/** A draft as the plain values of a baseline's YAML (schemas/baseline.schema.json), in the order in which they are written. */
export interface Draft {
  readonly values: Readonly<Record<string, unknown>>;
  readonly rows: number;
  /** Rows with a `review` mark. */
  readonly marked: number;
}

type Values = Record<string, unknown>;

/**
 * A draft baseline: every row of every table of connections, its cells as written, and what they are taken to mean. Each
 * guess is told under `review`. A table none of whose ports can be read is an error.
 */
export function draftOf(document: Document, options: DraftOptions = {}): Result<Draft> {
  const names = new Names();
  const title = options.title ?? document.title ?? fileName(document.source.path);
  const own = ownParty(document.tables);
  const parameters: Parameters = new Map();
  const tables: Values = {};
  const rows: Values[] = [];
  const problems: Diagnostic[] = [];
  for (const table of document.tables) {
    const id = names.table(titleOf(table));
    tables[id] = tableValues(table);
    const readings = readRows(table, own);
    if (readings.every(({ portsRead }) => !portsRead)) problems.push(unreadablePorts(table));
    for (const [i, reading] of readings.entries()) {
      const row = table.rows[i] as DocumentRow;
      rows.push(rowValues(id, table, row, reading, names, parameters));
    }
  }
  if (problems.length > 0) return failure(...problems);
  const marked = rows.filter((row) => row.review !== undefined).length;
  const values = {
    version: 1,
    id: options.id ?? names.slug(title, 'draft'),
    title,
    document: {
      title: document.title ?? title,
      sha256: documentDigest(document.tables.flatMap((table) => table.rows.map(({ digest }) => digest))),
    },
    review: documentReview(document),
    closed: { in: true, out: false, forward: false },
    roles: names.roleValues(),
    ...(parameters.size === 0 ? {} : { parameters: Object.fromEntries(parameters) }),
    tables,
    ...(options.lines === undefined ? {} : { lines: options.lines }),
    rows,
  };
  return success({ values, rows: rows.length, marked });
}

function fileName(path: string): string {
  const name = path.split(/[/\\]/).at(-1) ?? '';
  return name.replace(/\.[a-z0-9]{1,8}$/i, '').trim() || 'Draft';
}

function readRows(table: DocumentTable, own: ReturnType<typeof ownParty>): RowReading[] {
  let above: PartiesReading | undefined;
  return table.rows.map((row) => {
    const read = readRow(row, { table, own, ...(above === undefined ? {} : { above }) });
    above = read.parties;
    return read.reading;
  });
}

const titleOf = ({ title, index }: DocumentTable): string => title || `Table ${index}`;

function tableValues(table: DocumentTable): Values {
  const section = table.sections.at(-1);
  return {
    title: titleOf(table),
    ...(section === undefined ? {} : { section }),
    index: table.index,
    columns: table.columns.map(({ heading }) => heading),
  };
}

function rowValues(
  tableId: string,
  table: DocumentTable,
  row: DocumentRow,
  reading: RowReading,
  names: Names,
  parameters: Parameters,
): Values {
  const cells = Object.fromEntries(
    table.columns.map(({ heading }, i) => [heading, row.cells[i]?.verbatim ?? '']),
  );
  const id = names.row(reading);
  const meaning = meaningOf(id, reading, names, parameters);
  const review = [...new Set([...reading.review, ...meaning.review])];
  return {
    id,
    table: tableId,
    row: row.number,
    cells,
    digest: row.digest,
    ...(review.length === 0 ? {} : { review }),
    ...meaning.values,
  };
}

/** What holds for the document as a whole and cannot be read from a table. */
function documentReview(document: Document): string[] {
  const review = [
    'Does the document list everything that comes in, goes out and passes through? The draft says so for what comes in only, under `closed`.',
  ];
  const at = (offset: number): number => document.source.position(offset).line;
  for (const { headings, span } of document.others)
    review.push(
      `The table on line ${at(span.start)} (${clip(headings.join(' | '))}) is none of connections and was left out.`,
    );
  if (document.loose.length > 0) {
    const lines = document.loose.slice(0, 20).map(({ start }) => at(start));
    const more = document.loose.length - lines.length;
    review.push(
      `Lines outside of tables look like connections and were not read: ${lines.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
    );
  }
  return review;
}

const clip = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 79)}…`);

function unreadablePorts(table: DocumentTable): Diagnostic {
  const column = table.columns.findIndex(({ meaning }) => meaning.kind === 'port');
  const cell = table.rows[0]?.cells[Math.max(column, 0)];
  const found = clip(cell?.text.replaceAll('\n', ' ') ?? '');
  return {
    severity: 'error',
    code: 'unreadable-ports',
    message:
      column < 0
        ? 'No port can be read from this table: it has no column of ports.'
        : `No port can be read from this table; the first cell of its ports is \`${found}\`.`,
    span: cell?.span ?? table.span,
    expected: 'cells such as `443`, `80, 443`, `7800-7802`, `123/NTP` or `any`',
    help: 'Correct the cells in a copy of the document, or write the baseline by hand (docs/adding-a-baseline.md).',
  };
}
