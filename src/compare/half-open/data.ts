import { type Node, NONE } from '../../packet/diagram.ts';
import { unmarkedPackets, visibleOf } from '../../symbolic/bounds.ts';
import { divided, type Marking, markLeft, remarksIt } from './connection-mark.ts';
import { type Answer, FIRST_ANSWER } from './answers.ts';
import { early, markedByReplies } from './replies.ts';
import { reply } from './reply.ts';
import { type FromSource, readdressed } from './sources.ts';
import { type Sent, sentOnward, third } from './third.ts';
import { unseenAnswer } from './unseen.ts';
import { asksFlags, changeOf, keptOut, type Followed } from './way.ts';
import { ACK, DATA, type FamilyView, SYN_ACK } from '../view/view.ts';

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
export function data(followed: Followed, courses: readonly Course[], alike: readonly FromSource[]): void {
  const { view, hooks, moved } = followed;
  const [hook, back] = hooks;
  const on = view.analysis(hook, 'established', sent(view).tcpFlags, true, changeOf(moved));
  const answers = view.analysis(back, 'established', sentBack(view).tcpFlags, false, changeOf(moved));
  const isRemarked =
    on.surroundings.usesConnectionMark &&
    [on, answers].some((one) => one.pass(one.entry()).accept.some(remarksIt));
  if (!asksFlags(view) && !isRemarked) return;
  const rounds = new Rounds(followed, alike, isRemarked);
  for (const { packets, mark, answered } of courses) {
    const third = { ...sent(view), tcpFlags: ACK };
    for (const now of rounds.markedOn({ packets, mark }, third)) rounds.follow(now, answered, mark, 0);
  }
}

/** Data there and back, until their connection's mark stays. */
class Rounds {
  private readonly isReaddressed: boolean;

  constructor(
    private readonly followed: Followed,
    private readonly alike: readonly FromSource[],
    private readonly isRemarked: boolean,
  ) {
    const { view, hooks, way } = followed;
    this.isReaddressed = isRemarked && readdressed(view, hooks[0], way.first).may !== NONE;
  }

  /**
   * @param back the mark with which the last packet that came back was looked at
   * @param on the mark with which the last one of the other direction was
   */
  follow(now: Marking, back: number | undefined, on: number | undefined, round: number): void {
    const { view, hooks, moved } = this.followed;
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
    const { view, hooks, moved } = this.followed;
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
    const { view, way } = this.followed;
    const some =
      mark !== known
        ? packets
        : round === 0 && asksFlags(view)
          ? view.diagram.and(packets, view.field('protocol', [6, 6]))
          : NONE;
    return view.diagram.difference(some, way.definite);
  }

  private comesBack({ packets, mark }: Marking): void {
    const { view } = this.followed;
    const answer = sentBack(view);
    for (const { packets: some, source } of this.alike) {
      const one = { packets: view.diagram.and(packets, some), mark };
      if (one.packets === NONE) continue;
      reply(this.followed, one, { state: 'established', source, answer });
      const { packets: first } = one;
      if (source !== undefined && asksFlags(view)) early(this.followed, { packets: first, source }, answer);
    }
  }

  private isSent({ packets, mark }: Marking): void {
    const { view } = this.followed;
    third(this.followed, packets, { state: 'established', mark, sent: sent(view) });
  }
}

/**
 * Data of TCP whose first packet is kept out of connection tracking. Where no packet of the side that began is seen, what comes back is
 * the first that conntrack takes for one of a connection (see halfOpen); else the ACK has begun one.
 */
export function untrackedData(followed: Followed, packets: Node): void {
  const { view, way, hooks, moved } = followed;
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
    reply(followed, one, { state, answer: { what: 'data that comes back', tcpFlags: DATA } });
    if (asksFlags(view)) third(followed, going(some), { state, begins: state === 'new', sent: sent(view) });
  }
}

/**
 * Data that comes back where conntrack knows nothing of its connection begins one (`nf_conntrack_tcp_loose`); that which is sent is invalid, as
 * the ACK before it. Tried in the kernel.
 */
export function unknownData(followed: Followed, packets: Node): void {
  const { view, way } = followed;
  const one = { packets: view.diagram.difference(packets, way.definite), mark: undefined };
  if (one.packets === NONE) return;
  reply(followed, one, { state: 'new', answer: { what: 'data that comes back', tcpFlags: DATA } });
  const going = view.diagram.difference(packets, way.definite);
  if (asksFlags(view)) third(followed, going, { state: 'invalid', sent: sent(view) });
}

/** Data of connections whose replies are kept out of connection tracking: to it, what goes the way of the first packet is invalid. */
export function unseenData(followed: Followed, packets: Node): void {
  const { view, way } = followed;
  const going = view.diagram.difference(packets, way.definite);
  if (going === NONE || !asksFlags(view)) return;
  reply(followed, { packets: going, mark: undefined }, { state: 'established', answer: sentBack(view) });
  const unseen = unseenAnswer(followed, going, FIRST_ANSWER);
  const rest = view.diagram.difference(going, way.definite);
  third(followed, rest, { state: 'invalid', sent: sent(view), unseen });
}
