import type { Party, ResolvedHost, ResolvedRow } from '../baseline/model.ts';
import type { ConnectionReport, ConnectionStatus, Finding } from '../finding/report.ts';
import { NONE } from '../packet/diagram.ts';
import type { FamilyCheck } from './family-check.ts';
import { halfOpenFindings } from './half-open-findings.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { isClosed, isOpen, type RowJudgement } from './judgement.ts';
import { partyAddresses } from './row-sets.ts';

/** What became of every row of a host's baselines. */
export interface JudgedConnections {
  readonly connections: readonly ConnectionReport[];
  readonly findings: readonly Finding[];
}

/** One row in the families that it says something about. */
interface InFamily {
  readonly check: FamilyCheck;
  readonly judgement: RowJudgement;
}

/** Judges every row, prohibited ones first so that nothing is reported twice. */
export function connectionReports(
  host: ResolvedHost,
  ruleset: Ruleset,
  checks: readonly FamilyCheck[],
): JudgedConnections {
  const rows = host.baselines.flatMap((baseline) => baseline.rows);
  const findings: Finding[] = [];
  const connections = new Map<ResolvedRow, ConnectionReport>();
  for (const row of rows.filter(({ level }) => level === 'prohibited')) {
    const open = row.status === 'not-applicable' ? [] : checks.flatMap((check) => check.prohibited(row));
    findings.push(...open);
    connections.set(row, report(row, prohibitedStatus(row, open), row.reason));
  }
  for (const row of rows.filter(({ level }) => level !== 'prohibited')) {
    const judged = row.status === 'not-applicable' ? notApplicable(row) : judge(row, host, ruleset, checks);
    findings.push(...judged.findings);
    connections.set(row, judged.connection);
  }
  return { connections: rows.map((row) => connections.get(row) as ConnectionReport), findings };
}

function prohibitedStatus(row: ResolvedRow, open: readonly Finding[]): ConnectionStatus {
  if (row.status === 'not-applicable') return 'not-applicable';
  if (open.some((finding) => finding.certainty === 'definite')) return 'prohibited-open';
  return open.length > 0 ? 'undetermined' : 'satisfied';
}

interface Judged {
  readonly connection: ConnectionReport;
  readonly findings: readonly Finding[];
}

function notApplicable(row: ResolvedRow): Judged {
  return { connection: report(row, 'not-applicable', row.reason), findings: [] };
}

function judge(
  row: ResolvedRow,
  host: ResolvedHost,
  ruleset: Ruleset,
  checks: readonly FamilyCheck[],
): Judged {
  const families = checks.flatMap((check): InFamily[] => {
    const judgement = check.judgement(row);
    return judgement === undefined ? [] : [{ check, judgement }];
  });
  if (families.length === 0) return { connection: unjudged(row, host, ruleset), findings: [] };
  if (row.level === 'optional') return optional(row, families);
  const findings = [
    ...requiredFindings(row, families),
    ...families.flatMap((family) => stoppedFindings(row, family)),
  ];
  return { connection: report(row, requiredStatus(row, families, findings), row.reason), findings };
}

/**
 * A row that says nothing about any family that was assessed. Where the host has no address of the row's families it
 * does not concern the host; else nobody can tell.
 */
function unjudged(row: ResolvedRow, host: ResolvedHost, ruleset: Ruleset): ConnectionReport {
  const has = (party: Party, family: 4 | 6): boolean => partyAddresses(ruleset, party, family)?.length !== 0;
  const names = row.families.map((family) => `IPv${family}`).join(' or ');
  if (!row.families.some((family) => has(host.own, family)))
    return report(row, 'not-applicable', `the host has no ${names} address`);
  const shared = row.families.filter((family) => has(row.source, family) && has(row.destination, family));
  const reason =
    shared.length === 0
      ? 'its two ends have no address family in common'
      : `${shared.map((family) => `IPv${family}`).join(' and ')} was not assessed`;
  return report(row, row.level === 'required' ? 'undetermined' : 'not-applicable', reason);
}

/** An optional row is documented and never missing; what is said is whether it is open. */
function optional(row: ResolvedRow, families: readonly InFamily[]): Judged {
  const findings = families.flatMap((family) => stoppedFindings(row, family));
  if (row.status === 'undetermined') return { connection: report(row, 'undetermined', row.reason), findings };
  if (families.every(({ judgement }) => isClosed(judgement)))
    return { connection: report(row, 'not-applicable', 'optional, and closed'), findings };
  const open = families.some(({ judgement }) => isOpen(judgement));
  return { connection: report(row, open ? 'satisfied' : 'partial', row.reason), findings };
}

