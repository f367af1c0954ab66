import { type Node, NONE } from '../../packet/diagram.ts';
import { lostAnswers, lostBySource, lostOnward } from './lost.ts';
import { type Answer, answeredBy } from './answers.ts';
import { reply } from './reply.ts';
import { unseenOf } from './replies.ts';
import { type Sent, third } from './third.ts';
import { asksFlags, changeOf, keptOut, type Followed } from './way.ts';
import { leavingAs } from './rerouted.ts';
import { unseenAnswer, unseenSent } from './unseen.ts';
import { DATA } from '../view/view.ts';

const SENT: Sent = { what: 'data that is sent', tcpFlags: DATA };
const BACK: Answer = { what: 'data that comes back', tcpFlags: DATA };

/**
 * Data of tracked connections that rules keep out of tracking by its flags (`--tcp-flags PSH PSH -j CT --notrack`). Nothing translates it;
 * and what acknowledges it acknowledges for conntrack what nobody has sent, and is invalid (nf_conntrack_proto_tcp.c, tcp_in_window: "ACK
 * is over the upper bound"), unless somebody sets nf_conntrack_tcp_be_liberal. Tried in the kernel.
 */
export function dataUnseen(followed: Followed, packets: Node): void {
  const { view, way, hooks, moved } = followed;
  const [hook, back] = hooks;
  if (packets === NONE || !asksFlags(view)) return;
  const { diagram } = view;
  const onward = view.analysis(hook, 'established', DATA, true, changeOf(moved));
  if (!onward.surroundings.hasNotrack) return;
  const tcp = diagram.difference(diagram.and(packets, view.field('protocol', [6, 6])), way.definite);
  const sent = diagram.and(tcp, keptOut(diagram, onward.pass(diagram.and(onward.entry(), tcp)).accept));
  const answers = view.analysis(back, 'established', DATA, false, changeOf(moved));
  const coming = diagram.and(answers.entry(), leavingAs(view, hook, moved, answeredBy(view, tcp, moved)));
  const come = unseenOf(view, [hook, back], tcp, moved, answers, coming);
  lostOnward(view, way, sent, hook, moved, SENT);
  if (moved !== undefined) lostAnswers(view, way, come, back, moved, BACK);
  lostBySource(view, way, come, [hook, back], moved, BACK);
  const rest = (some: Node, other: Node): Node => diagram.difference(some, diagram.or(other, way.definite));
  const acknowledging = rest(sent, come);
  if (acknowledging !== NONE)
    reply(
      followed,
      { packets: acknowledging, mark: undefined },
      { state: 'invalid', answer: BACK, unseen: unseenSent(followed, acknowledging, SENT) },
    );
  const acknowledged = rest(come, sent);
  if (acknowledged !== NONE)
    third(followed, acknowledged, {
      state: 'invalid',
      sent: SENT,
      unseen: unseenAnswer(followed, acknowledged, BACK),
    });
}
