import type { Report, Severity } from '../finding/report.ts';
import { allFindings, anchorOf, splitWaived } from './all-findings.ts';
import { neutralLine } from './neutral-json.ts';
import { familiesNotAssessed, namedUndetermined, unreviewedBaselines } from './not-looked-at.ts';
import { plainPath } from './sarif/uri.ts';
import { uuid } from './uuid.ts';
import { count } from './wrap.ts';

/** GitLab's severities ("Code Quality report format"). */
const SEVERITY: Readonly<Record<Severity, string>> = {
  critical: 'blocker',
  high: 'critical',
  medium: 'major',
  low: 'minor',
  info: 'info',
};

interface Issue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

/**
 * The report as GitLab's Code Quality artifact: one list, an issue for each finding that is not waived, the worst first, then what
 * was not judged.
 */
export function* gitlabChunks(report: Report): Generator<string> {
  yield '[';
  let begun = false;
  for (const issues of [findings(report), unjudged(report)])
    for (const issue of issues) {
      yield `${begun ? ',' : ''}\n${neutralLine(issue)}`;
      begun = true;
    }
  yield '\n]\n';
}

/** GitLab takes two issues with one fingerprint for one, so a second one with the same gets a number. */
function* findings(report: Report): Generator<Issue> {
  const seen = new Map<string, number>();
  for (const { host, finding } of splitWaived(allFindings(report)).open) {
    const place = anchorOf(report, finding);
    const times = (seen.get(finding.fingerprint) ?? 0) + 1;
    seen.set(finding.fingerprint, times);
    yield {
      description: `${host.name}: ${finding.message}`,
      check_name: finding.rule,
      fingerprint: times === 1 ? finding.fingerprint : `${finding.fingerprint}-${times}`,
      severity: SEVERITY[finding.severity],
      location: { path: plainPath(place.file), lines: { begin: place.line } },
    };
  }
}

/** The list has no other place for it, and without it an empty one looks as if all were in order. */
function* unjudged(report: Report): Generator<Issue> {
  const location = { path: plainPath(report.inputs[0]?.path ?? '-'), lines: { begin: 1 } };
  const issue = (check_name: string, description: string, ...of: readonly string[]): Issue => {
    return {
      description,
      check_name,
      fingerprint: uuid(check_name, ...of),
      severity: SEVERITY.info,
      location,
    };
  };
  for (const text of familiesNotAssessed(report)) yield issue('not-assessed', `${text}.`, text);
  for (const text of unreviewedBaselines(report)) yield issue('unreviewed-baseline', `${text}.`, text);
  for (const host of report.hosts) {
    const open = host.connections.filter(({ status }) => status === 'undetermined');
    if (open.length === 0) continue;
    const text = `${host.name}: ${count(open.length, 'connection')} undetermined${namedUndetermined([host])}`;
    yield issue(
      'undetermined',
      text,
      host.name,
      ...open.map((one) => `${one.baseline}:${one.id}:${one.direction}`),
    );
  }
}
