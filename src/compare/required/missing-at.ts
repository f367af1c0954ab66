import { inState } from '../finding/describe.ts';
import { MAY_PUBLISH, POLICY_CLOSES, TRANSLATES } from '../../finding/notes.ts';
import type { Evidence, Finding } from '../../finding/report.ts';
import { NONE } from '../../packet/diagram.ts';
import { SERVED_ELSEWHERE } from './astray.ts';
import { openQuestions, type Stop } from './closed-questions.ts';
import { closingBehind, closingOf, draftOf, given, hookOf } from './closed-stop.ts';
import { closingLines, mayOpenLines, openingLines } from '../finding/evidence.ts';
import { isSamePlace, onceEach } from '../finding/quoted.ts';
import type { FamilyCheck } from '../view/family-check.ts';
import { closingLater } from './closed-behind.ts';
import { withReplies } from './replies-closed.ts';
import { whereDocumented } from './where-documented.ts';

/** What of a row's packets that stop is simply closed: no rule was meant to open it. */
export function missingAt(check: FamilyCheck, stop: Stop, whole: boolean): Finding[] {
  const { hook, definite, row } = stop;
  const packets = whereDocumented(check, row, stop.packets);
  const verb = definite ? 'cannot pass' : 'might not pass';
  const closing = closingOf(check, stop);
  const translating = openingLines(check.view, closing, packets).filter(({ note }) =>
    note?.startsWith(TRANSLATES),
  );
  const later = definite ? closingLater(check.view, hookOf(check, stop), packets, closing) : [];
  const closes = onceEach([...closingLines(check.view, closing, packets), ...closingBehind(check, stop)]);
  const policies = closes.filter(({ note }) => note?.startsWith(POLICY_CLOSES));
  const questions = openQuestions(check, stop);
  // What may pass some rule lets through in some cases: that one is to be mended, and no policy, unless it only goes astray.
  const isUnsure = !definite && !questions.includes(SERVED_ELSEWHERE);
  const mayOpen = !isUnsure ? [] : mayOpenLines(check.view, hook, closing, packets);
  const denying = closes.filter((line) => !policies.includes(line));
  const rules = mayOpen.length === 0 ? denying : inOrder([...denying, ...mayOpen]);
  return check.make.finish({
    code: 'missing',
    rule: whole ? 'closed' : 'partly-closed',
    packets,
    evidence: withReplies(check, stop, packets, [
      ...rules,
      ...policies,
      ...later.filter((line) => !closes.some((one) => isSamePlace(one, line))),
      ...translating.filter((line) => !rules.some((one) => isSamePlace(one, line))),
      ...given(check, stop),
      ...publishing(check, stop),
    ]),
    openQuestions: questions,
    message: `Needed${whole ? '' : ' too'}, and ${verb}: ${check.make.text(packets, hook)}${inState(stop.state)}.${check.make.share(packets, hook, row)}`,
    ...draftOf(stop),
  });
}

/** The lines that publish what may be served of the packets. */
function publishing({ sets, make }: FamilyCheck, { row, hook, state, packets, definite }: Stop): Evidence[] {
  const calling = definite ? NONE : sets.callingFor(row, packets);
  if (calling === NONE) return [];
  return make
    .openingEvidence(hook, state, calling)
    .filter(({ note }) => note?.startsWith(TRANSLATES))
    .map((line) => ({ ...line, note: MAY_PUBLISH }));
}

/** Lines of one file in their order, each once: a rule that hands packets to a program may open what it may close. */
function inOrder(lines: readonly Evidence[]): Evidence[] {
  return onceEach(lines).sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : 0));
}
