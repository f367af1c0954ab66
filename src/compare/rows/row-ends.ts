import type { Party, ResolvedHost, ResolvedRow, RowDirection } from '../../baseline/model.ts';
import type { DiagramField } from '../../packet/layout.ts';
import type { InterfacePattern } from '../../rule/condition.ts';
import { kept } from '../../text/kept.ts';

/** Which end of a row is the host's, and on which interface the other end is reached. */
export interface Ends {
  readonly own: readonly ('src' | 'dst')[];
  readonly interfaces: readonly { readonly field: 'in' | 'out'; readonly party: Party }[];
}

/** The ends of a row. */
export function endsOf(row: ResolvedRow): Ends {
  switch (row.direction) {
    case 'in':
      return { own: ['dst'], interfaces: [{ field: 'in', party: row.source }] };
    case 'out':
      return { own: ['src'], interfaces: [{ field: 'out', party: row.destination }] };
    case 'forward':
      return {
        own: [],
        interfaces: [
          { field: 'in', party: row.source },
          { field: 'out', party: row.destination },
        ],
      };
    case 'loopback':
      return { own: ['src', 'dst'], interfaces: [] };
  }
}

/** Whether the field is the address of the host's own end. */
export function isOwn(field: DiagramField, own: Ends['own']): boolean {
  return (field === 'src' || field === 'dst') && own.includes(field);
}

/** The interfaces that rows of the direction bind somebody to on that side. */
export function boundInterfaces(
  host: ResolvedHost,
  field: 'in' | 'out',
  direction: RowDirection,
): readonly InterfacePattern[] {
  return kept(
    kept(BOUND, host, () => new Map()),
    `${field} ${direction}`,
    () => newBoundInterfaces(host, field, direction),
  );
}

/** Each row of a host asks. */
const BOUND = new WeakMap<ResolvedHost, Map<string, readonly InterfacePattern[]>>();

function newBoundInterfaces(
  host: ResolvedHost,
  field: 'in' | 'out',
  direction: RowDirection,
): readonly InterfacePattern[] {
  const rows = host.baselines.flatMap((baseline) => baseline.rows);
  return rows
    .filter((row) => row.direction === direction)
    .flatMap((row) => endsOf(row).interfaces)
    .filter((end) => end.field === field)
    .flatMap((end) => end.party.interfaces);
}
