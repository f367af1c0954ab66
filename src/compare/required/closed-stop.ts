import type { Evidence } from '../../finding/report.ts';
import type { Node } from '../../packet/diagram.ts';
import { plainPackets } from '../../symbolic/bounds.ts';
import type { Stop } from './closed-questions.ts';
import { decidersOf, type StageHits } from '../finding/evidence.ts';
import type { FamilyCheck } from '../view/family-check.ts';
import type { DraftBase } from '../finding/draft.ts';
import { castOf } from '../rows/targets.ts';
import type { HookView } from '../view/hook-view.ts';
import { givingLines } from '../loopback/given.ts';

/** What the findings of packets that stop have in common. */
export const draftOf = ({ row, hook, state, definite, carried }: Stop): DraftBase => ({
  row,
  hook,
  state,
  ...(carried === undefined ? {} : { carried }),
  certainty: definite ? 'definite' : 'possible',
  severity: 'high',
  passes: false,
});

/** What decides the packets as they come: a line about marked packets, or a routing header, closes nothing that a row needs. */
export function closingOf(check: FamilyCheck, stop: Stop): StageHits[] {
  const { view } = check;
  return decidersOf(view, hookOf(check, stop), view.diagram.and(stop.packets, asTheyCome(check, stop)));
}

/** The hook at which the packets stop, as it sees them. */
export const hookOf = (check: FamilyCheck, { row, hook, state, carried }: Stop): HookView =>
  carried?.hook ?? check.rowView(row, hook, state);

/** Packets as they come: what only others have is no matter. */
export function asTheyCome({ view }: FamilyCheck, { carried, row }: Stop): Node {
  if (carried !== undefined) return carried.values;
  const plain = plainPackets(view.diagram);
  // What goes to an address comes as such; a line about what the link sends to groups is about something else.
  const typed = ['multicast', 'broadcast'].includes(castOf(row));
  return typed ? plain : view.diagram.and(plain, view.field('pkttype', [0, 0]));
}

/** Other layers that close too: who opens one alone finds the row closed by the next. */
export function closingBehind(
  check: FamilyCheck,
  { hook, state, packets, row, definite, carried }: Stop,
): Evidence[] {
  return definite && carried === undefined ? check.layers.closing(hook, state, packets, castOf(row)) : [];
}

/** The lines that gave packets of the loopback interface what they come in with. */
export function given({ view }: FamilyCheck, { carried, state }: Stop): Evidence[] {
  if (carried === undefined) return [];
  return givingLines(view, carried, state === 'untracked' ? 'new' : state);
}
