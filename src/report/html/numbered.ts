import type { Finding, Report } from '../../finding/report.ts';
import { compareFindings, compareText } from '../order.ts';

/** A finding with its host and the number by which the page refers to it. */
export interface Numbered {
  readonly number: number;
  readonly host: string;
  readonly finding: Finding;
}

/** Every finding of every host, the worst first, numbered from 1: the same report, the same numbers. */
export function numberedFindings(report: Report): readonly Numbered[] {
  const all = report.hosts.flatMap(({ name, findings }) =>
    findings.map((finding) => ({ host: name, finding })),
  );
  all.sort((a, b) => compareFindings(a.finding, b.finding) || compareText(a.host, b.host));
  return all.map((one, i) => ({ ...one, number: i + 1 }));
}
