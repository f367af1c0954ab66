import { type Node, NONE } from '../../packet/diagram.ts';
import { within } from '../../packet/relations.ts';
import { unmarkedPackets, visible, visibleOf } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { surroundingsOf } from '../../symbolic/surroundings.ts';
import { compose } from '../../symbolic/translation/compose.ts';
import { Transform } from '../../symbolic/translation/transform.ts';
import { divided, type Marking, markLeft, remarksIt } from './connection-mark.ts';
import { byZone } from './connection-zones.ts';
import { add, asksFlags, byUnknownReply, newWay, note, takesEverything, type Way } from './way.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { mirrored } from './mirror.ts';
import { givesZones, zonesOf } from '../view/zone-views.ts';
import { keptUntracked, unmovedOnLoopback } from '../loopback/loopback.ts';
import { arrivalsOf, beforeLoopback } from '../loopback/carried.ts';
import { analysisOf, Following } from '../loopback/following.ts';
import { byDestination, type Rest } from '../loopback/rest.ts';
import { staysOnLoopback } from '../rows/translated-parts.ts';
import { type FamilyView, SYN_ACK } from '../view/view.ts';

/**
 * Packets of a loopback connection leave by `lo` and come in by it, in both directions. Where a rule has kept the first packet
 * out of connection tracking, the reply is the first that it sees.
 */
export function onLoopback(view: FamilyView, result: Way, open: Node): void {
  const { diagram } = view;
  zonedOnLoopback(view, result, open);
  const kept = diagram.and(open, keptUntracked(view, view.hook('output', 'new').passage.accept));
  const tcp = view.field('protocol', [6, 6]);
  const tracked = marked(view, diagram.difference(open, kept)).map(({ packets: first, mark }) => ({
    first,
    mark,
    state: 'established' as const,
    what: 'reply' as const,
  }));
  for (const part of [...tracked, ...untold(view, kept)]) {
    if (part.first === NONE) continue;
    const replies = byDestination(view, part);
    for (const one of replies) {
      const following = new Following(view, one);
      following.add(result);
      if (part.state === 'established') following.addLost(result);
    }
    if (part.state !== 'established') {
      // The first packet that conntrack takes for a connection's: see halfOpen.
      const acks = new Following(view, { ...part, state: 'new', mark: 0, what: 'third packet' });
      acks.add(result);
      const going = diagram.difference(diagram.and(part.first, tcp), result.definite);
      dataBack(view, result, going, acks.unseen());
      continue;
    }
    const mark = remarks(view, part) ? undefined : part.mark;
    const third = { ...part, mark, what: 'third packet' } as const;
    const unseen = unanswered(view, replies);
    const rests: readonly Rest[] = [
      { ...third, first: diagram.difference(part.first, unseen) },
      // See unseenAnswers().
      { ...third, first: diagram.and(unseen, tcp), state: 'invalid', mark: undefined },
      { ...third, first: diagram.difference(unseen, tcp), state: 'new' },
    ];
    for (const rest of rests) if (rest.first !== NONE) new Following(view, rest).add(result);
    followingData(view, result, replies, third);
  }
}

/** Data behind the handshake of TCP, both ways, where it may meet other rules than that: those that ask for flags or for the connection's mark. */
function followingData(view: FamilyView, result: Way, replies: readonly Rest[], third: Rest): void {
  const { diagram } = view;
  const isRemarked = remarks(view, third);
  if (!asksFlags(view) && !isRemarked) return;
  const mark = isRemarked ? undefined : third.mark;
  const follow = (one: Rest, what: 'data that comes back' | 'data that is sent'): void => {
    const tcp = diagram.and(one.first, view.field('protocol', [6, 6]));
    const first = diagram.difference(tcp, result.definite);
    if (first !== NONE) new Following(view, { ...one, first, mark, what }).add(result);
  };
  for (const one of replies) follow(one, 'data that comes back');
  follow(third, 'data that is sent');
}

/** See dataBack() in half-open/ways.ts; by their connection's mark such packets are not followed. */
function dataBack(view: FamilyView, result: Way, first: Node, unseen: Node): void {
  const { diagram } = view;
  const what = 'data that comes back';
  const rests: readonly Rest[] = [
    { what, first: diagram.and(first, unseen), state: 'new', mark: 0 },
    ...(surroundingsOf(view.ruleset).usesConnectionMark
      ? []
      : [{ what, first: diagram.difference(first, unseen), state: 'established', mark: undefined } as const]),
  ];
  for (const rest of rests) if (rest.first !== NONE) new Following(view, rest).add(result);
}

/**
 * On loopback the chains of output alone give zones: what comes in again has its connection. Where replies may be looked up in another
 * zone than their connection, and what is invalid or new may stop, it is possible that it does.
 */
