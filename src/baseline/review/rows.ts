import { type Ranges, union } from '../../packet/ranges.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Baseline, Connection, Row } from '../baseline.ts';

/** A connection as its row is written, before any reading, with what the review compares. */
export interface Written {
  readonly baseline: Baseline;
  readonly row: Row;
  readonly connection: Connection;
  /** Destination ports, parameters by their defaults and choices by all their options; undefined where they are not known. */
  readonly ports: Ranges | undefined;
}

/** Every connection of the baseline as written, in the document's order. */
export function writtenConnections(baseline: Baseline): Written[] {
  return baseline.rows.flatMap((row) => {
    const connections =
      row.written.length > 0 ? row.written : row.connections.filter(({ because }) => !because);
    return connections.map((connection) => ({
      baseline,
      row,
      connection,
      ports: knownPorts(baseline, connection),
    }));
  });
}

function knownPorts(baseline: Baseline, { ports }: Connection): Ranges | undefined {
  if (ports === undefined) return undefined;
  let all: Ranges = [];
  for (const term of ports) {
    if (term.kind === 'ports') all = union(all, term.ports);
    else if (term.kind === 'choice') for (const option of term.options) all = union(all, option);
    else {
      const value = baseline.parameters.get(term.name)?.default;
      if (value === undefined) return undefined;
      all = union(all, value);
    }
  }
  return all;
}

/** Whether the table is a list beside the document's tables: it has no columns. */
export function isList({ baseline, row }: Pick<Written, 'baseline' | 'row'>): boolean {
  return row.table === undefined || baseline.tables.get(row.table)?.columns === undefined;
}

/** A row in words: its id, its place and its cells as they are written. */
export function quote(row: Row): string {
  return `\`${row.id}\` (${row.document.row}: “${row.document.text}”)`;
}

/** A warning about a row. */
export function remark(code: string, row: Row, message: string, help: string): Diagnostic {
  return { severity: 'warning', code, message, span: row.origin, help };
}

/** A text as names are compared: letters and digits only, lower case. */
export function plain(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}
