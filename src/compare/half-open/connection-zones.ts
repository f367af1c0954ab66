import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import type { ConnectionZone } from '../../rule/action.ts';
import { type Bounds, boundsBetween, usualPackets } from '../../symbolic/bounds.ts';
import type { Changed } from '../../symbolic/scope.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { asksFlags } from './way.ts';
import { ACK, DATA, type FamilyView, SYN, SYN_ACK } from '../view/view.ts';
import { zonesOf } from '../view/zone-views.ts';

/** First packets by the zone in which conntrack looks up what follows them. */
export interface ByZone {
  /** In that of their connection. */
  readonly alike: Node;
  /** Replies surely in another one: conntrack knows no connection of theirs. */
  readonly other: Node;
  /** Of these, what follows in their direction surely in that of their connection, and surely in that of the replies. */
  readonly onward: Node;
  readonly joined: Node;
  /** It is not known. */
  readonly unsure: Node;
  /** Of these, replies surely in that of their connection, and what follows in its direction not surely, where zones are for one direction. */
  readonly clashing: Node;
}

/** Packets as the fields of boxes tell them, that get a zone: surely, and perhaps. */
interface Zoned extends Bounds {
  readonly zone: ConnectionZone;
}

const NOWHERE = { other: NONE, onward: NONE, joined: NONE, unsure: NONE, clashing: NONE } as const;

type Which = readonly [hook: FlowHook, state: ConnectionState, tcpFlags: number, follow: boolean];

/** What a zone is in one direction; a rule for the other alone leaves it 0 (include/net/netfilter/nf_conntrack_zones.h, nf_ct_zone_id). */
function idIn(direction: 'original' | 'reply', { id, direction: own }: ConnectionZone): number | undefined {
  return own === 'both' || own === 'unknown' || own === direction ? id : 0;
}

/**
 * First packets by their zone and by that of what follows them. A reply belongs to the connection whose first packet's zone for replies
 * is that of the reply for replies, and a later packet to that with its zone for the original direction (nf_conntrack_core.c,
 * nf_ct_key_equal). Tried in the kernel.
 *
 * @param repliesTo the replies to first packets of the set
 * @param firstsOf first packets that such replies answer
 * @param readdressed whether a rule may give them another source, to which replies are sent
 * @param byEach whether each of the replies has to be in the zone, as nobody knows which of them comes
 * @param usual those of the replies of which one that has the zone is enough, where nobody knows the interface that brings them
 */
export function byZone(
  view: FamilyView,
  packets: Node,
  [hook, behind]: readonly [FlowHook, FlowHook],
  changed: Changed,
  answers: Node,
  firstsOf: (answers: Node) => Node,
  readdressed: boolean,
  byEach: boolean,
  usual = answers,
): ByZone {
  const { diagram } = view;
  if (zonesOf(view).views.length === 0) return { ...NOWHERE, alike: packets };
  const firsts = zoned(view, [hook, 'new', SYN, false], 'no');
  const answersWith = (tcpFlags: number): readonly Zoned[] =>
    zoned(view, [behind, 'established', tcpFlags, false], changed).map((one) =>
      readdressed ? wherever(view, one) : one,
    );
  const back = { usual, answers, firstsOf, byEach };
  const replies = answersWith(SYN_ACK);
  const { alike, perhaps } = likeReplies(view, packets, firsts, replies, back);
  const onward = (tcpFlags: number): Node =>
    diagram.orAll(sameOriginal(view, firsts, zoned(view, [hook, 'established', tcpFlags, true], changed)));
  const later = onward(ACK);
  // What no reply is known of is left to who asks for replies.
  const answered = diagram.and(packets, firstsOf(answers));
  const other = diagram.difference(answered, perhaps);
  const like = (same: Node): Node => diagram.or(same, diagram.not(answered));
  const sure = view.all(packets, like(alike), later);
  const withData = asksFlags(view)
    ? view.all(sure, like(likeReplies(view, sure, firsts, answersWith(DATA), back).alike), onward(DATA))
    : sure;
  const unsure = diagram.difference(packets, diagram.or(withData, other));
  const { isDirected } = zonesOf(view);
  const joined = isDirected
    ? NONE
    : withReplies(view, zoned(view, [hook, 'established', ACK, true], changed), replies, back);
  return {
    alike: withData,
    other,
    onward: diagram.and(other, later),
    joined: diagram.difference(diagram.and(other, joined), later),
    unsure,
    clashing: isDirected ? diagram.and(unsure, alike) : NONE,
  };
}

