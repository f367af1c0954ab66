import { intersection, union } from '../../packet/ranges.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { ANY, type Baseline } from '../baseline.ts';
import { formatPorts } from '../ports.ts';
import { groupBy } from '../../text/group-by.ts';
import { isList, quote, remark, type Written } from './rows.ts';

/** Rows that cannot all be right: against a prohibition, against one another's ports, against one another's levels. */
export function contradictions(written: readonly Written[]): Diagnostic[] {
  return [...prohibitions(written), ...portsOfLists(written), ...levels(written)];
}

function prohibitions(written: readonly Written[]): Diagnostic[] {
  const byEnd = groupBy(written, ({ connection }) => connection.destination);
  return [...byEnd.values()].flatMap((group) => {
    const forbidden = group.filter(({ connection }) => connection.level === 'prohibited');
    const asked = group.filter(({ connection }) => connection.level !== 'prohibited');
    return forbidden.flatMap((ban) =>
      asked
        .filter((one) => meets(ban.connection.source, one.connection.source) && overlap(ban, one))
        .map((one) =>
          remark(
            'contradiction',
            one.row,
            `What ${quote(one.row)} asks for, ${quote(ban.row)} forbids.`,
            'Both are kept, and a host that opens it has the finding `documents-disagree` or `prohibited-open`. Decide with a `reading`.',
          ),
        ),
    );
  });
}

/** A party may be part of everybody; what the Internet shares with a site's role is not known here. */
const meets = (a: string, b: string): boolean => a === b || a === ANY || b === ANY;

function overlap(a: Written, b: Written): boolean {
  if (!a.connection.protocols.some((protocol) => b.connection.protocols.includes(protocol))) return false;
  if (a.ports === undefined || b.ports === undefined)
    return a.connection.ports === undefined || b.connection.ports === undefined;
  return intersection(a.ports, b.ports).length > 0;
}

/** A list beside the tables says for two parties other ports than a table or another list does, and neither has all. */
function portsOfLists(written: readonly Written[]): Diagnostic[] {
  const pairs = groupBy(
    written.filter(({ connection, ports }) => connection.level !== 'prohibited' && ports !== undefined),
    ({ connection: { source, destination, protocols } }) => `${source} ${destination} ${protocols}`,
  );
  return [...pairs.values()].flatMap((group) => {
    const tables = [...groupBy(group, ({ row }) => row.table ?? '').values()];
    return tables.flatMap((one, i) => tables.slice(i + 1).flatMap((other) => differing(one, other)));
  });
}

function differing(one: readonly Written[], other: readonly Written[]): Diagnostic[] {
  const [first, second] = [one[0], other[0]];
  if (first === undefined || second === undefined || !(isList(first) || isList(second))) return [];
  const [a, b] = [one, other].map((rows) =>
    rows.reduce((all, { ports = [] }) => union(all, ports), [] as readonly number[]),
  );
  if (a === undefined || b === undefined) return [];
  const common = String(intersection(a, b));
  if (common === String(a) || common === String(b)) return [];
  return [
    remark(
      'contradiction',
      second.row,
      `For ${first.connection.source} → ${first.connection.destination} one place has ${formatPorts(a)} and another ${formatPorts(b)}: ${quote(first.row)} and ${quote(second.row)}.`,
      'Both are kept. Ask the vendor which ports the product uses.',
    ),
  ];
}

/** One connection that one row requires and another leaves to the site. */
function levels(written: readonly Written[]): Diagnostic[] {
  const alike = groupBy(
    written.filter(({ connection }) => connection.level !== 'prohibited' && connection.ports !== undefined),
    ({ connection: { source, destination, features, cluster = '' } }) =>
      `${source} ${destination} ${features} ${cluster}`,
  );
  return [...alike.values()].flatMap((group) => {
    const required = group.filter(({ connection }) => connection.level === 'required');
    const optional = group.filter(({ connection }) => connection.level === 'optional');
    return optional.flatMap((one) => {
      const other = required.find((candidate) => candidate.row !== one.row && overlap(candidate, one));
      if (other === undefined) return [];
      return [
        remark(
          'contradiction',
          one.row,
          `${quote(other.row)} requires what ${quote(one.row)} calls optional.`,
          'The required row counts. Ask the vendor which is right.',
        ),
      ];
    });
  });
}

/** Lists beside the tables with connections that no table has. */
export function notInTables(baseline: Baseline, written: readonly Written[]): Diagnostic[] {
  if (![...baseline.tables.values()].some(({ columns }) => columns !== undefined)) return [];
  const matrix = written.filter((one) => !isList(one) && one.connection.level !== 'prohibited');
  const byPair = groupBy(matrix, pairOf);
  const lists = written.filter((one) => isList(one) && one.connection.level !== 'prohibited');
  return lists.flatMap((one) => {
    const same = (byPair.get(pairOf(one)) ?? []).filter(({ connection }) =>
      one.connection.protocols.every((protocol) => connection.protocols.includes(protocol)),
    );
    const covered = same.reduce((all, { ports = [] }) => union(all, ports), [] as readonly number[]);
    if (one.ports !== undefined && String(intersection(covered, one.ports)) === String(one.ports)) return [];
    const near = same[0] ?? matrix.find((row) => isNear(row, one));
    return [
      remark(
        'not-in-table',
        one.row,
        `A list has a connection that no table has, ${one.connection.source} → ${one.connection.destination} ${one.ports === undefined ? 'any port' : formatPorts(one.ports)}: ${quote(one.row)}${near === undefined ? '.' : `; the nearest row of a table is ${quote(near.row)}.`}`,
        'Both are kept. Ask the vendor whether the list or the table is complete.',
      ),
    ];
  });
}

const pairOf = ({ connection }: Written): string => `${connection.source} ${connection.destination}`;

function isNear(row: Written, one: Written): boolean {
  const ends = [row.connection.source, row.connection.destination];
  const shares = ends.includes(one.connection.source) || ends.includes(one.connection.destination);
  return shares && intersection(row.ports ?? [], one.ports ?? []).length > 0;
}
