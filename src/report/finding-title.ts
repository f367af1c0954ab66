import type { Finding } from '../finding/report.ts';
import { ruleRecord } from '../finding/rules.ts';

/** The heading of a finding: what its rule is called, and whether that is sure. A waiver's last day is, whatever it covers. */
export function findingTitle({ rule, certainty }: Pick<Finding, 'rule' | 'certainty'>): string {
  const title = ruleRecord(rule)?.title ?? rule;
  return certainty === 'definite' || rule === 'waiver-expired' ? title : `Possible: ${title}`;
}
