import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, type InputFile, type Report, siteFiles } from '../../src/api.ts';

/** The report of a bundled example site. */
export async function siteReport(id: string): Promise<Report> {
  const path = join('fixtures', 'sites', id, 'site.yaml');
  const deployment: InputFile = { path, bytes: readFileSync(path) };
  const named = siteFiles(deployment, undefined);
  if (!named.ok) throw new Error(named.errors.map(({ message }) => message).join('\n'));
  const files = named.value.map(({ path: file }): InputFile => ({ path: file, bytes: readFileSync(file) }));
  const report = await check({ deployment, files });
  if (!report.ok) throw new Error(report.errors.map(({ message }) => message).join('\n'));
  return report.value;
}

/** The same with what changes with every edition of postern or of a shipped baseline as something fixed. */
export function stable(report: Report): Report {
  const sha256 = '0'.repeat(64);
  return {
    ...report,
    tool: { name: 'postern', version: '0.0.0' },
    baselines: report.baselines.map((baseline) => ({ ...baseline, sha256 })),
  };
}
