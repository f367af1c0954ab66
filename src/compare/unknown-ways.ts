import type { ResolvedHost } from '../baseline/model.ts';
import { type Node, NONE } from '../packet/diagram.ts';
import { GROUP_DESTINATIONS } from '../packet/packet.ts';
import { usualPackets, visibleOf } from '../symbolic/bounds.ts';
import { type Flow, isTranslated } from '../symbolic/summary.ts';
import { hostAddresses } from './parties.ts';
import type { FamilyView, HookView } from './view.ts';

/** What decides whether packets come in that a rule translates, where the host's addresses are not known. */
export const TRANSLATED_TO_HOST =
  'whether the translated destination is an address of the host, which `ip -j addr` tells';

/**
 * Packets of the input hook that a rule translates to a certain address, which may be the host's or another machine's: only its
 * addresses tell, and nobody gave them. Addresses that the deployment gives the host are its own.
 */
export function sentWhereNobodyKnows(view: FamilyView, host: ResolvedHost, input: HookView): Node {
  const { diagram, ruleset, family } = view;
  const moved = input.passage.accept.filter(isTranslated);
  if (ruleset.host !== undefined || moved.length === 0) return NONE;
  const own = hostAddresses(ruleset, host.own, family) ?? [];
  const here = diagram.or(view.field('dst', own), view.field('dst', GROUP_DESTINATIONS[family]));
  const others = diagram.not(here);
  const sets = moved
    .filter(isToAnAddress)
    .map(({ set, transform }) => diagram.and(set, input.analysis.pre(others, transform)));
  return visibleOf(diagram, diagram.orAll(sets), usualPackets(diagram));
}

/** A redirection is the host's, and what gets another port alone stays where it was sent. */
function isToAnAddress({ transform: { destination } }: Flow): boolean {
  return destination?.address !== undefined && destination.address.kind !== 'local';
}

/** Of packets those that would surely come in if the translated destination were the host's. */
export function passingIfItIsTheHost(
  view: FamilyView,
  host: ResolvedHost,
  input: HookView,
  packets: Node,
): Node {
  return view.all(packets, input.bounds.must, sentWhereNobodyKnows(view, host, input));
}
