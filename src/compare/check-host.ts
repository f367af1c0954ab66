import type { ResolvedHost } from '../baseline/model.ts';
import type { FamilyStatus, Finding, HostReport } from '../finding/report.ts';
import { SEVERITIES } from '../finding/report.ts';
import type { PacketSpace } from '../packet/set.ts';
import type { CoverageEntry, Ruleset } from '../rule/ruleset.ts';
import { spaceFor } from '../symbolic/layout/space.ts';
import { approximatedRules } from './approximated.ts';
import { connectionReports } from './connections.ts';
import { directionsOf } from './directions.ts';
import { Disputes } from './documents.ts';
import { FamilyCheck } from './view/family-check.ts';
import { asListed } from './rows/as-listed.ts';
import { unknownBinding } from './rows/parties.ts';
import { unlistedAddresses, unneededFamilies } from './required/unneeded-family.ts';

/**
 * Compares what the configs of one host let through with what its baselines document.
 *
 * @param resolved the host, of whose addresses the configs may tell more
 * @param ruleset everything that was given of the host
 * @param tell called with the rules that the analysis took less than exactly
 * @param look called with what was made for each family, when everything is judged; for reports that show more
 * @param space where the packet sets are made, in the order of fields that suits the rule set; a new one, if absent
 * @returns connections in the order of the baselines' rows, findings worst first. Throws only on a bug or where a
 *   diagram outgrows its bound (DiagramLimit).
 */
export function checkHost(
  resolved: ResolvedHost,
  ruleset: Ruleset,
  tell: (approximated: readonly CoverageEntry[]) => void,
  look?: (checks: readonly FamilyCheck[]) => void,
  space: PacketSpace = spaceFor(ruleset),
): HostReport {
  const host = asListed(resolved, ruleset);
  const families = ([4, 6] as const).filter((family) => ruleset.families.has(family));
  const checks = families.map((family) => new FamilyCheck(host, ruleset, family, space));
  const disputes = new Disputes(host, checks);
  const judged = connectionReports(host, ruleset, checks, disputes);
  const findings: Finding[] = [
    ...judged.findings,
    ...checks.flatMap((check) => check.excess()),
    ...disputes.findings(),
  ];
  const views = checks.map(({ view }) => view);
  tell([
    ...approximatedRules(ruleset, views),
    ...unneededFamilies(host, ruleset),
    ...unlistedAddresses(host, ruleset),
  ]);
  look?.(checks);
  const status = (family: 4 | 6): FamilyStatus =>
    ruleset.families.has(family) ? 'assessed' : 'not-assessed';
  return {
    name: host.name,
    role: host.role,
    families: { ipv4: status(4), ipv6: status(6) },
    unbound: unboundRoles(host, ruleset),
    directions: directionsOf(host),
    connections: judged.connections,
    findings: sorted(findings),
  };
}

/** Roles that nothing binds, and those bound to a set that no config has: nobody can tell who they are. */
function unboundRoles(host: ResolvedHost, ruleset: Ruleset): readonly string[] {
  const rows = host.baselines.flatMap((baseline) => baseline.rows);
  const unknown = rows
    .filter((row) => row.status !== 'not-applicable')
    .flatMap((row) => unknownBinding(ruleset, row)?.role ?? []);
  return [...new Set([...host.unbound, ...unknown])].sort();
}

/** Worst first; among equals in the order of code, rule, connection, hook and family, so that equal input gives equal bytes. */
function sorted(findings: readonly Finding[]): Finding[] {
  const codes = ['conflicting', 'missing', 'excessive'];
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { severity, code, certainty, rule } = finding;
    const place = `${SEVERITIES.indexOf(severity)} ${codes.indexOf(code)} ${certainty === 'definite' ? 0 : 1}`;
    const key = `${place} ${rule}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.keys()].sort().flatMap((key) => groups.get(key) ?? []);
}