/** Replies, and how to come from them to the first packets; see byZone(). */
interface Back {
  readonly usual: Node;
  readonly answers: Node;
  readonly firstsOf: (answers: Node) => Node;
  readonly byEach: boolean;
}

/** First packets with replies in their zone: surely, and perhaps. */
function likeReplies(
  { diagram }: FamilyView,
  packets: Node,
  firsts: readonly Zoned[],
  replies: readonly Zoned[],
  { usual, answers, firstsOf, byEach }: Back,
): { readonly alike: Node; readonly perhaps: Node } {
  let [alike, perhaps]: [Node, Node] = [NONE, NONE];
  for (const first of firsts) {
    const id = idIn('reply', first.zone);
    const may = diagram.and(packets, first.may);
    if (may === NONE) continue;
    const same = replies.filter(({ zone }) => id !== undefined && idIn('reply', zone) === id);
    const maybe = replies.filter(
      ({ zone }) => id === undefined || [id, undefined].includes(idIn('reply', zone)),
    );
    const sure = diagram.and(usual, diagram.orAll(same.map(({ must }) => must)));
    const others = byEach ? firstsOf(diagram.difference(answers, sure)) : NONE;
    alike = diagram.or(alike, diagram.and(first.must, diagram.difference(firstsOf(sure), others)));
    const some = diagram.and(answers, diagram.orAll(maybe.map((one) => one.may)));
    perhaps = diagram.or(perhaps, diagram.and(may, firstsOf(some)));
  }
  return { alike, perhaps };
}

/** First packets with the same zone as those that follow them in their direction. */
function sameOriginal(view: FamilyView, firsts: readonly Zoned[], later: readonly Zoned[]): readonly Node[] {
  const original = (zone: ConnectionZone): string | undefined => {
    const id = idIn('original', zone);
    return id === undefined && zone.byEnds ? `by ends ${zone.direction}` : id?.toString();
  };
  return firsts.flatMap((first) =>
    later
      .filter(({ zone }) => original(zone) !== undefined && original(zone) === original(first.zone))
      .map(({ must }) => view.diagram.and(first.must, must)),
  );
}

/** First packets of which those that follow them in their direction are surely in the zone of the replies. */
function withReplies(
  { diagram }: FamilyView,
  later: readonly Zoned[],
  replies: readonly Zoned[],
  { answers, firstsOf }: Back,
): Node {
  const known = later.filter(({ zone }) => idIn('original', zone) !== undefined);
  return diagram.orAll(
    known.flatMap((one) =>
      replies
        .filter(({ zone }) => idIn('reply', zone) === idIn('original', one.zone))
        .map(({ must }) => diagram.and(one.must, firstsOf(diagram.and(answers, must)))),
    ),
  );
}

/** The packets by their zones, those without any too. */
function zoned(view: FamilyView, which: Which, changed: Changed): readonly Zoned[] {
  const { diagram } = view;
  const parts = zonesOf(view).views.map(({ zone, view: telling }): Zoned => {
    const analysis = telling.analysis(...which, changed);
    // Nobody marks packets before the host sees them; what its own rules mark the chains here tell.
    const entry = diagram.and(analysis.entry(), usualPackets(diagram));
    const { accept, deny } = analysis.pass(entry);
    // Routing may send elsewhere what no rule here gives a zone.
    const others = diagram.orAll([diagram.difference(entry, deny), ...accept.map(({ set }) => set)]);
    return { zone, ...boundsBetween(diagram, deny, others) };
  });
  const none: Zoned = {
    zone: { id: 0, direction: 'both' },
    must: diagram.not(diagram.orAll(parts.map(({ may }) => may))),
    may: diagram.not(diagram.orAll(parts.map(({ must }) => must))),
  };
  return [...parts, none];
}

/** The same where the packets may be sent to another address and port. */
function wherever(view: FamilyView, { zone, must, may }: Zoned): Zoned {
  const { diagram } = view;
  const somewhere = (set: Node): Node => (set === ALL ? ALL : view.project(set, ['dst', 'dport']));
  return { zone, must: diagram.not(somewhere(diagram.not(must))), may: somewhere(may) };
}
