import { type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import { boundsOf, usualPackets, visibleOf } from '../../symbolic/bounds.ts';
import { openedFor, translatesDestinations } from '../excess/undenied.ts';
import type { HookView } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/** What decides whether packets come in that a rule translates, where the host's addresses are not known. */
export const TRANSLATED_TO_HOST =
  'whether the translated destination is an address of the host, which `ip -j addr` tells';

/** What decides whether packets come in that a rule translates to one of several addresses, of which the host has some. */
export const TAKES_OWN = 'whether the translation takes an address of the host or another';

/** Packets of a hook of which nothing but the host's addresses tells whether they go there, as they usually are. */
export function sentWhereNobodyKnows({ diagram }: FamilyView, { unsure }: HookView): Node {
  return unsure === NONE ? NONE : visibleOf(diagram, unsure, usualPackets(diagram));
}

/** Of packets those that would surely come in if the translated destination were the host's. */
export function passingIfItIsTheHost(view: FamilyView, input: HookView, packets: Node): Node {
  const { diagram } = view;
  const unknown = diagram.and(packets, sentWhereNobodyKnows(view, input));
  return unknown === NONE ? NONE : diagram.and(unknown, boundsOf(diagram, input.passage).must);
}

/**
 * Closed packets that rules surely translate to an address which nobody gives the host: it is forward that lets them pass (own-ways.ts).
 * What may stay as it was comes to the host itself, and stops there.
 */
export function sentToNobodysAddress(view: FamilyView, state: ConnectionState, packets: Node): Node {
  const { ruleset, diagram } = view;
  if (ruleset.host !== undefined || state !== 'new' || !translatesDestinations(ruleset)) return NONE;
  const opened = openedFor(view);
  const input = opened.hook('input', state);
  const sent = diagram.and(packets, sentWhereNobodyKnows(opened, input));
  return sent === NONE ? NONE : diagram.difference(sent, input.plain.bounds.may);
}
