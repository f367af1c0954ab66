import type { Party, ResolvedHost, ResolvedRow } from '../baseline/model.ts';
import type { ConnectionReport, ConnectionStatus, Finding } from '../finding/report.ts';
import type { FamilyCheck } from './family-check.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { isClosed, isOpen } from './judgement.ts';
import { halfOpenIn, type InFamily, requiredFindings, requiredStatus } from './required.ts';
import { partyAddresses, unknownBinding } from './parties.ts';
import { isCloudOnly } from './view.ts';
import type { Disputes } from './documents.ts';

/** What became of every row of a host's baselines. */
export interface JudgedConnections {
  readonly connections: readonly ConnectionReport[];
  readonly findings: readonly Finding[];
}

/** Judges every row, prohibited ones first so that nothing is reported twice. */
export function connectionReports(
  host: ResolvedHost,
  ruleset: Ruleset,
  checks: readonly FamilyCheck[],
  disputes: Disputes,
): JudgedConnections {
  const rows = host.baselines.flatMap((baseline) => baseline.rows);
  const findings: Finding[] = [];
  const connections = new Map<ResolvedRow, ConnectionReport>();
  for (const row of rows.filter(({ level }) => level === 'prohibited')) {
    const open = row.status === 'not-applicable' ? [] : checks.flatMap((check) => check.prohibited(row));
    findings.push(...open);
    connections.set(row, report(row, prohibitedStatus(row, open, ruleset), reasonOf(row, ruleset)));
  }
  for (const row of rows.filter(({ level }) => level !== 'prohibited')) {
    const judged = applies(row, ruleset) ? judge(row, host, ruleset, checks, disputes) : notApplicable(row);
    findings.push(...judged.findings);
    connections.set(row, judged.connection);
  }
  return { connections: rows.map((row) => connections.get(row) as ConnectionReport), findings };
}

function prohibitedStatus(row: ResolvedRow, open: readonly Finding[], ruleset: Ruleset): ConnectionStatus {
  if (row.status === 'not-applicable') return 'not-applicable';
  if (open.some((finding) => finding.certainty === 'definite')) return 'prohibited-open';
  const unknown = row.status === 'undetermined' || unknownBinding(ruleset, row) !== undefined;
  return open.length > 0 || unknown ? 'undetermined' : 'satisfied';
}

/** Why the row could not be judged, or not against somebody. */
function reasonOf(row: ResolvedRow, ruleset: Ruleset): string | undefined {
  const unknown = unknownBinding(ruleset, row);
  if (row.reason !== undefined || unknown === undefined) return row.reason;
  return `the role \`${unknown.role}\` is bound to the ${unknown.kind} \`${unknown.name}\`, which no config has`;
}

interface Judged {
  readonly connection: ConnectionReport;
  readonly findings: readonly Finding[];
}

/** A cloud sees nothing of what a host says to itself. */
function applies(row: ResolvedRow, ruleset: Ruleset): boolean {
  if (row.status === 'not-applicable') return false;
  return row.direction !== 'loopback' || !isCloudOnly(ruleset);
}

function notApplicable(row: ResolvedRow): Judged {
  const reason =
    row.status === 'not-applicable'
      ? row.reason
      : 'no group of a cloud sees what a host says to itself; give the host’s own configs too';
  return { connection: report(row, 'not-applicable', reason), findings: [] };
}

function judge(
  row: ResolvedRow,
  host: ResolvedHost,
  ruleset: Ruleset,
  checks: readonly FamilyCheck[],
  disputes: Disputes,
): Judged {
  const families = checks.flatMap((check): InFamily[] => {
    const judgement = check.judgement(row);
    return judgement === undefined ? [] : [{ check, judgement, disputed: disputes.packets(row, check) }];
  });
  if (families.length === 0) return { connection: unjudged(row, host, ruleset), findings: [] };
  if (row.level === 'optional') return optional(row, families);
  const findings = [...requiredFindings(row, families), ...halfOpenIn(row, families)];
  return {
    connection: report(row, requiredStatus(row, families, findings), reasonOf(row, ruleset)),
    findings,
  };
}

/**
 * A row that says nothing about any family that was assessed. Where the host has no address of the row's families it
 * does not concern the host; else nobody can tell.
 */
function unjudged(row: ResolvedRow, host: ResolvedHost, ruleset: Ruleset): ConnectionReport {
  const has = (party: Party, family: 4 | 6): boolean => partyAddresses(ruleset, party, family)?.length !== 0;
  const nobody = [row.source, row.destination].find((party) => !has(party, 4) && !has(party, 6));
  if (nobody !== undefined)
    return report(row, 'not-applicable', `the role \`${nobody.role}\` is bound to no address`);
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
  const findings = halfOpenIn(row, families);
  if (row.status === 'undetermined') return { connection: report(row, 'undetermined', row.reason), findings };
  if (families.every(({ judgement }) => isClosed(judgement)))
    return { connection: report(row, 'not-applicable', 'optional, and closed'), findings };
  const open = families.some(({ judgement }) => isOpen(judgement));
  return { connection: report(row, open ? 'satisfied' : 'partial', row.reason), findings };
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
