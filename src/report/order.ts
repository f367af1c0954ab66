import { exposureOf } from './exposure.ts';
import { type Finding, type HostReport, SEVERITIES } from '../finding/report.ts';

const CODES: readonly Finding['code'][] = ['conflicting', 'missing', 'excessive'];

/** Plain code unit order: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The order of findings in every report: the worst first, the certain before the possible, of what is open what leaves most open, then by
 * what they are about.
 */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    compareText(a.certainty, b.certainty) ||
    CODES.indexOf(a.code) - CODES.indexOf(b.code) ||
    remembered(b) - remembered(a) ||
    compareText(a.rule, b.rule) ||
    compareText(a.baseline ?? '', b.baseline ?? '') ||
    compareText(a.connection ?? '', b.connection ?? '') ||
    compareText(a.family, b.family) ||
    compareText(a.hook, b.hook) ||
    compareText(a.fingerprint, b.fingerprint)
  );
}

/** Sorting asks for each many times. */
const EXPOSURES = new WeakMap<Finding, number>();

function remembered(finding: Finding): number {
  let known = EXPOSURES.get(finding);
  if (known === undefined) {
    known = exposureOf(finding);
    EXPOSURES.set(finding, known);
  }
  return known;
}

/**
 * Findings in the order of {@link compareFindings}; equal ones stay as they are. Those that differ in nothing but their
 * fingerprints are sorted by these alone: a host can have a hundred thousand of them.
 */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  if (SORTED.has(findings) || isSorted(findings)) return findings;
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = groupOf(finding);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  const sorted = [...groups.values()];
  for (const group of sorted) group.sort((a, b) => compareText(a.fingerprint, b.fingerprint));
  sorted.sort((a, b) => compareFindings(a[0] as Finding, b[0] as Finding));
  const list = sorted.flat();
  SORTED.add(list);
  return list;
}

/** Lists that were sorted here: nobody changes them. */
const SORTED = new WeakSet<readonly Finding[]>();

/** A report's findings are sorted when it is made, and each format asks again. */
function isSorted(findings: readonly Finding[]): boolean {
  for (let i = 1; i < findings.length; i++)
    if (compareFindings(findings[i - 1] as Finding, findings[i] as Finding) > 0) return false;
  return true;
}

/** Everything that the order looks at, but for the fingerprint. */
function groupOf(f: Finding): string {
  return `${f.severity} ${f.certainty} ${f.code} ${exposureOf(f)} ${f.rule} ${f.family} ${f.hook} ${f.baseline ?? ''}\n${f.connection ?? ''}`;
}

/** Hosts with the worst finding first; hosts without findings last, by name. */
export function sortHosts(hosts: readonly HostReport[]): HostReport[] {
  const worst = (host: HostReport): number =>
    Math.min(SEVERITIES.length, ...new Set(host.findings.map((f) => SEVERITIES.indexOf(f.severity))));
  return [...hosts].sort((a, b) => worst(a) - worst(b) || compareText(a.name, b.name));
}
