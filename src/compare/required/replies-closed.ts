import { CLOSES_REPLY, UNTRACKS, UNTRACKS_REPLY } from '../../finding/notes.ts';
import type { Evidence } from '../../finding/report.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { isSamePlace } from '../finding/evidence.ts';
import { mirrored } from '../half-open/mirror.ts';
import { translatesDestinations } from '../excess/undenied.ts';
import { castOf } from '../rows/targets.ts';
import type { FamilyCheck } from '../view/family-check.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { Stop } from './closed-questions.ts';

const BACK: Readonly<Record<FlowHook, FlowHook>> = { input: 'output', output: 'input', forward: 'forward' };

/**
 * The evidence of closed packets, with the lines that would close all of their replies: who opens the first packets alone finds the row half
 * open then. What rules translate is not looked at, nor what only some replies meet.
 */
export function withReplies(
  check: FamilyCheck,
  stop: Stop,
  packets: Node,
  evidence: readonly Evidence[],
): Evidence[] {
  const found = repliesClosed(check, stop, packets);
  const lines = found.filter(({ note }) => note !== UNTRACKS);
  const told = evidence.map((one) =>
    lines.some((line) => isSamePlace(line, one)) ? { ...one, note: `${one.note}, and ${CLOSES_REPLY}` } : one,
  );
  const others = lines.filter((line) => !evidence.some((one) => isSamePlace(line, one)));
  return [
    ...told,
    ...others.map((line) => ({ ...line, note: CLOSES_REPLY })),
    ...found.filter(({ note }) => note === UNTRACKS).map((line) => ({ ...line, note: UNTRACKS_REPLY })),
  ];
}

function repliesClosed(check: FamilyCheck, stop: Stop, packets: Node): readonly Evidence[] {
  const { row, hook, state, definite, carried } = stop;
  const { view } = check;
  const isAnswered = state === 'new' && row.reply !== 'none' && castOf(row) === 'unicast';
  if (!definite || !isAnswered || carried !== undefined || row.direction === 'loopback' || view.isCloudOnly)
    return [];
  // Where rules translate what is closed its replies have other ends.
  if (translatesDestinations(check.ruleset)) return [];
  const back = view.hook(BACK[hook], 'established');
  const replies = mirrored(view, packets);
  if (replies === NONE || view.diagram.and(replies, back.bounds.may) !== NONE) return [];
  return check.make.closingEvidence(BACK[hook], 'established', replies);
}
