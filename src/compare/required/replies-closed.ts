import { CLOSES_REPLY, CLOSES_SOME_REPLIES, UNTRACKS, UNTRACKS_REPLY } from '../../finding/notes.ts';
import type { Evidence } from '../../finding/report.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { hasMoreNodes } from '../../packet/diagram-size.ts';
import type { Analysis } from '../../symbolic/analysis.ts';
import { openedFor } from '../excess/undenied.ts';
import { isSamePlace, onceEach } from '../finding/quoted.ts';
import { halfOpen } from '../half-open/half-open.ts';
import { mirrored } from '../half-open/mirror.ts';
import { closingEach } from '../half-open/stopping.ts';
import { goesOn, takesEverything } from '../half-open/way.ts';
import { castOf } from '../rows/targets.ts';
import type { FamilyCheck } from '../view/family-check.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { type FamilyView, SYN_ACK } from '../view/view.ts';
import type { Stop } from './closed-questions.ts';

const BACK: Readonly<Record<FlowHook, FlowHook>> = { input: 'output', output: 'input', forward: 'forward' };

/**
 * The evidence of closed packets, with the lines that would surely close their replies: who opens the first packets alone finds the row half
 * open then.
 */
export function withReplies(
  check: FamilyCheck,
  stop: Stop,
  packets: Node,
  evidence: readonly Evidence[],
): Evidence[] {
  const { found, note } = repliesClosed(check, stop, packets);
  const lines = found.filter((line) => line.note !== UNTRACKS);
  const told = evidence.map((one) =>
    lines.some((line) => isSamePlace(line, one)) ? { ...one, note: `${one.note}, and ${note}` } : one,
  );
  const others = lines.filter((line) => !evidence.some((one) => isSamePlace(line, one)));
  return [
    ...told,
    ...others.map((line) => ({ ...line, note })),
    ...found.filter((line) => line.note === UNTRACKS).map((line) => ({ ...line, note: UNTRACKS_REPLY })),
  ];
}

interface RepliesClosed {
  readonly found: readonly Evidence[];
  readonly note: string;
}

const NONE_CLOSED: RepliesClosed = { found: [], note: CLOSES_REPLY };

/** What would become of the connections if nothing closed their first packets. */
function repliesClosed(check: FamilyCheck, stop: Stop, packets: Node): RepliesClosed {
  const { row, hook, state, definite, carried } = stop;
  const { view, sets } = check;
  const isAnswered = state === 'new' && row.reply !== 'none' && castOf(row) === 'unicast';
  if (!definite || !isAnswered || carried !== undefined || row.direction === 'loopback') return NONE_CLOSED;
  // Most rule sets let all replies pass.
  const analysis = view.analysis(BACK[hook], 'established', SYN_ACK, false);
  if (takesEverything(analysis)) return NONE_CLOSED;
  // A box of an inbound row has no outgoing interface.
  const first = row.direction === 'in' ? view.project(packets, ['out']) : packets;
  if (isEntangled(view, analysis, first)) return NONE_CLOSED;
  const { definite: closed, stopped } = halfOpen(openedFor(view), row, first, hook);
  // A connection by an interface that the host does not have is none.
  const existing = view.diagram.orAll(sets.needs(row).map((need) => need.existing));
  const passing = view.diagram.difference(view.diagram.and(first, existing), closed);
  const works = view.project(passing, sets.freeFields(row));
  if (view.diagram.difference(first, works) === NONE) return NONE_CLOSED;
  const replies = stopped.filter((one) => one.definite && !goesOn(one));
  const found = onceEach(replies.flatMap((one) => closingEach(check, one)));
  return { found, note: view.diagram.and(first, works) === NONE ? CLOSES_REPLY : CLOSES_SOME_REPLIES };
}

/**
 * Of replies that pass in more parts nobody looks for the lines that would close the others: turning them round costs more than all that is
 * found out about the first packets.
 */
const MOST_NODES = 1_000;

function isEntangled(view: FamilyView, analysis: Analysis, first: Node): boolean {
  const { accept } = analysis.pass(view.diagram.and(analysis.entry(), mirrored(view, first)));
  return accept.some(({ set }) => hasMoreNodes(view.diagram, set, MOST_NODES));
}
