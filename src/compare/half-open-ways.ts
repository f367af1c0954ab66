import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import type { ConnectionState } from '../packet/packet.ts';
import type { Passage } from '../symbolic/analysis.ts';
import { boundsOf, translatedBounds, visible } from '../symbolic/bounds.ts';
import type { Flow } from '../symbolic/summary.ts';
import { byConnectionMark } from './connection-mark.ts';
import { lostAnswers, replies, unseenAnswers } from './half-open-replies.ts';
import { bySource } from './half-open-sources.ts';
import {
  add,
  changeOf,
  chooses,
  concernsBoxesOnly,
  note,
  takesEverything,
  type Way,
} from './half-open-way.ts';
import type { FlowHook } from './hook-view.ts';
import { ACK, type FamilyView, SYN_ACK } from './view.ts';

/** A way with what becomes of its connections. */
export function followed(
  view: FamilyView,
  way: Way,
  flows: readonly Flow[],
  notrack: boolean,
  [hook, back]: readonly [FlowHook, FlowHook],
  moved: Flow | undefined,
): Way {
  const { diagram } = view;
  const tcp = view.field('protocol', [6, 6]);
  const parts: readonly [Node, ConnectionState][] = notrack
    ? [
        [diagram.and(way.first, tcp), 'invalid'],
        [diagram.difference(way.first, tcp), 'new'],
      ]
    : [[way.first, 'established']];
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
  return way;
}

/** Whether rules may give the connection another mark because of a reply. */
function remarks(view: FamilyView, back: FlowHook): boolean {
  const analysis = view.analysis(back, 'established', SYN_ACK, false, 'no');
  if (!analysis.surroundings.usesConnectionMark) return false;
  return analysis
    .pass(analysis.entry())
    .accept.some(({ transform }) => transform.ctmark !== undefined || transform.forgotten.has('ctmark'));
}

function third(
  view: FamilyView,
  result: Way,
  first: Node,
  hook: FlowHook,
  state: ConnectionState,
  moved: Flow | undefined,
  mark?: number,
): void {
  const { diagram } = view;
  if (first === NONE) return;
  const untranslated = moved === undefined;
  const analysis = view.analysis(hook, state, ACK, true, changeOf(moved));
  if (state !== 'new' && takesEverything(analysis) && concernsBoxesOnly(view, first)) return;
  const marked = mark === undefined ? ALL : view.field('ctmark', [mark, mark]);
  const entry = diagram.and(analysis.entry(), marked);
  const passage = analysis.pass(diagram.and(entry, first));
  const { must, may } = untranslated
    ? boundsOf(diagram, state === 'new' ? untranslatedOnly(diagram, passage) : passage)
    : translatedBounds(diagram, passage);
  // Of a packet that a rule sends on nobody knows the interface: one is enough.
  const some = (packets: Node): Node => {
    if (untranslated) return packets;
    return hook === 'forward' ? view.sentOn(packets) : view.project(packets, ['out']);
  };
  const whole = diagram.and(first, some(visible(diagram, entry)));
  const stopped = diagram.difference(whole, some(may));
  const doubtful = diagram.difference(diagram.and(whole, some(may)), some(must));
  add(view, result, stopped, doubtful);
  const where = { what: 'third packet', hook, state, tcpFlags: ACK, changed: changeOf(moved) } as const;
  const shown = moved !== undefined && chooses(moved) ? { ...where, choice: true as const } : where;
  note(result, shown, diagram.and(stopped, marked), diagram.and(doubtful, marked));
}

/** A later packet that nat chains send elsewhere does not reach whom the first one reached. */
function untranslatedOnly(
  diagram: Diagram,
  { accept, deny }: Pick<Passage, 'accept' | 'deny'>,
): Pick<Passage, 'accept' | 'deny'> {
  const isMoved = ({ transform }: Flow): boolean => transform.destination !== undefined;
  const moved = accept.filter(isMoved).map(({ set }) => set);
  return { accept: accept.filter((flow) => !isMoved(flow)), deny: diagram.orAll([deny, ...moved]) };
}
