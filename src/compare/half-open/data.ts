import { type Node, NONE } from '../../packet/diagram.ts';
import { unmarkedPackets, visibleOf } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { divided, type Marking, markLeft, remarksIt } from './connection-mark.ts';
import { type Answer, answeredBy, early, markedByReplies, reply } from './replies.ts';
import { type FromSource, readdressed } from './sources.ts';
import { type Sent, sentOnward, third } from './third.ts';
import { asksFlags, changeOf, keptOut, type Way } from './way.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { ACK, DATA, type FamilyView, SYN_ACK } from '../view/view.ts';

/** What data are looked at with: the connections' way, and what rules made of their first packets. */
export interface Behind {
  readonly view: FamilyView;
  readonly way: Way;
  readonly hooks: readonly [FlowHook, FlowHook];
  readonly moved: Flow | undefined;
}

/** First packets with the mark that their connection had when the reply came, and that of the third packet; undefined: any. */
export interface Course extends Marking {
  readonly answered: number | undefined;
}

/** So many packets of each side are looked at behind the handshake: rules that count with marks are rare. */
const MOST_ROUNDS = 4;

/** Data carry PSH and ACK; where no rule asks for flags they are what came before them. */
const sent = (view: FamilyView): Sent => ({
  what: 'data that is sent',
  tcpFlags: asksFlags(view) ? DATA : ACK,
});
const sentBack = (view: FamilyView): Answer => ({
  what: 'data that comes back',
  tcpFlags: asksFlags(view) ? DATA : SYN_ACK,
});

/**
 * What follows the handshake, first of the side that answers and then of the other. It meets the rules that the reply and the third packet
 * have met, but for those that ask for TCP flags, and those that ask for the connection's mark where a packet before it has changed that
 * (`CONNMARK --save-mark` of every packet).
 *
 * @param alike first packets by what rules make of their source
 */
export function data(behind: Behind, courses: readonly Course[], alike: readonly FromSource[]): void {
  const { view, hooks, moved } = behind;
  const [hook, back] = hooks;
  const on = view.analysis(hook, 'established', sent(view).tcpFlags, true, changeOf(moved));
  const answers = view.analysis(back, 'established', sentBack(view).tcpFlags, false, changeOf(moved));
  const isRemarked =
    on.surroundings.usesConnectionMark &&
    [on, answers].some((one) => one.pass(one.entry()).accept.some(remarksIt));
  if (!asksFlags(view) && !isRemarked) return;
  const rounds = new Rounds(behind, alike, isRemarked);
  for (const { packets, mark, answered } of courses) {
    const third = { ...sent(view), tcpFlags: ACK };
    for (const now of rounds.markedOn({ packets, mark }, third)) rounds.follow(now, answered, mark, 0);
  }
}

/** Data there and back, until their connection's mark stays. */
class Rounds {
  private readonly isReaddressed: boolean;

  constructor(
    private readonly behind: Behind,
    private readonly alike: readonly FromSource[],
    private readonly isRemarked: boolean,
  ) {
    const { view, hooks, way } = behind;
    this.isReaddressed = isRemarked && readdressed(view, hooks[0], way.first).may !== NONE;
  }

  /**
   * @param back the mark with which the last packet that came back was looked at
   * @param on the mark with which the last one of the other direction was
   */
  follow(now: Marking, back: number | undefined, on: number | undefined, round: number): void {
    const { view, hooks, moved } = this.behind;
    const { tcpFlags } = sentBack(view);
    this.comesBack({ ...now, packets: this.unlike(now, back, round) });
    const answered = this.isRemarked
      ? markedByReplies(view, now, hooks, moved, this.isReaddressed, tcpFlags)
      : [now];
    for (const one of answered) {
      this.isSent({ ...one, packets: this.unlike(one, on, round) });
      if (!this.isRemarked || round === MOST_ROUNDS) continue;
      for (const later of this.markedOn(one, sent(view)))
        if (later.mark !== now.mark) this.follow(later, now.mark, one.mark, round + 1);
    }
  }

