import type { Party, ResolvedBaseline } from '../baseline/model.ts';
import { ALL, type Node, NONE } from '../packet/diagram.ts';
import { partyAddresses } from './parties.ts';
import type { FamilyView } from './view.ts';

/**
 * The packets of a direction that some baseline closes: what of them no row documents is excess. At a firewall between
 * zones that is what goes to the roles behind it, what comes from them, and what has no end among them, each as far as the
 * baseline closes it.
 */
export function judgedPackets(
  view: FamilyView,
  baselines: readonly ResolvedBaseline[],
  direction: 'in' | 'out' | 'forward',
): Node {
  return view.diagram.orAll(
    baselines.map((baseline) =>
      direction === 'forward' && baseline.behind !== undefined
        ? crossing(view, baseline)
        : baseline.closed[direction]
          ? ALL
          : NONE,
    ),
  );
}

function crossing(view: FamilyView, { behind = [], closed }: ResolvedBaseline): Node {
  const { diagram } = view;
  const ends = behind.map((one) => ({
    ...one,
    to: endNode(view, one.party, 'dst'),
    from: endNode(view, one.party, 'src'),
  }));
  // Who stands behind the firewall is not known: what goes to them cannot be told from the rest.
  if (ends.some(({ to }) => to === undefined) && closed.forward) return ALL;
  // Between machines of one role nothing tells whether the firewall is on the way: that is judged where what they open is.
  const inward = diagram.orAll(
    ends.flatMap(({ in: closedIn, to = NONE, from = NONE }) =>
      closedIn ? diagram.difference(to, from) : [],
    ),
  );
  const outward = diagram.orAll(ends.flatMap((end) => (end.out ? (end.from ?? NONE) : [])));
  const touching = diagram.orAll(ends.flatMap((end) => [end.to ?? NONE, end.from ?? NONE]));
  const between = closed.forward ? diagram.difference(ALL, touching) : NONE;
  return diagram.orAll([inward, outward, between]);
}

/** Packets with the party at one end; undefined where nothing tells them. */
function endNode(view: FamilyView, party: Party, field: 'src' | 'dst'): Node | undefined {
  const addresses = partyAddresses(view.ruleset, party, view.family);
  if (addresses !== undefined) return view.field(field, addresses);
  if (party.interfaces.length === 0) return undefined;
  return view.named(field === 'src' ? 'in' : 'out', party.interfaces);
}
