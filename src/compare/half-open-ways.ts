import { type Node, NONE } from '../packet/diagram.ts';
import type { ConnectionState } from '../packet/packet.ts';
import type { Flow } from '../symbolic/summary.ts';
import type { Changed } from '../symbolic/scope.ts';
import { byConnectionMark, type Marking, remarksIt } from './connection-mark.ts';
import {
  answeredBy,
  early,
  lostAnswers,
  markedByReplies,
  replies,
  reply,
  unseenAnswers,
} from './half-open-replies.ts';
import { bySource, type FromSource, readdressed } from './half-open-sources.ts';
import { third } from './half-open-third.ts';
import { asksFlagsAlone, byUnknownReply, changeOf, keptOut, type Way } from './half-open-way.ts';
import { byItsZone } from './half-open-zones.ts';
import type { FlowHook } from './hook-view.ts';
import { ACK, DATA, type FamilyView, SYN_ACK } from './view.ts';

/** A way with what becomes of its connections. */
export function followed(
  view: FamilyView,
  way: Way,
  flows: readonly Flow[],
  notrack: boolean,
  [hook, back]: readonly [FlowHook, FlowHook],
  moved: Flow | undefined,
): Way {
  const hooks = [hook, back] as const;
  if (!notrack) {
    const tracked = (to: Way, packets: Node): void =>
      inStates(view, to, [[packets, 'established']], flows, hooks, moved);
    byItsZone(view, way, flows, hooks, moved, tracked);
    return way;
  }
  const unknown = byUnknownReply(view, way.first);
  const parts = [[unknown.invalid, 'invalid'] as const, [unknown.new, 'new'] as const];
  inStates(view, way, parts, flows, hooks, moved);
  return way;
}

/** What becomes of connections to whose replies conntrack gives the states. */
function inStates(
  view: FamilyView,
  way: Way,
  parts: readonly (readonly [Node, ConnectionState])[],
  flows: readonly Flow[],
  [hook, back]: readonly [FlowHook, FlowHook],
  moved: Flow | undefined,
): void {
  const { diagram } = view;
  const tcp = view.field('protocol', [6, 6]);
  for (const [packets, state] of parts) {
    if (packets === NONE) continue;
    const alike =
      state === 'established' ? bySource(view, [hook, back], packets) : [{ packets, source: undefined }];
    for (const part of alike) replies(view, way, part, flows, [hook, back], state, moved);
    // What becomes of replies to another source is known by then.
    const asked = diagram.orAll(
      alike.filter(({ source }) => source === undefined).map((part) => part.packets),
    );
    const unseen = state === 'established' ? unseenAnswers(view, asked, [hook, back], moved) : NONE;
    if (moved !== undefined) lostAnswers(view, way, unseen, back, moved);
    const seen = diagram.difference(packets, unseen);
    const marked =
      state === 'established'
        ? laterMarks(view, flows, seen, [hook, back], moved)
        : [{ packets: seen, mark: undefined }];
    for (const one of marked)
      if (state === 'established') third(view, way, one.packets, hook, state, moved, one.mark);
      else third(view, way, one.packets, hook, 'new', moved, undefined, true);
    third(view, way, diagram.and(unseen, tcp), hook, 'invalid', moved);
    third(view, way, diagram.difference(unseen, tcp), hook, 'new', moved);
    for (const part of alike) {
      const going = diagram.difference(view.all(seen, part.packets, tcp), way.definite);
      dataBack(view, way, { ...part, packets: going }, state, [hook, back], moved);
    }
  }
}

/**
 * What comes back behind the handshake of TCP. Where no packet of the side that began is seen, it is the first that conntrack takes for
 * one of a connection (see {@link halfOpen}); else the ACK has begun one.
 */
function dataBack(
  view: FamilyView,
  way: Way,
  { packets, source }: FromSource,
  state: ConnectionState,
  hooks: readonly [FlowHook, FlowHook],
  moved: Flow | undefined,
): void {
  const { diagram } = view;
  const follow = (some: Node, as: 'established' | 'new'): void => {
    if (some === NONE) return;
    const one = { packets: some, mark: undefined };
    reply(view, way, one, answeredBy(view, some, moved), hooks, as, moved, source, DATA_BACK);
  };
  if (state === 'established') {
    // It meets the rules that the SYN-ACK has met, but for those that ask for flags.
    if (!asksFlagsAlone(view)) return;
    follow(packets, 'established');
    if (source !== undefined) early(view, way, { packets, source }, hooks, moved, DATA_BACK);
    return;
  }
  const analysis = view.analysis(hooks[0], 'new', ACK, true, changeOf(moved));
  const acks = analysis.pass(diagram.and(analysis.entry(), packets)).accept;
  const unseen = diagram.and(packets, keptOut(diagram, acks));
  follow(unseen, 'new');
  follow(diagram.difference(packets, unseen), 'established');
}

const DATA_BACK = { what: 'data that comes back', tcpFlags: DATA } as const;

/** First packets by the mark that their connection has when the third packet comes. */
function laterMarks(
  view: FamilyView,
  flows: readonly Flow[],
  seen: Node,
  hooks: readonly [FlowHook, FlowHook],
  moved: Flow | undefined,
): readonly Marking[] {
  const [hook, back] = hooks;
  const first = byConnectionMark(view, hook, flows, seen, moved);
  if (!remarks(view, back, changeOf(moved))) return first;
  const elsewhere = readdressed(view, hook, seen).may !== NONE;
  return first.flatMap((one) => markedByReplies(view, one, hooks, moved, elsewhere));
}

/** Whether rules may give the connection another mark because of a reply. */
function remarks(view: FamilyView, back: FlowHook, changed: Changed): boolean {
  const analysis = view.analysis(back, 'established', SYN_ACK, false, changed);
  if (!analysis.surroundings.usesConnectionMark) return false;
  return analysis.pass(analysis.entry()).accept.some(remarksIt);
}