/**
 * Missing packets of each family, or, where the other family has what this one lacks, the disagreement. Where an end is
 * not bound to addresses one address is enough, and it may be of either family.
 */
function requiredFindings(row: ResolvedRow, families: readonly InFamily[]): Finding[] {
  const bound = families.every(({ check }) => check.sets.bound(row));
  const findings: Finding[] = [];
  const open = families.filter(({ judgement }) => !isClosed(judgement));
  const disputed =
    families.length === 2 && open.length === 1 && families.some(({ judgement }) => isClosed(judgement));
  for (const family of families) {
    const other = families.find((one) => one !== family);
    if (disputed && other !== undefined && isClosed(family.judgement))
      findings.push(...disagreement(row, family, other, bound));
    else findings.push(...missingFindings(row, family, bound ? undefined : other, families));
  }
  return findings;
}

function missingFindings(
  row: ResolvedRow,
  { check, judgement }: InFamily,
  other: InFamily | undefined,
  families: readonly InFamily[],
): Finding[] {
  const { diagram } = check.view;
  // Where one address of either family is enough, what the other family has open is not missing here; and what neither has is
  // reported once, for the first family.
  const kept = judgement.needs.filter((_need, index) => {
    const there = other?.judgement.needs[index];
    if (there === undefined) return true;
    if (there.missing === NONE && there.uncertain === NONE) return false;
    return families[0]?.judgement === judgement || there.missing === NONE;
  });
  const missing = diagram.orAll(kept.map((need) => need.missing));
  const uncertain = diagram.difference(diagram.orAll(kept.map((need) => need.uncertain)), missing);
  return [
    ...check.missing(row, missing, true, isClosed(judgement)),
    ...check.missing(
      row,
      uncertain,
      false,
      judgement.needs.every((need) => need.open === NONE),
    ),
  ];
}

/** A row that is open in one family and closed in the other; where addresses are not bound, that may well be meant. */
function disagreement(row: ResolvedRow, closed: InFamily, open: InFamily, bound: boolean): Finding[] {
  const { check, judgement } = closed;
  const packets = check.view.diagram.orAll(judgement.needs.map((need) => need.missing));
  if (packets === NONE) return [];
  const hook = check.hookOf(row);
  const passing = open.check.view.diagram.orAll(open.judgement.needs.map((need) => need.open));
  const name = (family: 4 | 6): string => (family === 4 ? 'IPv4' : 'IPv6');
  return check.finish({
    code: 'conflicting',
    rule: 'families-disagree',
    certainty: 'definite',
    severity: bound ? 'medium' : 'info',
    row,
    hook,
    packets,
    passes: false,
    evidence: [
      ...check.closingEvidence(hook, row.states[0] ?? 'new', packets),
      ...open.check
        .openingEvidence(hook, passing)
        .map((line) => ({ ...line, note: `${line.note} ${name(open.check.family)}` })),
    ],
    message: `Open in ${name(open.check.family)} and closed in ${name(check.family)}: ${check.text(packets, hook)}.`,
  });
}

function stoppedFindings(row: ResolvedRow, { check, judgement }: InFamily): Finding[] {
  return halfOpenFindings(check, row, judgement);
}

function requiredStatus(
  row: ResolvedRow,
  families: readonly InFamily[],
  findings: readonly Finding[],
): ConnectionStatus {
  const definite = findings.filter(
    (finding) => finding.certainty === 'definite' && finding.severity !== 'info',
  );
  if (definite.length > 0)
    return families.every(({ judgement }) => isClosed(judgement)) ? 'missing' : 'partial';
  if (findings.some((finding) => finding.certainty === 'possible')) return 'undetermined';
  return row.status === 'undetermined' ? 'undetermined' : 'satisfied';
}

function report(row: ResolvedRow, status: ConnectionStatus, reason: string | undefined): ConnectionReport {
  return {
    baseline: row.baseline,
    id: row.id,
    direction: row.direction,
    status,
    level: row.level,
    document: row.document,
    ...(reason === undefined ? {} : { reason }),
  };
}
