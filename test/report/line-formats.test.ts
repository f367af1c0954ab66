import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { renderReport } from '../../src/api/reports.ts';
import type { Finding, Report } from '../../src/finding/report.ts';
import { report } from './sample.ts';
import { everything, fingerprint, many, nothing } from './samples.ts';

const severity = (name: Finding['severity']) => () => ({ severity: name });

describe('GitHub annotations', () => {
  it('keep to ten of a type and say how many are left out', async () => {
    const worst = many(35, (n) => ({ severity: n < 12 ? 'high' : n < 24 ? 'medium' : 'low' }));
    const lines = (await renderReport(worst, 'github')).trimEnd().split('\n');
    const count = (type: string): number => lines.filter((line) => line.startsWith(`::${type} `)).length;
    expect([count('error'), count('warning'), count('notice')]).toEqual([10, 10, 10]);
    expect(lines.at(-1)).toBe(
      '::notice title=postern::6 more findings without an annotation, as GitHub takes 10 of a type; IPv6 was not assessed, so it is neither open nor closed (ss1); 1 connection undetermined (health-check (in) at ss1: The site has not set the parameter `health-check-port`, so there is no port to look for.).',
    );
  });

  it('keep the line and column of the evidence', async () => {
    const [first] = (await renderReport(report, 'github')).split('\n');
    expect(first).toBe(
      '::error file=ss1/rules.v4,line=12,col=1,title=postern%3A high masked (ss1)::Port 4000/tcp from `admin` is needed, but line 12 drops these packets before line 31 accepts them.',
    );
  });

  it('leave out what is waived, and say so', async () => {
    const text = await renderReport(everything, 'github');
    expect(text).not.toContain('prohibited-open');
    expect(text).toContain('2 findings waived');
  });

  it('are none where there is nothing to say', async () => {
    expect(await renderReport(nothing, 'github')).toBe('');
  });
});

describe('Markdown', () => {
  it('says where to read what could not be judged, where there is something', async () => {
    expect(await renderReport(nothing, 'markdown')).toContain('\nNo open findings on 0 hosts.\n');
    const hosts = report.hosts.map((host) => ({ ...host, findings: [] }));
    const text = await renderReport({ ...report, hosts }, 'markdown');
    expect(text).toContain('No open findings on 2 hosts. What could not be judged is under “Limits”.');
    expect(text).toContain('- `ss1`: IPv6 was not assessed');
    expect(text).toContain('- `ss1`: undetermined `health-check (in)`');
  });

  it('tells waived findings apart, with their waiver', async () => {
    const text = await renderReport(everything, 'markdown');
    const [open, waived] = text.split('## Waived findings');
    expect(open).not.toContain(fingerprint(2));
    expect(waived).toContain(fingerprint(2));
    expect(text).toMatch(/\| `w-1` \| active \| `Alma` \| `Bertil` \| `2026-12-31` \| 40 \|/);
  });
});

describe('a job summary', () => {
  it('is the Markdown report where that is small', async () => {
    expect(await renderReport(report, 'github-summary')).toBe(await renderReport(report, 'markdown'));
  });

  it('never exceeds one mebibyte, and says what it leaves out', async () => {
    const big = many(3000, (n) => ({ fingerprint: fingerprint(n), message: '漢'.repeat(400) }));
    const text = await renderReport(big, 'github-summary');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
    const shown = text.split('\n### ').length - 1;
    expect(text).toContain(
      `**This summary is cut: ${3000 - shown} more findings did not go into one mebibyte.**`,
    );
  });
});

describe('GitLab', () => {
  it('has an issue with the finding’s fingerprint, and none twice', async () => {
    const doubled: Report = { ...report, hosts: [...report.hosts, ...report.hosts] };
    const issues = JSON.parse(await renderReport(doubled, 'gitlab'));
    const fingerprints = issues.map((issue: { fingerprint: string }) => issue.fingerprint);
    const judged = issues.filter(({ severity: one }: { severity: string }) => one !== 'info');
    expect(new Set(judged.map((issue: { fingerprint: string }) => issue.fingerprint)).size).toBe(4);
    expect(fingerprints).toContain('ab'.repeat(32));
    expect(issues[0]).toEqual({
      description: `ss1: ${report.hosts[1]?.findings[1]?.message}`,
      check_name: 'masked',
      fingerprint: 'ab'.repeat(32),
      severity: 'critical',
      location: { path: 'ss1/rules.v4', lines: { begin: 12 } },
    });
  });

  it.each([
    ['critical', 'blocker'],
    ['high', 'critical'],
    ['medium', 'major'],
    ['low', 'minor'],
    ['info', 'info'],
  ] as const)('calls %s %s', async (ours, theirs) => {
    expect(JSON.parse(await renderReport(many(1, severity(ours)), 'gitlab'))[0].severity).toBe(theirs);
  });

  it('names what was not judged: an empty list would look as if all were in order', async () => {
    const hosts = report.hosts.map((host) => ({ ...host, findings: [] }));
    const issues = JSON.parse(await renderReport({ ...report, hosts }, 'gitlab'));
    expect(
      issues.map((issue: Record<string, string>) => [issue.check_name, issue.severity, issue.description]),
    ).toEqual([
      ['not-assessed', 'info', 'IPv6 was not assessed, so it is neither open nor closed (clean, ss1).'],
      [
        'undetermined',
        'info',
        'ss1: 1 connection undetermined (health-check (in) at ss1: The site has not set the parameter `health-check-port`, so there is no port to look for.)',
      ],
    ]);
    expect(await renderReport(nothing, 'gitlab')).toBe('[\n]\n');
  });

  it('leaves out what is waived', async () => {
    expect(await renderReport(everything, 'gitlab')).not.toContain(fingerprint(2));
  });
});

describe('CSV', () => {
  it('has a record for each finding, waived ones too, with CRLF at every end', async () => {
    const text = await renderReport(everything, 'csv');
    const rows = parse(text, { columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(7);
    expect(rows.filter((row) => row.waiver === 'w-1')).toHaveLength(2);
    expect(text.split('\r\n')).toHaveLength(9);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('says how much of an overlong cell is not in it', async () => {
    const text = await renderReport(
      many(1, () => ({ message: 'x'.repeat(40_000) })),
      'csv',
    );
    const [row] = parse(text, { columns: true }) as Record<string, string>[];
    expect(row?.message).toMatch(/x… \(8000 characters more in the JSON report\)$/);
    expect(row?.message?.length).toBeLessThan(32_767);
  });
});
