import { type Node, NONE } from '../packet/diagram.ts';
import type { ConnectionState } from '../packet/packet.ts';
import type { Flow } from '../symbolic/summary.ts';
import { byConnectionMark } from './connection-mark.ts';
import { lostAnswers, replies, unseenAnswers } from './half-open-replies.ts';
import { bySource } from './half-open-sources.ts';
import { third } from './half-open-third.ts';
import { byUnknownReply, type Way } from './half-open-way.ts';
import { byItsZone } from './half-open-zones.ts';
import type { FlowHook } from './hook-view.ts';
import { type FamilyView, SYN_ACK } from './view.ts';

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
    const alike = state === 'established' ? bySource(view, hook, packets) : [{ packets, source: undefined }];
    for (const part of alike) replies(view, way, part, flows, [hook, back], state, moved);
    // What becomes of replies to another source is known by then.
    const asked = diagram.orAll(
      alike.filter(({ source }) => source === undefined).map((part) => part.packets),
    );
    const unseen = state === 'established' ? unseenAnswers(view, asked, [hook, back], moved) : NONE;
    if (moved !== undefined) lostAnswers(view, way, unseen, back, moved);
    const seen = diagram.difference(packets, unseen);
    const marked =
      moved !== undefined || state !== 'established' || remarks(view, back)
        ? [{ packets: seen, mark: undefined }]
        : byConnectionMark(view, hook, flows, seen);
    for (const one of marked)
      third(view, way, one.packets, hook, state === 'established' ? state : 'new', moved, one.mark);
    third(view, way, diagram.and(unseen, tcp), hook, 'invalid', moved);
    third(view, way, diagram.difference(unseen, tcp), hook, 'new', moved);
  }
}

/** Whether rules may give the connection another mark because of a reply. */
function remarks(view: FamilyView, back: FlowHook): boolean {
  const analysis = view.analysis(back, 'established', SYN_ACK, false, 'no');
  if (!analysis.surroundings.usesConnectionMark) return false;
  return analysis
    .pass(analysis.entry())
    .accept.some(({ transform }) => transform.ctmark !== undefined || transform.forgotten.has('ctmark'));
}
