import { type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import { inSeveral } from '../../packet/relations.ts';
import type { Stopped } from '../half-open/way.ts';
import { type Moved, movedOnLoopback, unmovedOnLoopback } from './loopback.ts';
import type { FamilyView } from '../view/view.ts';

/** A later packet of loopback connections, and the first packets of these. */
export interface Rest {
  readonly what: Stopped['what'];
  readonly state: ConnectionState;
  readonly first: Node;
  /** The mark of their connections; undefined: nobody knows. */
  readonly mark: number | undefined;
  /** What rules made of the first packets' destination: their replies leave from there. */
  readonly destination?: Moved['destination'];
  /** The first packets may go another way as well. */
  readonly isChance?: boolean;
}

/**
 * Replies apart by what rules made of their first packets' destination. They leave from there: where connections are translated on
 * their way out, replies are in nat's postrouting (net/netfilter/nf_nat_core.c, nf_nat_packet).
 */
export function byDestination(view: FamilyView, rest: Rest): readonly Rest[] {
  const { diagram } = view;
  const meeting = movedOnLoopback(view).filter(({ packets }) => diagram.and(rest.first, packets) !== NONE);
  if (rest.state !== 'established' || meeting.length === 0) return [rest];
  const moved = meeting.map(({ packets }) => packets);
  const twice = inSeveral(diagram, [unmovedOnLoopback(view), ...moved]);
  const all = diagram.orAll(moved);
  const parts = [
    { ...rest, first: diagram.difference(rest.first, all) },
    ...meeting.map(({ packets, destination }) => ({
      ...rest,
      first: diagram.and(rest.first, packets),
      destination,
    })),
  ];
  return [
    ...parts.map((part) => ({ ...part, first: diagram.difference(part.first, twice) })),
    ...[{ ...rest, isChance: true }, ...parts.slice(1).map((part) => ({ ...part, isChance: true }))].map(
      (part) => ({ ...part, first: diagram.and(part.first, twice) }),
    ),
  ].filter(({ first }) => first !== NONE);
}
