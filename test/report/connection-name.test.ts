import { expect, it } from 'vitest';
import type { ConnectionReport, HostReport, Report } from '../../src/finding/report.ts';
import { REPORT_FORMATS, renderReport } from '../../src/api/reports.ts';
import { report } from './sample.ts';

const row = report.hosts[1]?.connections[0] as ConnectionReport;
const rows: readonly ConnectionReport[] = [
  { ...row, baseline: 'web', id: 'ssh', status: 'undetermined', reason: 'nobody says' },
  { ...row, baseline: 'host-essentials', id: 'ssh', status: 'satisfied' },
  { ...row, baseline: 'web', id: 'http', status: 'satisfied' },
];
const host: HostReport = { ...(report.hosts[1] as HostReport), connections: rows };
const told: Report = {
  ...report,
  hosts: [host],
  summary: { ...report.summary, undetermined: 1 },
};

it.each(['text', 'markdown', 'github'] as const)(
  '%s tells rows of one id in two baselines apart, and says no more of others',
  async (format) => {
    expect(REPORT_FORMATS).toContain(format);
    const text = await renderReport(told, format);
    expect(text).toContain('web:ssh');
    expect(text).not.toContain('web:http');
    if (format !== 'github') expect(text).toContain('host-essentials:ssh');
  },
);
