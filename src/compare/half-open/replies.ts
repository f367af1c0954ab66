import { type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import type { Analysis } from '../../symbolic/analysis.ts';
import { unmarkedPackets, visible, visibleOf } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { takesOneOf, type Translation } from '../../symbolic/translation/transform.ts';
import { byConnectionMark, divided, type Marking, markLeft } from './connection-mark.ts';
import { arriving, hasSeveral } from './arriving.ts';
import type { FromSource } from './sources.ts';
import { add, changeOf, keptOut, note, type Followed } from './way.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { leavingAs, mayComeByAny } from './rerouted.ts';
import { fromTheirLinks } from '../addresses/links.ts';
import { type FamilyView, SYN_ACK } from '../view/view.ts';

import { type Answer, answeredBy, FIRST_ANSWER, firstOf } from './answers.ts';
import { reply } from './reply.ts';
/**
 * First packets whose replies pass and are kept out of connection tracking, which then knows half of the connection: an ACK is invalid
 * to it (net/netfilter/nf_conntrack_proto_tcp.c, tcp_conntracks: from sSS to sIV), and what follows of UDP is new still. Tried in the
 * kernel.
 */
export function unseenAnswers(
  view: FamilyView,
  packets: Node,
  [came, hook]: readonly [FlowHook, FlowHook],
  moved: Flow | undefined,
): Node {
  const { diagram } = view;
  const analysis = view.analysis(hook, 'established', SYN_ACK, false, changeOf(moved));
  if (!analysis.surroundings.hasNotrack) return NONE;
  const answered = answeredBy(view, packets, moved);
  const replies = diagram.and(analysis.entry(), leavingAs(view, came, moved, answered));
  return unseenOf(view, [came, hook], packets, moved, analysis, replies);
}

/**
 * First packets whose answers are kept out of tracking. Which interface brings those of translated ones only the host's routes tell: that
 * of their link, where `ip -j addr` lists it, else one that is tracked is enough.
 */
export function unseenOf(
  view: FamilyView,
  [came, hook]: readonly [FlowHook, FlowHook],
  packets: Node,
  moved: Flow | undefined,
  analysis: Analysis,
  replies: Node,
): Node {
  const { diagram } = view;
  const isForwarded = moved !== undefined && hook === 'forward';
  const isRouted = isForwarded || mayComeByAny(view, came, moved);
  const usual = isForwarded ? diagram.and(replies, fromTheirLinks(view)) : replies;
  const { accept } = analysis.pass(usual);
  const kept = keptOut(diagram, accept);
  const unseen = firstOf(view, came, packets, moved, kept);
  if (!isRouted || unseen === NONE) return unseen;
  const tracked = accept.filter(({ transform }) => !transform.notrack).map(({ set }) => set);
  const seen = diagram.difference(visible(diagram, diagram.orAll(tracked)), kept);
  return diagram.difference(unseen, firstOf(view, came, packets, moved, seen));
}

/**
 * Counts connections of what the host sends whose answers are kept out of tracking where these come in by some interfaces, of which only the
 * host's routes tell the one.
 *
 * @param unseen first packets whose answers surely are
 */
export function unseenByRoute({ view, way, hooks, moved }: Followed, packets: Node, unseen: Node): void {
  const [came, hook] = hooks;
  if (!mayComeByAny(view, came, moved)) return;
  const changed = changeOf(moved);
  const analysis = view.analysis(hook, 'established', SYN_ACK, false, changed);
  if (!analysis.surroundings.hasNotrack) return;
  const replies = leavingAs(view, came, moved, answeredBy(view, packets, moved));
  const kept = keptOut(view.diagram, analysis.pass(view.diagram.and(analysis.entry(), replies)).accept);
  add(view, way, NONE, view.diagram.difference(firstOf(view, came, packets, moved, kept), unseen));
  const { what, tcpFlags } = FIRST_ANSWER;
  note(way, { what, hook, state: 'established', tcpFlags, changed, byAny: true }, NONE, kept);
}

/** Replies to first packets whose source rules translate alike. */
export function replies(
  followed: Followed,
  { packets, source }: Partial<FromSource> & Pick<FromSource, 'packets'>,
  flows: readonly Flow[],
  state: ConnectionState,
): void {
  const { view, hooks, moved } = followed;
  // Its reply comes in by the interface by which it left.
  const answered = answeredBy(view, packets, moved);
  const marked: readonly Marking[] =
    state === 'established'
      ? byConnectionMark(view, hooks[0], flows, packets, moved)
      : [{ packets, mark: undefined }];
  for (const one of marked)
    reply(followed, one, { state, source, arriving: moved === undefined ? one.packets : answered });
  if (source !== undefined) early(followed, { packets, source });
}

/** What is sent back where it arrives, before a translation gives it its destination back. */
export function early(
  { view, way, hooks: [came, hook], moved }: Followed,
  { packets: first, source }: FromSource & { readonly source: Translation },
  { what, tcpFlags }: Answer = FIRST_ANSWER,
): void {
  const { diagram } = view;
  const changed = changeOf(moved);
  const answers = leavingAs(view, came, moved, answeredBy(view, first, moved));
  const at = { hook, tcpFlags };
  const { stopped, doubtful, asTheyArrive, failing } = arriving(view, answers, source, at, changed);
  const back = (packets: Node): Node => firstOf(view, came, first, moved, packets);
  const stops = back(stopped);
  // By another interface, which only the host's routes tell, it may pass.
  const elsewhere = mayComeByAny(view, came, moved) ? back(diagram.difference(answers, stopped)) : NONE;
  const surely = diagram.difference(stops, elsewhere);
  add(view, way, surely, diagram.or(back(doubtful), stops));
  const where = { what, hook, state: 'established', tcpFlags, changed } as const;
  const isChosen = takesOneOf(source) || hasSeveral(view, source) ? ({ choice: true } as const) : {};
  const shown = (packets: Node, arrived: Node): Node =>
    packets === NONE ? NONE : diagram.and(arrived, view.project(packets, ['dst', 'dport']));
  const isSure = surely !== NONE || stops === NONE;
  note(
    way,
    { ...where, ...isChosen },
    isSure ? shown(stopped, asTheyArrive) : NONE,
    shown(doubtful, failing),
  );
  if (surely !== stops) note(way, { ...where, byAny: true }, NONE, shown(stopped, asTheyArrive));
}

/**
 * First packets by the mark that their connection has once its reply has gone, on whose way rules may give it another one.
 *
 * @param readdressed whether the replies may be sent to another address, which early chains see: then none may make a difference
 */
export function markedByReplies(
  view: FamilyView,
  { packets, mark }: Marking,
  [came, hook]: readonly [FlowHook, FlowHook],
  moved: Flow | undefined,
  readdressed: boolean,
  tcpFlags = SYN_ACK,
): readonly Marking[] {
  if (mark === undefined || packets === NONE) return [{ packets, mark }];
  const { diagram } = view;
  const analysis = view.analysis(hook, 'established', tcpFlags, false, changeOf(moved));
  const somewhere = (set: Node): Node => (readdressed ? view.project(set, ['dst', 'dport']) : set);
  const answers = somewhere(leavingAs(view, came, moved, answeredBy(view, packets, moved)));
  const { accept } = analysis.pass(view.all(analysis.entry(), answers, view.field('ctmark', [mark, mark])));
  const ways = accept.map(({ set, transform }): [number | undefined, Node] => {
    const replies = somewhere(visibleOf(diagram, set, unmarkedPackets(diagram)));
    return [markLeft(transform, mark), firstOf(view, came, packets, moved, replies)];
  });
  return divided(diagram, packets, ways);
}
