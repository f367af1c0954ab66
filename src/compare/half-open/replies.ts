import { toDestination } from '../rows/translated-parts.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import type { Analysis } from '../../symbolic/analysis.ts';
import { boundsOf, unmarkedPackets, visible, visibleOf } from '../../symbolic/bounds.ts';
import { byDestination, redirectAddress } from '../../symbolic/translation/redirect.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import type { Translation } from '../../symbolic/translation/transform.ts';
import { byConnectionMark, divided, type Marking, markLeft } from './connection-mark.ts';
import { astrayApart } from './astray.ts';
import { arriving, byEachAddress, hasSeveral } from './arriving.ts';
import { behindTranslation, type FromSource, telling } from './sources.ts';
import {
  add,
  changeOf,
  chooses,
  concernsBoxesOnly,
  keptOut,
  note,
  takesEverything,
  takesOneOf,
  type Way,
} from './way.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { answeredFrom, leavingAs, mayBeRerouted } from './rerouted.ts';
import { fromTheirLinks } from '../addresses/links.ts';
import { mirrored, translatedSet } from './mirror.ts';
import { type FamilyView, SYN_ACK } from '../view/view.ts';

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
  const isRouted = moved !== undefined && hook === 'forward';
  const usual = isRouted ? diagram.and(replies, fromTheirLinks(view)) : replies;
  const { accept } = analysis.pass(usual);
  const kept = keptOut(diagram, accept);
  const unseen = firstOf(view, came, packets, moved, kept);
  if (!isRouted || unseen === NONE) return unseen;
  const tracked = accept.filter(({ transform }) => !transform.notrack).map(({ set }) => set);
  const seen = diagram.difference(visible(diagram, diagram.orAll(tracked)), kept);
  return diagram.difference(unseen, firstOf(view, came, packets, moved, seen));
}

/** First packets as those have them that answer: with the destination of a translation. */
export function answeredBy(view: FamilyView, packets: Node, moved: Flow | undefined): Node {
  const leaving = moved === undefined ? packets : view.diagram.and(packets, visible(view.diagram, moved.set));
  const destination = moved?.transform.destination;
  if (destination === undefined) return packets;
  if (destination.address?.kind !== 'local') return translatedSet(view, leaving, destination, true);
  const { diagram, family, ruleset } = view;
  const link = byDestination(diagram, family, (ofLink) => (ofLink ? ALL : NONE));
  // REDIRECT gives one address of the interface by which they come.
  const redirected = ([false, true] as const).map((ofLink): Node => {
    const some = ofLink ? diagram.and(leaving, link) : diagram.difference(leaving, link);
    const given = redirectAddress(diagram, 'dst', { hook: 'input', family }, ruleset.host, false, ofLink);
    return some === NONE
      ? NONE
      : diagram.and(translatedSet(view, some, destination, true), visible(diagram, given));
  });
  return diagram.orAll(redirected);
}

/** Replies to first packets whose source rules translate alike. */
export function replies(
  view: FamilyView,
  way: Way,
  { packets, source }: Partial<FromSource> & Pick<FromSource, 'packets'>,
  flows: readonly Flow[],
  hooks: readonly [FlowHook, FlowHook],
  state: ConnectionState,
  moved: Flow | undefined,
): void {
  // Its reply comes in by the interface by which it left.
  const answered = answeredBy(view, packets, moved);
  const marked: readonly Marking[] =
    state === 'established'
      ? byConnectionMark(view, hooks[0], flows, packets, moved)
      : [{ packets, mark: undefined }];
  for (const one of marked)
    reply(view, way, one, moved === undefined ? one.packets : answered, hooks, state, moved, source);
  if (source !== undefined) early(view, way, { packets, source }, hooks, moved);
}

