import { type Node, NONE } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import type { BaseChain } from '../../rule/ruleset.ts';
import { boundsOf, usualPackets, visible } from '../../symbolic/bounds.ts';
import { SOURCE_NAT } from '../../symbolic/stages.ts';
import { linkOf, named } from '../addresses/links.ts';
import { someChains } from '../view/some-chains.ts';
import { type Answer, answeredBy, FIRST_ANSWER } from './answers.ts';
import type { Marking } from './connection-mark.ts';
import { mirrored } from './mirror.ts';
import { isSentOn, leavingAs } from './rerouted.ts';
import { answersAt, decidesBefore } from './sources.ts';
import { add, changeOf, type Followed, markedSo, note } from './way.ts';

/** Whether a base chain sees what leaves behind nat's postrouting, or what comes in behind nat's input. */
const isLast = ({ hook, priority, type }: BaseChain): boolean =>
  hook === 'egress' ||
  ((hook === 'postrouting' || hook === 'input') && type !== 'nat' && priority > SOURCE_NAT);

/** The same host with these chains alone. */
export const lastChains = someChains(isLast);

/** The same host without the chains that see packets behind nat's postrouting and input. */
export const beforeLast = someChains((base) => !isLast(base));

/**
 * Whether chains see replies with the source that was asked for: nat's postrouting gives it back to those of connections whose destination
 * a rule translated, and nat's input to what the host sent (net/netfilter/nf_nat_core.c, nf_nat_packet). Tried in the kernel.
 */
export const areRestored = ({ view, moved }: Followed): boolean =>
  moved !== undefined && decidesBefore(view.ruleset, isLast);

/** Counts connections whose replies stop behind nat's postrouting, or input. Whichever interface brought them, they have the same ends there. */
export function stoppedLast(
  followed: Followed,
  { packets: first, mark }: Marking,
  { what, tcpFlags }: Answer = FIRST_ANSWER,
): void {
  const { view, way, hooks, moved } = followed;
  const { diagram } = view;
  const [came, hook] = hooks;
  const changed = changeOf(moved);
  const analysis = answersAt(lastChains(view), { hook, tcpFlags }, changed);
  const { arrived, replies } = restored(followed, first);
  const before = analysis.surroundings.asksMarks ? changedMarks(followed, first, tcpFlags) : NOTHING;
  const known = before.ctmark ? replies : diagram.and(replies, markedSo(view, mark));
  const entry = diagram.and(analysis.entry(), known);
  const usual = view.project(usualPackets(diagram), before.mark ? ['mark'] : []);
  const { must, may } = boundsOf(diagram, analysis.pass(entry), usual);
  const all = visible(diagram, view.project(entry, ['state']));
  const anyhow = (packets: Node): Node => view.project(packets, arrived);
  const stopped = diagram.difference(all, anyhow(may));
  const passing = view.all(all, anyhow(must));
  const doubtful = diagram.difference(view.all(all, anyhow(may)), passing);
  // By some interfaces it passes: surely is known of none but that of its link, as routes may bring it by another.
  const lost = diagram.difference(diagram.and(passing, usualWay(followed)), must);
  const back = (packets: Node): Node =>
    diagram.and(first, view.project(mirrored(view, packets), arrived.length === 0 ? [] : ['out']));
  add(view, way, back(stopped), back(diagram.or(doubtful, lost)));
  const where = { what, hook, state: 'established', tcpFlags, changed, last: true } as const;
  note(way, where, stopped, doubtful);
  note(way, { ...where, ...(came === 'output' ? { byAny: true } : { routed: true }) }, NONE, lost);
}

/** Replies with the source that was asked for, and the interface by which they come where another packet's does not tell it. */
function restored(
  { view, hooks: [came, hook], moved }: Followed,
  first: Node,
): { readonly arrived: readonly DiagramField[]; readonly replies: Node } {
  if (hook !== 'forward')
    return {
      arrived: came === 'output' && moved !== undefined && isSentOn(moved.transform) ? ['in'] : [],
      replies: came === 'output' ? leavingAs(view, came, moved, first) : mirrored(view, first),
    };
  const replies = view.project(mirrored(view, first), ['in']);
  return { arrived: ['in'], replies: view.diagram.and(replies, view.offLoopback('in')) };
}

/** Packets by the interfaces that usually bring the replies: of what is forwarded to nobody knows which link, one by which they pass is enough. */
function usualWay({ view, hooks: [, hook], moved }: Followed): Node {
  if (hook !== 'forward') return view.offLoopback('in');
  const link = linkOf(view, moved?.transform.destination?.address);
  return link === undefined ? NONE : named(view, 'in', link.interfaces);
}

/** Which marks chains change before, of the packets or of their connections, so that the last ones may see others. */
function changedMarks(
  { view, hooks: [came, hook], moved }: Followed,
  first: Node,
  tcpFlags: number,
): Changes {
  const analysis = answersAt(beforeLast(view), { hook, tcpFlags }, changeOf(moved));
  const replies = leavingAs(view, came, moved, answeredBy(view, first, moved));
  const { accept } = analysis.pass(view.diagram.and(analysis.entry(), replies));
  const changes = (field: 'mark' | 'ctmark'): boolean =>
    accept.some(({ transform }) => transform[field] !== undefined || transform.forgotten.has(field));
  return { mark: changes('mark'), ctmark: changes('ctmark') };
}

interface Changes {
  readonly mark: boolean;
  readonly ctmark: boolean;
}

const NOTHING: Changes = { mark: false, ctmark: false };
