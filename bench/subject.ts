import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from '../src/finding/report.ts';
import { runOnce, type Sample } from './measure.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const BASELINE = ['--baseline', 'x-road-security-server', '--as', 'security-server'];

/** The shipped command, checking a file. */
export function checkCommand(file: string, report: string): string[] {
  const { execPath } = process;
  return [execPath, join(ROOT, 'dist/postern.js'), 'check', file, ...BASELINE, '--format', `json=${report}`];
}

/** What a first run of the command gives, which is not counted. */
export interface Trial {
  readonly sample: Sample;
  /** How many findings the report has; undefined where there is none. */
  readonly findings: number | undefined;
  /** Bytes. */
  readonly reportSize: number;
  /** Why there is no report to count on, as postern says it. */
  readonly problem: string | undefined;
}

/** Runs the command once and reads the report, so that what is measured afterwards is known to do the whole work. */
export function trial(file: string, folder: string, limit: number): Trial {
  const path = join(folder, 'report.json');
  const sample = runOnce(checkCommand(file, path), folder, limit);
  const none = { sample, findings: undefined, reportSize: 0 };
  if (sample.status === undefined) return { ...none, problem: `no answer after ${limit} s` };
  if (sample.status > 1) return { ...none, problem: sample.complaint.split('\n')[0] ?? '' };
  const text = readFileSync(path, 'utf8');
  const report = JSON.parse(text) as Report;
  const problem = flaw(report, file);
  const findings = report.hosts.reduce((sum, host) => sum + host.findings.length, 0);
  return { sample, findings, reportSize: Buffer.byteLength(text), problem };
}

function flaw(report: Report, file: string): string | undefined {
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (report.inputs[0]?.sha256 !== sha256) return 'the report is not about this file';
  if ((report.hosts[0]?.connections.length ?? 0) === 0) return 'the report has no connections';
  return undefined;
}
