import { type Report, SEVERITIES, type Severity } from '../../finding/report.ts';

/** From where on a report counts as failed. */
export interface Threshold {
  readonly failOn: Severity;
  /** Whether undetermined connections are let pass. */
  readonly allowUndetermined: boolean;
}

/**
 * Whether the report has a finding at or above the severity that is neither waived nor known, or an undetermined connection
 * that is not let pass.
 */
export function exceedsThreshold(report: Report, threshold: Threshold): boolean {
  const limit = SEVERITIES.indexOf(threshold.failOn);
  const grave = report.hosts.some((host) =>
    host.findings.some(
      ({ severity, waived, known }) =>
        waived === undefined && known !== true && SEVERITIES.indexOf(severity) <= limit,
    ),
  );
  return grave || (report.summary.undetermined > 0 && !threshold.allowUndetermined);
}
