import type { ResolvedRow } from '../../baseline/model.ts';
import type { ConnectionStatus, Finding } from '../../finding/report.ts';
import { NONE } from '../../packet/diagram.ts';
import { closedFindings } from './closed.ts';
import {
  closedAcross,
  closedInOne,
  closedInPart,
  closedPackets,
  type InFamily,
  nameOf,
} from './families-disagree.ts';
import type { FamilyCheck } from '../view/family-check.ts';
import { halfOpenFindings } from '../half-open/findings.ts';
import { isClosed, isOpen } from './judgement.ts';
import { hostAddresses } from '../rows/parties.ts';

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
      return closedInOne(row, family, other, boundIn(family));
    // Of a family that is closed in whole only the disagreement is told: what neither has is told for the other then.
    const tells = disputed ? family : families[0];
    return missingFindings(row, family, boundIn(family) ? undefined : other, tells === family);
  });
}

/** Whether all is open that the row needs, whoever needs it: in each family that it is needed in, else in one of them. */
export function isOpenIn(row: ResolvedRow, families: readonly InFamily[]): boolean {
  const needed = families.filter((family) => isNeededIn(row, family, families));
  if (needed.length > 0) return needed.every(({ judgement }) => isOpen(judgement));
  const [first, second] = families;
  if (first === undefined || second === undefined) return families.some(({ judgement }) => isOpen(judgement));
  const { neither, unsure, uncertain } = closedAcross(first, second);
  return [neither, unsure, uncertain].every((closed) => closed === NONE);
}

/** Whether the row is needed in this very family: else one address of any family is enough. */
function isNeededIn(row: ResolvedRow, { check }: InFamily, families: readonly InFamily[]): boolean {
  if (row.direction === 'loopback') return hasAddresses(check);
  return families.every((family) => family.check.sets.hasBoth(row));
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
  family: InFamily,
  other: InFamily | undefined,
  tellsForBoth: boolean,
): Finding[] {
  const { check, judgement, whole } = family;
  // Where one address of either family is enough, what the other family has open is not missing here; and what neither has is
  // reported once.
  const across = other === undefined ? undefined : closedAcross(family, other);
  const { missing, uncertain } =
    across === undefined
      ? closedPackets(family, judgement.needs)
      : { missing: tellsForBoth ? across.neither : NONE, uncertain: across.uncertain };
  const unsure = whole.needs.every((need) => need.open === NONE);
  return [
    ...closedFindings(check, row, missing, true, isClosed(whole)),
    ...closedFindings(check, row, uncertain, false, unsure),
    ...(other === undefined || across === undefined ? [] : closedInPart(row, family, other, across)),
  ];
}

/** How a required row stands, given what was found about it. */
export function requiredStatus(
  row: ResolvedRow,
  families: readonly InFamily[],
  findings: readonly Finding[],
): ConnectionStatus {
  const contested = families.some(({ judgement, disputed, check }) =>
    judgement.needs.some((need) => check.view.diagram.and(need.missing, disputed) !== NONE),
  );
  // What the other family has is told, and leaves the row as it is.
  const telling = findings.filter(({ severity }) => severity !== 'info');
  if (telling.some(({ certainty }) => certainty === 'definite') || contested)
    return families.every(({ judgement }) => isClosed(judgement)) ? 'missing' : 'partial';
  if (telling.some(({ certainty }) => certainty === 'possible')) return 'undetermined';
  return row.status === 'undetermined' ? 'undetermined' : 'satisfied';
}
