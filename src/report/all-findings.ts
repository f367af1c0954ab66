import { BEHIND, CLOSES, MAY_CLOSE, MAY_OPEN, POLICY_CLOSES } from '../finding/notes.ts';
import { type Finding, type HostReport, type Report, SEVERITIES, type Severity } from '../finding/report.ts';
import { compareFindings, compareText } from './order.ts';

/** A finding with the host it is of. */
export interface HostFinding {
  readonly host: HostReport;
  readonly finding: Finding;
}

/** Every finding of every host, the worst first; among equals by host, then as reports order them. */
export function allFindings(report: Report): HostFinding[] {
  const severity = ({ finding }: HostFinding): number => SEVERITIES.indexOf(finding.severity);
  return report.hosts
    .flatMap((host) => host.findings.map((finding) => ({ host, finding })))
    .sort(
      (a, b) =>
        severity(a) - severity(b) ||
        compareText(a.host.name, b.host.name) ||
        compareFindings(a.finding, b.finding),
    );
}

/** Findings that count, and those that a waiver covers, in the order given. */
export function splitWaived(findings: readonly HostFinding[]): {
  readonly open: readonly HostFinding[];
  readonly waived: readonly HostFinding[];
} {
  return {
    open: findings.filter(({ finding }) => finding.waived === undefined),
    waived: findings.filter(({ finding }) => finding.waived !== undefined),
  };
}

/** How many findings there are of each severity, the worst first, without those there are none of. */
export function severityCounts(findings: readonly HostFinding[]): readonly (readonly [Severity, number])[] {
  return SEVERITIES.map(
    (severity) => [severity, findings.filter(({ finding }) => finding.severity === severity).length] as const,
  ).filter(([, count]) => count > 0);
}

/** The line of a config that a finding is shown at, and the other lines that have to do with it. */
export interface Anchor {
  readonly file: string;
  readonly line: number;
  /** 1-based, in UTF-16 code units; absent where no line of evidence stands behind it. */
  readonly column?: number;
  readonly text?: string;
  readonly note?: string;
}

/**
 * Where a finding is shown. What is missing has no line of its own: it is shown at the policy of the chain (or the line of
 * the cloud group) where one closes it, unless a rule lets it through in some cases, which is shown then; else at the rule that
 * closes it, which for a definite one is a rule that asks for nothing unknown. Without any evidence it is the beginning of the first config, so that formats that demand a place have one.
 */
export function anchorOf(report: Report, finding: Finding): Anchor {
  const { evidence } = finding;
  const noted = (start: string) =>
    evidence.find(({ note }) => note?.startsWith(start) === true && !note.includes(BEHIND));
  const policy = finding.code === 'missing' ? noted(POLICY_CLOSES) : undefined;
  const place = policy === undefined ? undefined : (noted(MAY_OPEN) ?? policy);
  const [first] = evidence;
  const sure =
    first?.note?.startsWith(MAY_CLOSE) && finding.certainty === 'definite' ? noted(CLOSES) : undefined;
  return place ?? sure ?? first ?? { file: report.inputs[0]?.path ?? '-', line: 1 };
}
