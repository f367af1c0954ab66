import type { Party, ResolvedHost, ResolvedRow } from '../baseline/model.ts';
import type { ConnectionReport, ConnectionStatus, Finding } from '../finding/report.ts';
import type { InFamily } from './required/families-disagree.ts';
import type { FamilyCheck } from './view/family-check.ts';
import { NONE } from '../packet/diagram.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { isClosed } from './required/judgement.ts';
import { notFollowed, somePortsSentAway } from './loopback/other-source.ts';
import { stopsBehindOutput } from './required/behind-output.ts';
import { relatedByNothing } from './required/related-by-helpers.ts';
import { halfOpenIn, isOpenIn, requiredFindings, requiredStatus } from './required/required.ts';
import { showsNoAddress } from './required/unneeded-family.ts';
import { itselfAmong } from './addresses/itself.ts';
import {
  listedAddresses,
  loopbackEnd,
  partyAddresses,
  unboundAmong,
  unknownBinding,
} from './rows/parties.ts';
import { isForGroups, isOfTheLink, partsOf } from './rows/targets.ts';
import { passesByOthersOnly } from './excess/interfaces-of-others.ts';
import { passesByUnnamedOnly } from './excess/unnamed-interfaces.ts';
import { isCloudOnly } from './view/clouds.ts';
import type { FamilyView } from './view/view.ts';
import type { Disputes } from './documents.ts';
import { reasonOf, report } from './row-report.ts';

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
    const judged = applies(row, ruleset)
      ? judge(row, host, ruleset, checks, disputes)
      : notApplicable(row, ruleset);
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

const GROUPS_IN_A_CLOUD =
  'no rule of a cloud is asked about what goes to a multicast group or to everybody on the link; give the host’s own configs too';

const LINK_OF_A_CLOUD =
  'the network of a cloud tells an instance of its neighbours by itself, and no rule is asked; give the host’s own configs too';

const GROUPS_BETWEEN_ZONES =
  'what goes to a group of the link stays on it, and what goes to other groups passes by multicast routing, which is not judged';

interface Judged {
  readonly connection: ConnectionReport;
  readonly findings: readonly Finding[];
}

/** A cloud sees nothing of what a host says to itself, and asks no rule about what stays on a link. */
function applies(row: ResolvedRow, ruleset: Ruleset): boolean {
  if (row.status === 'not-applicable') return false;
  return !isCloudOnly(ruleset) || (row.direction !== 'loopback' && !isOfTheLink(row));
}

function notApplicable(row: ResolvedRow, ruleset: Ruleset): Judged {
  return { connection: report(row, 'not-applicable', whyNot(row, ruleset)), findings: [] };
}

function whyNot(row: ResolvedRow, ruleset: Ruleset): string | undefined {
  if (row.status === 'not-applicable') return row.reason;
  if (row.direction === 'loopback')
    return 'no group of a cloud sees what a host says to itself; give the host’s own configs too';
  return isForGroups(row, ruleset) ? GROUPS_IN_A_CLOUD : LINK_OF_A_CLOUD;
}

function judge(
  row: ResolvedRow,
  host: ResolvedHost,
  ruleset: Ruleset,
  checks: readonly FamilyCheck[],
  disputes: Disputes,
): Judged {
  const itself = row.direction === 'loopback' ? undefined : loopbackEnd(ruleset, row);
  if (itself !== undefined) return { connection: ofItself(row, itself), findings: [] };
  const { parts, families } = judgements(row, ruleset, checks, disputes);
  if (families.length === 0) {
    const here = itselfAmong(viewsOf(checks), host, row);
    return { connection: here ? ofFirewall(row, here) : unjudged(row, host, ruleset), findings: [] };
  }
  if (row.level === 'optional') return optional(row, parts, families);
  const findings = parts.flatMap((part) => [
    ...requiredFindings(part.row, part.families),
    ...halfOpenIn(part.row, part.families),
  ]);
  const status = requiredStatus(row, families, findings);
  const unrelated =
    status === 'satisfied'
      ? (relatedByNothing(row, ruleset, checks) ??
        notFollowed(row, families) ??
        stopsBehindOutput(row, families))
      : undefined;
  if (unrelated !== undefined) return { connection: report(row, 'undetermined', unrelated), findings };
  const byWhich =
    status === 'satisfied'
      ? (passesByOthersOnly(row, families) ??
        passesByUnnamedOnly(row, families, ruleset) ??
        somePortsSentAway(row, families))
      : undefined;
  return { connection: report(row, status, reasonOf(row, ruleset) ?? byWhich), findings };
}

/** No rule decides about it on a wire, and of what a host says to itself only rows about loopback speak. */
function ofItself(row: ResolvedRow, { role }: Party): ConnectionReport {
  const reason = `the role \`${role}\` has loopback addresses alone, which no packet of another machine carries`;
  return report(row, 'not-applicable', reason);
}

const viewsOf = (checks: readonly FamilyCheck[]): FamilyView[] => checks.map(({ view }) => view);

