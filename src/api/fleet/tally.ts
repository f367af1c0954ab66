import { stateOf, wayOf } from '../../finding/controls.ts';
import { countKey } from '../../finding/controls-report.ts';
import type { HostReport, Severity, Summary } from '../../finding/report.ts';

/** What is counted of hosts, so that a report's totals need none of its findings in memory. */
export interface Tally {
  summary: {
    missing: number;
    excessive: number;
    conflicting: number;
    undetermined: number;
    satisfied: number;
  };
  /** Findings by severity. */
  severities: Partial<Record<Severity, number>>;
  /** Findings by rule and way (`countKey`). */
  rules: Record<string, number>;
  /** Rows that are evidence by themselves, by what they show and their way. */
  states: Record<string, number>;
}

/** Nothing counted yet. */
export function emptyTally(): Tally {
  return {
    summary: { missing: 0, excessive: 0, conflicting: 0, undetermined: 0, satisfied: 0 },
    severities: {},
    rules: {},
    states: {},
  };
}

/** What one host's report has. */
export function tallyOf({ findings, connections }: Pick<HostReport, 'findings' | 'connections'>): Tally {
  const tally = emptyTally();
  for (const finding of findings) {
    const { code, severity } = finding;
    tally.summary[code]++;
    tally.severities[severity] = (tally.severities[severity] ?? 0) + 1;
    const key = countKey(finding.rule, wayOf(finding));
    tally.rules[key] = (tally.rules[key] ?? 0) + 1;
  }
  for (const connection of connections) {
    if (connection.status === 'undetermined') tally.summary.undetermined++;
    if (connection.status === 'satisfied') tally.summary.satisfied++;
    const state = stateOf(connection);
    if (state === undefined) continue;
    const key = countKey(state, connection.direction);
    tally.states[key] = (tally.states[key] ?? 0) + 1;
  }
  return tally;
}

/** Adds the second to the first. */
export function addTally(total: Tally, more: Tally): void {
  addCounts(total.summary, more.summary);
  addCounts(total.severities, more.severities);
  addCounts(total.rules, more.rules);
  addCounts(total.states, more.states);
}

function addCounts<K extends string>(
  total: Partial<Record<K, number>>,
  more: Partial<Record<K, number>>,
): void {
  for (const key of Object.keys(more) as K[]) total[key] = (total[key] ?? 0) + (more[key] ?? 0);
}

/** Whether the findings counted fail at a threshold, as `exceedsThreshold` says of a report that has them. */
export function tallyExceeds(
  tally: Tally,
  { failOn, allowUndetermined }: { readonly failOn: Severity; readonly allowUndetermined: boolean },
  severities: readonly Severity[],
): boolean {
  const grave = severities
    .slice(0, severities.indexOf(failOn) + 1)
    .some((one) => (tally.severities[one] ?? 0) > 0);
  return grave || (tally.summary.undetermined > 0 && !allowUndetermined);
}

/** The totals as a report has them. */
export function summaryFrom({ summary }: Tally): Summary {
  return { ...summary };
}
