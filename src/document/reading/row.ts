import type { DocumentCell, DocumentRow, DocumentTable } from '../document.ts';
import type { PartiesReading, PortTerm, RowCells, RowContext } from './model.ts';
import { readParties } from './row-parties.ts';
import { type PortGroup, readRowPorts } from './row-ports.ts';
import type { PartyName } from './parties.ts';
import { type LevelWord, readNeed, readPermission } from './words.ts';

/** One directed connection that a row is taken to mean. */
export interface ConnectionReading extends PortGroup {
  readonly source: PartyName;
  readonly destination: PartyName;
}

/** What a row is taken to mean, and what of that is a guess. */
export interface RowReading {
  /** At least one. */
  readonly connections: readonly ConnectionReading[];
  readonly sourcePorts: readonly PortTerm[];
  readonly level: LevelWord;
  readonly loopback: boolean;
  /** Each connection stands for its twin the other way too. */
  readonly bidirectional: boolean;
  /** Each guess, and each cell that could not be read, as a sentence. */
  readonly review: readonly string[];
  /** False where no port of the row could be read. */
  readonly portsRead: boolean;
}

/** Words that forbid, wherever they stand in a cell. */
const DENIAL =
  /\b(?:den(?:y|ied|ies)|block(?:ed|s)?|forbid(?:den|s)?|prohibit(?:ed|s)?|disallow(?:ed)?|reject(?:ed|s)?|closed|(?:not|never|no longer) (?:be )?(?:allowed|permitted|open(?:ed)?|reachable|exposed|accessible)|(?:must|should|may) not)\b/i;

/** Longer cells are prose; they are kept, and not read. */
const LONGEST_CELL = 2000;

/** Reads a row. */
export function readRow(
  row: DocumentRow,
  context: RowContext,
): { reading: RowReading; parties: PartiesReading } {
  const cells = cellsOf(row, context.table);
  const parties = readParties(cells, context);
  const ports = readRowPorts(cells);
  const level = readLevel(cells);
  const connections = parties.sources.flatMap((source) =>
    parties.destinations.flatMap((destination) =>
      ports.groups.map((group) => ({ source, destination, ...group })),
    ),
  );
  const review = [
    ...marks(row, context.table),
    ...parties.review,
    ...ports.review,
    ...level.review,
    ...(level.level === 'prohibited' ? [] : denials(cells)),
  ];
  const { loopback, bidirectional } = parties;
  const { sourcePorts, read: portsRead } = ports;
  return {
    reading: { connections, sourcePorts, level: level.level, loopback, bidirectional, review, portsRead },
    parties,
  };
}

function cellsOf(row: DocumentRow, table: DocumentTable): RowCells {
  const all = table.columns.map(({ heading, meaning }, i) => {
    const text = row.cells[i]?.text ?? '';
    return { heading, meaning, text: text.length > LONGEST_CELL ? text.slice(0, LONGEST_CELL) : text };
  });
  return { all, of: (kind) => all.filter(({ meaning }) => meaning.kind === kind) };
}

/** What a cell carries beside its text, in columns that say what the connection is. */
function marks(row: DocumentRow, table: DocumentTable): string[] {
  const found: string[] = [];
  if (row.absent > 0)
    found.push(
      `The row has ${table.columns.length - row.absent} cells and the table ${table.columns.length} headings; the cells at its end are taken to be empty.`,
    );
  for (const [i, { heading, meaning }] of table.columns.entries()) {
    const cell = row.cells[i] as DocumentCell;
    if (meaning.kind === 'description') continue;
    if (cell.footnotes.length > 0)
      found.push(
        `A footnote (${cell.footnotes.join(', ')}) says more about \`${heading}\`; it was not read.`,
      );
    if (cell.struck) found.push(`A part of \`${heading}\` is struck out; it was left out.`);
    if (cell.text.length > LONGEST_CELL) found.push(`The cell \`${heading}\` is too long to be read.`);
  }
  return found;
}

/** `TCP (DENY)`, `must be blocked`: a row that forbids, in a place where nobody reads it, must not come in as one that allows. */
function denials({ all }: RowCells): string[] {
  return all.flatMap(({ heading, meaning, text }) => {
    if (meaning.kind === 'permission' || meaning.kind === 'required') return [];
    const word = DENIAL.exec(text)?.[0];
    return word === undefined
      ? []
      : [
          `\`${word}\` under \`${heading}\` may say that the connection is not to be open; the row is read as one that allows it.`,
        ];
  });
}

function readLevel(cells: RowCells): { level: LevelWord; review: readonly string[] } {
  const review: string[] = [];
  const levels = new Set<LevelWord>();
  for (const { text, heading } of [...cells.of('permission')]) {
    const level = /^(?:no|n|✗|✘|❌)$/iu.test(text) ? 'prohibited' : readPermission(text);
    if (level !== undefined) levels.add(level);
    if (text !== '' && (level === undefined || /^(?:no|n|✗|✘|❌)$/iu.test(text)))
      review.push(`\`${text}\` under \`${heading}\` is read as ${level ?? 'required'}.`);
  }
  for (const { text, heading } of cells.of('required')) {
    const level = readNeed(text, heading);
    if (level !== undefined) levels.add(level);
    else if (text !== '') {
      levels.add('optional');
      review.push(`\`${text}\` under \`${heading}\` is a condition that was not read; the row is optional.`);
    }
  }
  const level =
    (['prohibited', 'optional', 'required'] as const).find((one) => levels.has(one)) ?? 'required';
  return { level, review };
}
