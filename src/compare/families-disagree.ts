import type { ResolvedRow } from '../baseline/model.ts';
import type { Evidence, Finding } from '../finding/report.ts';
import { type Node, NONE } from '../packet/diagram.ts';
import type { ConnectionState } from '../packet/packet.ts';
import { inState } from './describe.ts';
import { maskedFindings } from './closed.ts';
import type { FamilyCheck } from './family-check.ts';
import type { NeedJudgement, RowJudgement } from './judgement.ts';
import { neededIn, neededStates } from './needed-states.ts';

/** One row in one family that it says something about. */
export interface InFamily {
  readonly check: FamilyCheck;
  readonly judgement: RowJudgement;
  /** Needed packets that another baseline prohibits: that is said once, and not again as missing. */
  readonly disputed: Node;
  /** The whole row, where this is a part of it (see partsOf). */
  readonly whole: RowJudgement;
}

/** A row that is open in one family and closed in the other; where addresses are not bound, that may well be meant. */
export function closedInOne(row: ResolvedRow, closed: InFamily, open: InFamily, bound: boolean): Finding[] {
  const { check, judgement } = closed;
  const { missing } = closedPackets(closed, judgement.needs);
  const masked = bound ? maskedFindings(check, row, missing) : { findings: [], rest: missing };
  const severity = bound ? 'medium' : 'info';
  const told = disagreement(row, closed, open, { packets: masked.rest, definite: true, severity });
  return [...masked.findings, ...told];
}

/**
 * What is closed in one family of a row that is open in the other, and that need not be: who the ends are is not known in both
 * families. That part of the addresses, ports or interfaces gets through is no reason not to tell of the rest.
 */
export function closedInPart(
  row: ResolvedRow,
  closed: InFamily,
  open: InFamily,
  needs: readonly NeedJudgement[],
): Finding[] {
  const { missing, uncertain } = closedPackets(closed, needs);
  return [
    ...disagreement(row, closed, open, { packets: missing, definite: true, severity: 'info' }),
    ...disagreement(row, closed, open, { packets: uncertain, definite: false, severity: 'info' }),
  ];
}

/** What of the needs does not pass, and what may not, but for what is told as disputed. */
export function closedPackets(
  { check, disputed }: Pick<InFamily, 'check' | 'disputed'>,
  needs: readonly NeedJudgement[],
): { readonly missing: Node; readonly uncertain: Node } {
  const { diagram } = check.view;
  const missing = diagram.difference(diagram.orAll(needs.map((need) => need.missing)), disputed);
  const doubtful = diagram.orAll(needs.map((need) => need.uncertain));
  return { missing, uncertain: diagram.difference(doubtful, diagram.or(missing, disputed)) };
}

interface Closed {
  readonly packets: Node;
  readonly definite: boolean;
  readonly severity: 'medium' | 'info';
}

function disagreement(
  row: ResolvedRow,
  { check }: InFamily,
  open: InFamily,
  { packets: all, definite, severity }: Closed,
): Finding[] {
  if (all === NONE) return [];
  const isHere = (one: ConnectionState): boolean =>
    check.view.diagram.and(all, neededIn(check.view, row, one)) !== NONE;
  const state = neededStates(row, check.family).find(isHere) ?? 'new';
  const passing = open.check.view.diagram.orAll(open.judgement.needs.map((need) => need.open));
  const opening = open.check.make.openingEvidence(open.check.hookOf(row), state, passing);
  const closed = definite ? 'closed' : 'possibly closed';
  return check.places(row, state, all, definite).flatMap(({ hook, packets }) =>
    check.make.finish({
      code: 'conflicting',
      rule: 'families-disagree',
      certainty: definite ? 'definite' : 'possible',
      severity,
      row,
      hook,
      state,
      packets,
      passes: false,
      evidence: [
        ...check.make.closingEvidence(hook, state, packets),
        ...opening.map((line): Evidence => ({ ...line, note: `${line.note} ${nameOf(open.check)}` })),
      ],
      message: `Open in ${nameOf(open.check)} and ${closed} in ${nameOf(check)}: ${check.make.text(packets, hook)}${inState(state)}.`,
    }),
  );
}

/** The family of a check, as reports write it. */
export const nameOf = ({ family }: FamilyCheck): string => `IPv${family}`;
