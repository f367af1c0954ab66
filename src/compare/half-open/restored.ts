import type { Node } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import type { BaseChain } from '../../rule/ruleset.ts';
import { boundsOf, visible } from '../../symbolic/bounds.ts';
import { SOURCE_NAT } from '../../symbolic/stages.ts';
import { someChains } from '../view/some-chains.ts';
import { type Answer, FIRST_ANSWER } from './answers.ts';
import { mirrored } from './mirror.ts';
import { answersAt, decidesBefore } from './sources.ts';
import { add, changeOf, type Followed, note } from './way.ts';

/** Whether a base chain sees what leaves behind nat's postrouting. */
const isLast = ({ hook, priority, type }: BaseChain): boolean =>
  hook === 'egress' || (hook === 'postrouting' && type !== 'nat' && priority > SOURCE_NAT);

/** The same host with these chains alone. */
export const lastChains = someChains(isLast);

/** The same host without the chains that see what leaves behind nat's postrouting. */
export const beforeLast = someChains((base) => !isLast(base));

/**
 * Whether chains see replies with the source that was asked for: nat's postrouting gives it back to those of connections whose destination
 * a rule translated (net/netfilter/nf_nat_core.c, nf_nat_packet). Tried in the kernel.
 */
export const areRestored = ({ view, hooks: [, back], moved }: Followed): boolean =>
  moved !== undefined && back !== 'input' && decidesBefore(view.ruleset, isLast);

/** Counts connections whose replies stop behind nat's postrouting. Whichever interface brought them, they have the same ends there. */
export function stoppedLast(
  { view, way, hooks: [, hook], moved }: Followed,
  first: Node,
  { what, tcpFlags }: Answer = FIRST_ANSWER,
): void {
  const { diagram } = view;
  const changed = changeOf(moved);
  const analysis = answersAt(lastChains(view), { hook, tcpFlags }, changed);
  const arrived: readonly DiagramField[] = hook === 'forward' ? ['in'] : [];
  const anyhow = (packets: Node): Node => view.project(packets, arrived);
  const entry = diagram.and(analysis.entry(), anyhow(mirrored(view, first)));
  const { must, may } = boundsOf(diagram, analysis.pass(entry));
  const all = visible(diagram, view.project(entry, ['state']));
  const stopped = diagram.difference(all, anyhow(may));
  const doubtful = diagram.difference(diagram.and(all, anyhow(may)), anyhow(must));
  const back = (packets: Node): Node =>
    diagram.and(first, view.project(mirrored(view, packets), hook === 'forward' ? ['out'] : []));
  add(view, way, back(stopped), back(doubtful));
  note(way, { what, hook, state: 'established', tcpFlags, changed, last: true }, stopped, doubtful);
}
