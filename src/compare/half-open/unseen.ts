import type { Node } from '../../packet/diagram.ts';
import { type Answer, answeredBy } from './answers.ts';
import { leavingAs } from './rerouted.ts';
import type { Sent } from './third.ts';
import { changeOf, type Followed, type Unseen } from './way.ts';

/** What goes the way of such first packets, and is kept out of connection tracking. */
export const unseenSent = ({ hooks, moved }: Followed, first: Node, { what, tcpFlags }: Sent): Unseen => ({
  ...{ what, tcpFlags, hook: hooks[0], packets: first },
  ...{ state: 'established', changed: changeOf(moved) },
});

/** What is sent back to such first packets, and is kept out of connection tracking. */
export const unseenAnswer = (
  { view, hooks: [came, back], moved }: Followed,
  first: Node,
  { what, tcpFlags }: Answer,
): Unseen => ({
  ...{ what, tcpFlags, hook: back, state: 'established', changed: changeOf(moved) },
  packets: leavingAs(view, came, moved, answeredBy(view, first, moved)),
});