/** What is sent back where it arrives, before a translation gives it its destination back. */
export function early(
  view: FamilyView,
  way: Way,
  { packets: first, source }: FromSource & { readonly source: Translation },
  [came, hook]: readonly [FlowHook, FlowHook],
  moved: Flow | undefined,
  { what, tcpFlags }: Answer = FIRST_ANSWER,
): void {
  const { diagram } = view;
  const changed = changeOf(moved);
  const answers = mirrored(view, answeredBy(view, first, moved));
  const at = { hook, tcpFlags };
  const { stopped, doubtful, asTheyArrive, failing } = arriving(view, answers, source, at, changed);
  const back = (packets: Node): Node => firstOf(view, came, first, moved, packets);
  add(view, way, back(stopped), back(doubtful));
  const where = { what, hook, state: 'established', tcpFlags, changed } as const;
  const isChosen = takesOneOf(source) || hasSeveral(view, source) ? ({ choice: true } as const) : {};
  const shown = (packets: Node, arrived: Node): Node =>
    packets === NONE ? NONE : diagram.and(arrived, view.project(packets, ['dst', 'dport']));
  note(way, { ...where, ...isChosen }, shown(stopped, asTheyArrive), shown(doubtful, failing));
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

/** First packets that are answered so. */
export function firstOf(
  view: FamilyView,
  came: FlowHook,
  first: Node,
  moved: Flow | undefined,
  answers: Node,
): Node {
  if (answers === NONE) return NONE;
  if (moved === undefined) return answeredFrom(view, came, first, answers);
  return view.diagram.and(first, arrivedAs(view, came, moved, mirrored(view, answers)));
}

/** A packet that is sent back: the first one, or what comes behind the handshake of TCP. */
export interface Answer {
  readonly what: 'reply' | 'data that comes back';
  readonly tcpFlags: number;
}

/** The answer to the first packet. */
export const FIRST_ANSWER: Answer = { what: 'reply', tcpFlags: SYN_ACK };

/** The reply leaves by the interface through which the first packet came, and the other way round. */
export function reply(
  view: FamilyView,
  result: Way,
  { packets: first, mark }: Marking,
  arriving: Node,
  [came, hook]: readonly [FlowHook, FlowHook],
  state: ConnectionState,
  moved: Flow | undefined,
  source: Translation | undefined,
  { what, tcpFlags }: Answer = FIRST_ANSWER,
): void {
  const { diagram } = view;
  const changed = changeOf(moved);
  const seen = source === undefined ? view : behindTranslation(view);
  const begins = state === 'new';
  const analysis = (begins ? telling(seen) : seen).analysis(hook, state, tcpFlags, false, changed);
  if (!begins && takesEverything(analysis) && concernsBoxesOnly(view, arriving)) return;
  const answers = leavingAs(view, came, moved, arriving);
  const marked = mark === undefined ? ALL : view.field('ctmark', [mark, mark]);
  const entry = diagram.and(analysis.entry(), diagram.and(answers, marked));
  const passage = analysis.pass(entry);
  const astray = begins ? astrayApart(view, hook, passage) : undefined;
  const { must, may } = boundsOf(diagram, astray ?? passage);
  const all = visible(diagram, view.project(diagram.and(answers, entry), ['state']));
  const known = hook === 'forward' ? diagram.and(all, view.offLoopback('in')) : all;
  // Which interface a translated packet leaves by only the host's routes tell: one that works both ways is enough.
  const unknown: readonly DiagramField[] = hook === 'forward' ? ['in'] : ['src'];
  const some = (packets: Node): Node =>
    moved === undefined ? packets : view.project(diagram.and(packets, known), unknown);
  const sure =
    moved === undefined || hook === 'forward' ? some(must) : byEachAddress(view, moved, must, some(must));
  const stopped = diagram.difference(known, some(may));
  const doubtful = diagram.difference(diagram.and(known, some(may)), some(must));
  const byAddress = diagram.difference(diagram.and(known, some(must)), sure);
  // Routes that nobody gives may bring them in by another interface than that of their link.
  const usual = moved !== undefined && hook === 'forward' ? diagram.and(must, fromTheirLinks(view)) : must;
  const back = (packets: Node): Node => firstOf(view, came, first, moved, packets);
  const stops = back(stopped);
  // A translation that takes one of several addresses or ports may take one from which replies pass.
  const isChosen =
    stops !== NONE && (moved === undefined ? mayBeRerouted(view, came, first) : chooses(moved));
  const surely = isChosen ? diagram.difference(stops, back(diagram.difference(known, stopped))) : stops;
  const routed = diagram.difference(diagram.and(known, some(must)), some(usual));
  add(view, result, surely, diagram.orAll([back(doubtful), back(byAddress), back(routed), stops]));
  const where = {
    what,
    hook,
    state,
    tcpFlags,
    changed,
    ...(source === undefined ? {} : { behindTranslation: true as const }),
  } as const;
  const isChance = astray?.isChance === true ? ({ choice: true } as const) : {};
  const why = moved === undefined ? ({ routed: true } as const) : ({ choice: true } as const);
  if (surely !== stops) note(result, { ...where, ...why }, NONE, diagram.and(stopped, marked));
  note(result, where, surely === NONE ? NONE : diagram.and(stopped, marked), NONE);
  note(result, { ...where, ...isChance }, NONE, diagram.and(doubtful, marked));
  note(result, { ...where, choice: true }, NONE, diagram.and(byAddress, marked));
  note(result, { ...where, routed: true }, NONE, diagram.and(routed, marked));
}

/** First packets of a flow, as they arrive, that are in the set once their destination is translated. */
function arrivedAs(view: FamilyView, hook: FlowHook, { transform, set }: Flow, translated: Node): Node {
  const { diagram } = view;
  const { destination } = transform;
  const before = view.hook(hook, 'new').analysis.pre(translated, toDestination(destination));
  return view.project(visible(diagram, diagram.and(set, before)), hook === 'forward' ? ['out'] : []);
}
