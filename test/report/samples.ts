import type { Finding, HostReport, Report } from '../../src/finding/report.ts';
import { finding, report } from './sample.ts';

const [clean, busy] = report.hosts as readonly [HostReport, HostReport];
const [firstRow] = busy.connections;

/** A fingerprint that tells findings apart. */
export const fingerprint = (n: number): string => n.toString(16).padStart(64, '0');

const missing: Finding = {
  ...finding,
  code: 'missing',
  rule: 'closed',
  connection: 'ocsp',
  message: 'Needed, and cannot pass.',
  evidence: [
    { file: 'ss1/rules.v4', line: 14, column: 1, text: '-A OUTPUT -d 192.0.2.1 -j DROP', note: 'closes' },
    { file: 'ss1/rules.v4', line: 4, column: 1, text: ':OUTPUT DROP [0:0]', note: 'policy closes' },
  ],
  fingerprint: fingerprint(1),
};

const waived: Finding = {
  ...finding,
  rule: 'prohibited-open',
  severity: 'critical',
  waived: 'w-1',
  fingerprint: fingerprint(2),
};

/** A report in which every part of every format is in use: waivers, an earlier report, every status, no evidence. */
export const everything: Report = {
  ...report,
  asOf: '2026-11-21',
  waiverFile: { path: 'waivers.yaml', sha256: '05'.repeat(32) },
  waivers: [
    {
      id: 'w-1',
      rule: 'prohibited-open',
      owner: 'Alma',
      approver: 'Bertil',
      reason: 'until the move is done',
      ticket: 'NET-12',
      created: '2026-11-01',
      expires: '2026-12-31',
      daysLeft: 40,
      status: 'active',
      findings: [fingerprint(2)],
    },
  ],
  previous: { sha256: '06'.repeat(32), new: [fingerprint(1)], gone: [], unchanged: 3 },
  hosts: [
    clean,
    {
      ...busy,
      connections: [
        ...busy.connections,
        ...(['partial', 'not-applicable', 'waived', 'prohibited-open'] as const).map((status, i) => ({
          ...(firstRow as HostReport['connections'][number]),
          id: `row-${i}`,
          status,
          reason: `because ${status}`,
        })),
        { ...(firstRow as HostReport['connections'][number]), id: 'shut', level: 'prohibited' as const },
      ],
      findings: [
        ...busy.findings,
        missing,
        waived,
        {
          ...waived,
          connection: 'row-0',
          rule: 'partly-closed',
          code: 'missing',
          fingerprint: fingerprint(3),
        },
        { ...finding, rule: 'half-open', evidence: [], fingerprint: fingerprint(4) },
        { ...finding, rule: 'not-yet-known', severity: 'info', fingerprint: fingerprint(5) },
      ],
    },
  ],
};

/** A report with nothing in it: no host, no input, no finding. */
export const nothing: Report = {
  schemaVersion: '1',
  tool: report.tool,
  inputs: [],
  baselines: [],
  hosts: [],
  coverage: [],
  summary: { missing: 0, excessive: 0, conflicting: 0, undetermined: 0, satisfied: 0 },
};

/** The report with this many findings on one host, each its own. */
export function many(count: number, change: (n: number) => Partial<Finding> = () => ({})): Report {
  const findings = Array.from({ length: count }, (_, n) => ({
    ...finding,
    fingerprint: fingerprint(n),
    ...change(n),
  }));
  return { ...report, hosts: [{ ...busy, findings }] };
}