function zonedOnLoopback(view: FamilyView, result: Way, open: Node): void {
  if (zonesOf(view).views.length === 0) return;
  const { diagram } = view;
  const entry = visible(diagram, view.hook('output', 'new').analysis.entry());
  // A row's packets are as they come in; the chains of output see them leave.
  const leaving = (set: Node): Node =>
    view.all(view.project(set, ['in', 'out']), entry, view.loopback('out'));
  const firsts = leaving(open);
  const answers = leaving(mirrored(view, open));
  const firstsOf = (set: Node): Node => diagram.and(firsts, leaving(mirrored(view, set)));
  const zones = byZone(view, firsts, ['output', 'output'], 'no', answers, firstsOf, false, false);
  const unlike = view.project(diagram.or(zones.other, zones.unsure), ['in', 'out']);
  const doubtful = diagram.and(open, unlike);
  if (doubtful === NONE) return;
  const all = (hook: FlowHook, state: 'invalid' | 'new'): boolean =>
    takesEverything(view.analysis(hook, state, SYN_ACK, false, 'no'));
  if ((['output', 'input'] as const).every((hook) => all(hook, 'invalid') && all(hook, 'new'))) return;
  const sure = diagram.and(open, view.project(zones.other, ['in', 'out']));
  const stopped = unknownOnLoopback(view, diagram.and(sure, unmovedOnLoopback(view)));
  add(view, result, stopped.definite, doubtful);
  result.stopped.push(...stopped.stopped.filter(({ definite }) => definite));
  if (within(diagram, doubtful, stopped.definite)) return;
  const where = {
    what: 'reply',
    hook: 'output',
    state: 'invalid',
    tcpFlags: SYN_ACK,
    changed: 'no',
  } as const;
  note(result, { ...where, zoned: true }, NONE, leaving(mirrored(view, doubtful)));
}

/**
 * Connections whose replies conntrack looks up in another zone where they leave. What is invalid there is looked up again where it comes
 * in (nf_conntrack_core.c, nf_conntrack_in), and finds its connection where a rule of prerouting gives it the zone. Tried in the kernel.
 */
function unknownOnLoopback(view: FamilyView, first: Node): Way {
  const lost = newWay(first);
  if (givesZones(view, 'prerouting')) return lost;
  for (const rest of untold(view, first))
    if (rest.first !== NONE) new Following(view, { ...rest, what: 'reply' }).add(lost);
  return { ...lost, stopped: lost.stopped.map((one) => ({ ...one, zoned: true as const })) };
}

/** First packets whose replies conntrack does not take for theirs, with what it takes them for; what begins a connection has no mark. */
function untold(view: FamilyView, packets: Node): readonly Rest[] {
  const unknown = byUnknownReply(view, packets);
  return [
    { first: unknown.invalid, state: 'invalid', mark: undefined, what: 'reply' },
    { first: unknown.new, state: 'new', mark: 0, what: 'reply' },
  ];
}

/** First packets whose replies conntrack does not see. */
function unanswered(view: FamilyView, replies: readonly Rest[]): Node {
  if (!view.hook('output').analysis.surroundings.hasNotrack) return NONE;
  return view.diagram.orAll(
    replies.filter(({ isChance }) => isChance !== true).map((one) => new Following(view, one).unseen()),
  );
}

/** First packets by the mark that rules leave on their connection, on their way out and in. */
function marked(view: FamilyView, packets: Node): readonly Marking[] {
  const { analysis, passage } = view.hook('output');
  if (!analysis.surroundings.usesConnectionMark) return [{ packets, mark: undefined }];
  const { diagram } = view;
  const unmarked = unmarkedPackets(diagram);
  const arriving = arrivalsOf(view, view.hook('input').analysis).passage.accept;
  const ways = passage.accept.flatMap((out) =>
    arriving.map((come): readonly [number | undefined, Node] => {
      const before = beforeLoopback(view, come.set, arrivingWith(view, out));
      const set = diagram.and(view.project(out.set, ['out']), view.project(before, ['in']));
      return [markLeft(compose(out.transform, come.transform)), visibleOf(diagram, set, unmarked)];
    }),
  );
  return divided(diagram, packets, ways);
}

/** Whether rules may give the connection another mark because of such a packet. */
function remarks(view: FamilyView, { what, state, mark }: Rest): boolean {
  if (mark === undefined) return false;
  return (['output', 'input'] as const).some((hook) => {
    const analysis = analysisOf(view, hook, { what }, state);
    const passing = view.diagram.and(analysis.entry(), view.loopback(hook === 'output' ? 'out' : 'in'));
    return analysis.pass(passing).accept.some(remarksIt);
  });
}

/** What of a first packet's way out decides which mark its connection gets where it comes in. */
function arrivingWith(view: FamilyView, flow: Flow): Transform {
  const { mark, ctmark, forgotten, destination } = flow.transform;
  return new Transform({
    mark,
    ctmark,
    destination: staysOnLoopback(view, flow) ? destination : undefined,
    forgotten,
  });
}
