import type { ResolvedRow } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { FamilyCheck } from '../view/family-check.ts';

/**
 * Closed packets as they are told: where one interface is enough, by those by which the row documents them. Whoever opened them
 * by an interface that is bound to another party would open what no row documents.
 *
 * @returns all of them, where some come by such interfaces alone (the host has no others, or a rule names no others)
 */
export function whereDocumented(
  { view, sets }: Pick<FamilyCheck, 'view' | 'sets'>,
  row: ResolvedRow,
  packets: Node,
): Node {
  const free = sets.freeFields(row).filter((field) => field === 'in' || field === 'out');
  if (free.length === 0) return packets;
  const { diagram } = view;
  const documented = diagram.and(packets, sets.documented(row));
  if (documented === packets || documented === NONE) return packets;
  const there = view.all(documented, ...free.map((field) => sets.existing(field)));
  return diagram.difference(packets, view.project(there, free)) === NONE ? documented : packets;
}

/** Of packets that a rule would open those for which it would do so by an interface that the host has: by others it helps nobody. */
export function byExisting(
  { view, sets }: Pick<FamilyCheck, 'view' | 'sets'>,
  row: ResolvedRow,
  packets: Node,
): Node {
  // What a host says to itself takes the loopback interface, which every host has.
  if (row.direction === 'loopback') return packets;
  const free = sets.freeFields(row).filter((field) => field === 'in' || field === 'out');
  const there = view.all(packets, ...free.map((field) => sets.existing(field)));
  return there === packets ? packets : view.diagram.and(packets, view.project(there, free));
}
