import type { ResolvedRow } from '../baseline/model.ts';
import type { ConnectionStatus, Evidence, Finding } from '../finding/report.ts';
import { type Node, NONE } from '../packet/diagram.ts';
import { closedFindings, maskedFindings } from './closed.ts';
import type { FamilyCheck } from './family-check.ts';
import { halfOpenFindings } from './half-open-findings.ts';
import { isClosed, isOpen, type RowJudgement } from './judgement.ts';
import { neededStates } from './needed-states.ts';
import { hostAddresses } from './parties.ts';

/** One row in one family that it says something about. */
export interface InFamily {
  readonly check: FamilyCheck;
  readonly judgement: RowJudgement;
  /** Needed packets that another baseline prohibits: that is said once, and not again as missing. */
  readonly disputed: Node;
  /** The whole row, where this is a part of it (see partsOf). */
  readonly whole: RowJudgement;
}

/**
 * Missing packets of each family, or, where the other family has what this one lacks, the disagreement. Where an end is
 * not bound to addresses one address is enough, and it may be of either family.
 */
export function requiredFindings(row: ResolvedRow, families: readonly InFamily[]): Finding[] {
  const boundIn = (family: InFamily): boolean => isNeededIn(row, family, families);
  const open = families.filter(({ judgement }) => !isClosed(judgement));
  const disputed = families.length === 2 && open.length === 1;
  return families.flatMap((family) => {
    const other = families.find((one) => one !== family);
    if (disputed && other !== undefined && isClosed(family.judgement))
      return disagreement(row, family, other, boundIn(family));
    return missingFindings(row, family, boundIn(family) ? undefined : other, families);
  });
}

/** Whether the row is needed in this very family: else one address of any family is enough. */
function isNeededIn(row: ResolvedRow, { check }: InFamily, families: readonly InFamily[]): boolean {
  if (row.direction === 'loopback') return hasAddresses(check);
  return families.every((family) => family.check.sets.bound(row));
}

/**
 * Connections of a row that begin and then stop, in each family. Where one address of either family is enough and the other
 * family has a connection that works, it is told and no more.
 */
export function halfOpenIn(row: ResolvedRow, families: readonly InFamily[]): Finding[] {
  const found = families.map((family) => ({
    family,
    findings: halfOpenFindings(family.check, row, family.judgement),
  }));
  return found.flatMap(({ family, findings }) => {
    const works = found.find(
      (other) => other.family !== family && other.findings.length === 0 && isOpen(other.family.judgement),
    );
    if (findings.length === 0 || works === undefined || isNeededIn(row, family, families)) return findings;
    const enough = `One address is enough here, and ${nameOf(works.family.check)} has it.`;
    return findings.map((one) => ({ ...one, severity: 'info', message: `${one.message} ${enough}` }));
  });
}

/** Whether the host is known to use the family: then its services on the loopback interface are needed in it. */
function hasAddresses({ ruleset, host, family }: FamilyCheck): boolean {
  return (hostAddresses(ruleset, host.own, family)?.length ?? 0) > 0;
}

function missingFindings(
  row: ResolvedRow,
  { check, judgement, disputed, whole }: InFamily,
  other: InFamily | undefined,
  families: readonly InFamily[],
): Finding[] {
  const { diagram } = check.view;
  // Where one address of either family is enough, what the other family has open is not missing here; and what neither has is
  // reported once, for the first family.
  const kept = judgement.needs.filter(({ key }) => {
    const there = other?.judgement.needs.find((need) => need.key === key);
    if (there === undefined) return true;
    if (there.missing === NONE && there.uncertain === NONE) return false;
    return families[0]?.judgement === judgement || there.missing === NONE;
  });
  const missing = diagram.difference(diagram.orAll(kept.map((need) => need.missing)), disputed);
  const doubtful = diagram.orAll(kept.map((need) => need.uncertain));
  const uncertain = diagram.difference(doubtful, diagram.or(missing, disputed));
  const unsure = whole.needs.every((need) => need.open === NONE);
  return [
    ...closedFindings(check, row, missing, true, isClosed(whole)),
    ...closedFindings(check, row, uncertain, false, unsure),
  ];
}

/** A row that is open in one family and closed in the other; where addresses are not bound, that may well be meant. */
function disagreement(row: ResolvedRow, closed: InFamily, open: InFamily, bound: boolean): Finding[] {
  const { check, judgement, disputed } = closed;
  const { diagram } = check.view;
  const all = diagram.difference(diagram.orAll(judgement.needs.map((need) => need.missing)), disputed);
  const masked = bound ? maskedFindings(check, row, all) : { findings: [], rest: all };
  const state = neededStates(row, check.family)[0] ?? 'new';
  const passing = open.check.view.diagram.orAll(open.judgement.needs.map((need) => need.open));
  const opening = open.check.make.openingEvidence(open.check.hookOf(row), state, passing);
  const found = check.places(row, state, masked.rest, true).flatMap(({ hook, packets }) =>
    check.make.finish({
      code: 'conflicting',
      rule: 'families-disagree',
      certainty: 'definite',
      severity: bound ? 'medium' : 'info',
      row,
      hook,
      state,
      packets,
      passes: false,
      evidence: [
        ...check.make.closingEvidence(hook, state, packets),
        ...opening.map((line): Evidence => ({ ...line, note: `${line.note} ${nameOf(open.check)}` })),
      ],
      message: `Open in ${nameOf(open.check)} and closed in ${nameOf(check)}: ${check.make.text(packets, hook)}.`,
    }),
  );
  return [...masked.findings, ...found];
}

const nameOf = ({ family }: FamilyCheck): string => `IPv${family}`;

/** How a required row stands, given what was found about it. */
export function requiredStatus(
  row: ResolvedRow,
  families: readonly InFamily[],
  findings: readonly Finding[],
): ConnectionStatus {
  const contested = families.some(({ judgement, disputed, check }) =>
    judgement.needs.some((need) => check.view.diagram.and(need.missing, disputed) !== NONE),
  );
  const definite = findings.filter(
    (finding) => finding.certainty === 'definite' && finding.severity !== 'info',
  );
  if (definite.length > 0 || contested)
    return families.every(({ judgement }) => isClosed(judgement)) ? 'missing' : 'partial';
  if (findings.some((finding) => finding.certainty === 'possible')) return 'undetermined';
  return row.status === 'undetermined' ? 'undetermined' : 'satisfied';
}