  /** First packets by the mark that their connection has behind a packet that goes the way of the first one. */
  markedOn({ packets, mark }: Marking, { tcpFlags }: Sent): readonly Marking[] {
    const { view, hooks, moved } = this.behind;
    if (!this.isRemarked || mark === undefined || packets === NONE) return [{ packets, mark }];
    const { diagram } = view;
    const analysis = view.analysis(hooks[0], 'established', tcpFlags, true, changeOf(moved));
    const entry = view.all(analysis.entry(), packets, view.field('ctmark', [mark, mark]));
    const ways = analysis.pass(entry).accept.map(({ set, transform }): [number | undefined, Node] => {
      const going = visibleOf(diagram, set, unmarkedPackets(diagram));
      return [markLeft(transform, mark), sentOnward(view, going, hooks[0], moved)];
    });
    return divided(diagram, packets, ways);
  }

  /** Packets whose data meet something else than those before: another mark, or rules that ask for flags, which TCP alone has. */
  private unlike({ packets, mark }: Marking, known: number | undefined, round: number): Node {
    const { view, way } = this.behind;
    const some =
      mark !== known
        ? packets
        : round === 0 && asksFlags(view)
          ? view.diagram.and(packets, view.field('protocol', [6, 6]))
          : NONE;
    return view.diagram.difference(some, way.definite);
  }

  private comesBack({ packets, mark }: Marking): void {
    const { view, way, hooks, moved } = this.behind;
    const answer = sentBack(view);
    for (const { packets: some, source } of this.alike) {
      const one = { packets: view.diagram.and(packets, some), mark };
      if (one.packets === NONE) continue;
      const answered = answeredBy(view, one.packets, moved);
      reply(view, way, one, answered, hooks, 'established', moved, source, answer);
      const { packets: first } = one;
      if (source !== undefined && asksFlags(view))
        early(view, way, { packets: first, source }, hooks, moved, answer);
    }
  }

  private isSent({ packets, mark }: Marking): void {
    const { view, way, hooks, moved } = this.behind;
    third(view, way, packets, hooks[0], 'established', moved, mark, false, sent(view));
  }
}

/**
 * Data of TCP whose first packet is kept out of connection tracking. Where no packet of the side that began is seen, what comes back is
 * the first that conntrack takes for one of a connection (see halfOpen); else the ACK has begun one.
 */
export function untrackedData({ view, way, hooks, moved }: Behind, packets: Node): void {
  const { diagram } = view;
  const [hook] = hooks;
  const going = (some: Node): Node =>
    diagram.difference(view.all(packets, some, view.field('protocol', [6, 6])), way.definite);
  const analysis = view.analysis(hook, 'new', ACK, true, changeOf(moved));
  const acks = analysis.pass(diagram.and(analysis.entry(), packets)).accept;
  const unseen = diagram.and(packets, keptOut(diagram, acks));
  for (const [some, state] of [
    [unseen, 'new'],
    [diagram.difference(packets, unseen), 'established'],
  ] as const) {
    const one = { packets: going(some), mark: undefined };
    if (one.packets === NONE) continue;
    const back: Answer = { what: 'data that comes back', tcpFlags: DATA };
    reply(view, way, one, answeredBy(view, one.packets, moved), hooks, state, moved, undefined, back);
    if (asksFlags(view))
      third(view, way, going(some), hook, state, moved, undefined, state === 'new', sent(view));
  }
}

/** Data that comes back where conntrack knows nothing of its connection: it begins one (`nf_conntrack_tcp_loose`). Tried in the kernel. */
export function unknownData({ view, way, hooks, moved }: Behind, packets: Node): void {
  const one = { packets: view.diagram.difference(packets, way.definite), mark: undefined };
  if (one.packets === NONE) return;
  const back: Answer = { what: 'data that comes back', tcpFlags: DATA };
  reply(view, way, one, answeredBy(view, one.packets, moved), hooks, 'new', moved, undefined, back);
}

/** Data of connections whose replies are kept out of connection tracking: to it, what goes the way of the first packet is invalid. */
export function unseenData({ view, way, hooks, moved }: Behind, packets: Node): void {
  const going = view.diagram.difference(packets, way.definite);
  if (going === NONE || !asksFlags(view)) return;
  const one = { packets: going, mark: undefined };
  reply(
    view,
    way,
    one,
    answeredBy(view, going, moved),
    hooks,
    'established',
    moved,
    undefined,
    sentBack(view),
  );
  third(
    view,
    way,
    view.diagram.difference(going, way.definite),
    hooks[0],
    'invalid',
    moved,
    undefined,
    false,
    sent(view),
  );
}
