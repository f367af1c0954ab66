import { readFileSync } from 'node:fs';
import { check } from '../../../src/api/check.ts';
import { siteFiles } from '../../../src/api/site.ts';
import type { Report } from '../../../src/finding/report.ts';

/** A report with detail of a site in fixtures/sites. */
export async function detailed(site: string, detail = true): Promise<Report> {
  const path = `fixtures/sites/${site}/site.yaml`;
  const deployment = { path, bytes: readFileSync(path) };
  const named = siteFiles(deployment, undefined);
  if (!named.ok) throw new Error(named.errors.map(({ message }) => message).join('\n'));
  const files = named.value.map((file) => ({ path: file.path, bytes: readFileSync(file.path) }));
  const answer = await check({ deployment, files, detail });
  if (!answer.ok) throw new Error(answer.errors.map(({ message }) => message).join('\n'));
  return answer.value;
}

/** The same with waivers, one of each state, and an earlier report. */
export function audited(report: Report): Report {
  const host = report.hosts[0] as Report['hosts'][number];
  const [first, second] = host.findings.map(({ fingerprint }) => fingerprint) as [string, string];
  const waiver = {
    owner: 'A. Owner',
    approver: 'B. Approver',
    created: '2026-01-01',
    rule: 'closed',
  };
  const findings = host.findings.map((finding) =>
    finding.fingerprint === second ? { ...finding, waived: 'W-2' } : finding,
  );
  return {
    ...report,
    asOf: '2026-11-21',
    hosts: [{ ...host, findings }, ...report.hosts.slice(1)],
    waiverFile: { path: 'waivers.yaml', sha256: 'ab'.repeat(32) },
    waivers: [
      {
        ...waiver,
        id: 'W-1',
        reason: 'too old',
        expires: '2026-11-01',
        daysLeft: -20,
        status: 'expired',
        findings: [first],
      },
      {
        ...waiver,
        id: 'W-2',
        reason: 'soon gone',
        expires: '2026-12-01',
        daysLeft: 10,
        status: 'expiring',
        findings: [second],
        compensating: 'watched by hand',
        ticket: 'T-9',
      },
      {
        ...waiver,
        id: 'W-3',
        reason: 'for nothing',
        expires: '2027-12-01',
        daysLeft: 375,
        status: 'unused',
        findings: [],
      },
      {
        ...waiver,
        id: 'W-4',
        reason: 'as agreed',
        expires: '2027-12-01',
        daysLeft: 375,
        status: 'active',
        findings: [first],
        covers: [{ family: 'ipv4', protocols: ['6'], destinationPorts: ['443'] }],
      },
    ],
    previous: {
      path: 'last.json',
      sha256: 'cd'.repeat(32),
      new: [first],
      unchanged: 2,
      gone: [
        {
          host: host.name,
          code: 'excessive',
          rule: 'undocumented-opening',
          severity: 'high',
          message: 'It was open.',
          fingerprint: 'ef'.repeat(32),
        },
      ],
    },
  };
}
