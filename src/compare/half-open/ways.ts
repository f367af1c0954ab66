import { type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import type { Changed } from '../../symbolic/scope.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { byConnectionMark, type Marking, remarksIt } from './connection-mark.ts';
import { type Course, data, unseenData, untrackedData } from './data.ts';
import { FIRST_ANSWER } from './answers.ts';
import { answeredDirectly } from './direct.ts';
import { lostAnswers, lostBySource, lostOnward } from './lost.ts';
import { markedByReplies, replies, unseenAnswers, unseenByRoute } from './replies.ts';
import { bySource, readdressed } from './sources.ts';
import { third } from './third.ts';
import { byUnknownReply, changeOf, SCTP, type Way, type Followed } from './way.ts';
import { byItsZone } from './zones.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { unseenAnswer } from './unseen.ts';
import { dataUnseen } from './unseen-data.ts';
import { type FamilyView, SYN_ACK } from '../view/view.ts';

/** A way with what becomes of its connections. */
export function followWay(
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
    if (hook === 'forward') answeredDirectly(view, way, moved);
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
  const followed: Followed = { view, way, hooks: [hook, back], moved };
  for (const [packets, state] of parts) {
    if (packets === NONE) continue;
    const alike =
      state === 'established'
        ? bySource(view, [hook, back], packets, moved)
        : [{ packets, source: undefined }];
    for (const part of alike) replies(followed, part, flows, state);
    // What becomes of replies to another source is known by then.
    const asked = diagram.orAll(
      alike.filter(({ source }) => source === undefined).map((part) => part.packets),
    );
    const unseen = state === 'established' ? unseenAnswers(view, asked, [hook, back], moved) : NONE;
    if (state === 'established') unseenByRoute(followed, asked, unseen);
    if (moved !== undefined) lostAnswers(view, way, unseen, back, moved);
    lostBySource(view, way, unseen, [hook, back], moved);
    const seen = diagram.difference(packets, unseen);
    if (state !== 'established') {
      const sctp = view.field('protocol', [SCTP, SCTP]);
      third(followed, diagram.difference(packets, sctp), { state: 'new', begins: true });
      third(followed, diagram.and(packets, sctp), { state: 'invalid' });
      untrackedData(followed, packets);
      continue;
    }
    const courses = laterMarks(view, flows, seen, [hook, back], moved);
    for (const one of courses) third(followed, one.packets, { state, mark: one.mark });
    lostOnward(view, way, seen, hook, moved);
    if (unseen !== NONE) {
      const untracked = { unseen: unseenAnswer(followed, unseen, FIRST_ANSWER) };
      third(followed, diagram.and(unseen, tcp), { state: 'invalid', ...untracked });
      third(followed, diagram.difference(unseen, tcp), { state: 'new', ...untracked });
    }
    unseenData(followed, diagram.and(unseen, tcp));
    data(followed, courses, alike);
    dataUnseen(followed, seen);
  }
}

/** First packets by the marks that their connection has when the reply and when the third packet comes. */
function laterMarks(
  view: FamilyView,
  flows: readonly Flow[],
  seen: Node,
  hooks: readonly [FlowHook, FlowHook],
  moved: Flow | undefined,
): readonly Course[] {
  const [hook, back] = hooks;
  const first = byConnectionMark(view, hook, flows, seen, moved);
  const answered = (one: Marking): readonly Marking[] => {
    if (!remarks(view, back, changeOf(moved))) return [one];
    const elsewhere = readdressed(view, hook, seen).may !== NONE;
    return markedByReplies(view, one, hooks, moved, elsewhere);
  };
  return first.flatMap((one) =>
    answered(one).map((later) => ({ packets: later.packets, mark: later.mark, answered: one.mark })),
  );
}

/** Whether rules may give the connection another mark because of a reply. */
function remarks(view: FamilyView, back: FlowHook, changed: Changed): boolean {
  const analysis = view.analysis(back, 'established', SYN_ACK, false, changed);
  if (!analysis.surroundings.usesConnectionMark) return false;
  return analysis.pass(analysis.entry()).accept.some(remarksIt);
}
