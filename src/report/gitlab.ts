import type { Report, Severity } from '../finding/report.ts';
import { allFindings, anchorOf, splitWaived } from './all-findings.ts';
import { neutralLine } from './neutral-json.ts';
import { plainPath } from './sarif/uri.ts';

/** GitLab's severities ("Code Quality report format"). */
const SEVERITY: Readonly<Record<Severity, string>> = {
  critical: 'blocker',
  high: 'critical',
  medium: 'major',
  low: 'minor',
  info: 'info',
};

/**
 * The report as GitLab's Code Quality artifact: one list, an issue for each finding that is not waived, the worst first. GitLab
 * takes two issues with one fingerprint for one, so a second one with the same gets a number.
 */
export function* gitlabChunks(report: Report): Generator<string> {
  const seen = new Map<string, number>();
  yield '[';
  for (const [i, { host, finding }] of splitWaived(allFindings(report)).open.entries()) {
    const place = anchorOf(report, finding);
    const times = (seen.get(finding.fingerprint) ?? 0) + 1;
    seen.set(finding.fingerprint, times);
    const issue = {
      description: `${host.name}: ${finding.message}`,
      check_name: finding.rule,
      fingerprint: times === 1 ? finding.fingerprint : `${finding.fingerprint}-${times}`,
      severity: SEVERITY[finding.severity],
      location: { path: plainPath(place.file), lines: { begin: place.line } },
    };
    yield `${i === 0 ? '' : ','}\n${neutralLine(issue)}`;
  }
  yield '\n]\n';
}