/** What the firewall itself needs is asked at input and at output, of a host that has its role. */
function ofFirewall(row: ResolvedRow, { role }: Party): ConnectionReport {
  const reason = `\`${role}\` is this firewall itself: nothing that goes to it or comes from it is forwarded`;
  return report(row, 'not-applicable', reason);
}

/** A row, or the part of it whose packets come as one type, in the families that it says something about. */
interface Part {
  readonly row: ResolvedRow;
  readonly families: readonly InFamily[];
}

/** How the row stands: part by part, and as a whole. */
function judgements(
  row: ResolvedRow,
  ruleset: Ruleset,
  checks: readonly FamilyCheck[],
  disputes: Disputes,
): { parts: readonly Part[]; families: readonly InFamily[] } {
  const rows = partsOf(row, ruleset);
  const families: InFamily[] = [];
  const parts = rows.map((part): { row: ResolvedRow; families: InFamily[] } => ({ row: part, families: [] }));
  for (const check of checks) {
    const disputed = disputes.packets(row, check);
    const judged = rows.map((part) => check.judgement(part));
    const needs = judged.flatMap((one) => one?.needs ?? []);
    if (judged.every((one) => one === undefined)) continue;
    const whole = { row, needs };
    families.push({ check, judgement: whole, disputed, whole });
    judged.forEach((judgement, i) => {
      if (judgement !== undefined) parts[i]?.families.push({ check, judgement, disputed, whole });
    });
  }
  return { parts, families };
}

/**
 * A row that says nothing about any family that was assessed. Where the host has no address of the row's families it
 * does not concern the host; else nobody can tell.
 */
function unjudged(row: ResolvedRow, host: ResolvedHost, ruleset: Ruleset): ConnectionReport {
  const has = (party: Party, family: 4 | 6): boolean =>
    (unboundAmong(party, family) ?? partyAddresses(ruleset, party, family))?.length !== 0;
  if (row.families.some((family) => has(host.own, family)) && isForGroups(row, ruleset)) {
    if (row.direction === 'forward') return report(row, 'not-applicable', GROUPS_BETWEEN_ZONES);
    if (isCloudOnly(ruleset)) return report(row, 'not-applicable', GROUPS_IN_A_CLOUD);
  }
  const nobody = [row.source, row.destination].find((party) => !has(party, 4) && !has(party, 6));
  if (nobody !== undefined)
    return report(row, 'not-applicable', `the role \`${nobody.role}\` is bound to no address`);
  const names = row.families.map((family) => `IPv${family}`).join(' or ');
  if (!row.families.some((family) => has(host.own, family)))
    return report(row, 'not-applicable', hasNone(row.families, names, ruleset));
  const shared = row.families.filter((family) => has(row.source, family) && has(row.destination, family));
  const reason =
    shared.length === 0
      ? 'its two ends have no address family in common'
      : `${shared.map((family) => `IPv${family}`).join(' and ')} was not assessed`;
  return report(row, row.level === 'required' ? 'undetermined' : 'not-applicable', reason);
}

/** On whose word a host has no address of the families: what the deployment leaves out the host may have. */
function hasNone(families: readonly (4 | 6)[], names: string, ruleset: Ruleset): string {
  if (!families.every((family) => showsNoAddress(ruleset, family)))
    return `the deployment gives the host no ${names} address`;
  const onLinks = families.some((family) => listedAddresses(ruleset, family).length > 0);
  return `the host has no ${names} address${onLinks ? ' but link-local ones' : ''}`;
}

const OPEN_IN_PART = 'and not all of it is sure to be open';

/** An optional row is documented and never missing; what is said is whether it is open. */
function optional(row: ResolvedRow, parts: readonly Part[], families: readonly InFamily[]): Judged {
  const findings = parts.flatMap((part) => halfOpenIn(part.row, part.families));
  if (row.ownMayBeAll && families.every(({ check }) => isClosedAmongItself(check, row)))
    return { connection: report(row, 'not-applicable', 'optional, and closed'), findings };
  if (row.status === 'undetermined') return { connection: report(row, 'undetermined', row.reason), findings };
  if (families.every(({ judgement }) => isClosed(judgement)))
    return { connection: report(row, 'not-applicable', `${row.reason ?? 'optional'}, and closed`), findings };
  // What is not sure to work in whole is not satisfied, whoever needs it; the finding says why.
  if (findings.some(({ severity }) => severity !== 'info'))
    return { connection: report(row, 'partial', row.reason), findings };
  const unsure = notFollowed(row, families) ?? stopsBehindOutput(row, families);
  if (isOpenIn(row, families) && unsure === undefined)
    return { connection: report(row, 'satisfied', row.reason), findings };
  // Nothing of it is missing, and so no finding says why: the reason does.
  const why = unsure ?? `${row.reason ?? 'optional'}, ${OPEN_IN_PART}`;
  return { connection: report(row, 'partial', why), findings };
}

/** Whoever the other machines of a role are, nothing of a row between them is open. */
function isClosedAmongItself({ view, sets }: FamilyCheck, row: ResolvedRow): boolean {
  const hook = row.direction === 'out' ? 'output' : 'input';
  const packets = sets.undecided(row);
  return row.states.every((state) => view.diagram.and(packets, view.hook(hook, state).bounds.may) === NONE);
}
