import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { REPORT_FORMATS } from '../../src/api/reports.ts';
import { postern } from '../support/cli.ts';

const SITE = 'fixtures/sites/x-road/site.yaml';
const folder = mkdtempSync(join(tmpdir(), 'postern-formats-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every format at once, each to a file of its own. */
function everyFormat(run: string): Map<string, Buffer> {
  const formats = REPORT_FORMATS.flatMap((name) => ['--format', `${name}=${join(folder, `${run}-${name}`)}`]);
  const { status, stdout, stderr } = postern(['check', '--deployment', SITE, ...formats]);
  expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: '' });
  return new Map(REPORT_FORMATS.map((name) => [name, readFileSync(join(folder, `${run}-${name}`))]));
}

describe('every format of the command line', () => {
  it('is written, and is the same bytes in two runs', () => {
    const first = everyFormat('first');
    const second = everyFormat('second');
    for (const name of REPORT_FORMATS) {
      expect(first.get(name)?.length, name).toBeGreaterThan(100);
      expect(second.get(name)?.equals(first.get(name) as Buffer), name).toBe(true);
    }
  });

  it('sarif=full is the format that keeps waived findings, on standard output', () => {
    const { status, stdout } = postern(['check', '--deployment', SITE, '--format', 'sarif=full'], {
      cwd: '.',
    });
    expect(status).toBe(1);
    expect(JSON.parse(stdout).version).toBe('2.1.0');
    expect(readdirSync('.')).not.toContain('full');
    const both = postern(['check', '--deployment', SITE, '--format', 'sarif=full', '--format', 'text']);
    expect(both.status).toBe(2);
    expect(both.stderr).toMatch(/Only one format can go to standard output/);
  });

  it('is named in the help, and near misses are suggested', () => {
    const { stdout } = postern(['check', '--help']);
    for (const name of REPORT_FORMATS) expect(stdout.replace(/\s+/g, ' ')).toContain(name);
    const { status, stderr } = postern(['check', '--deployment', SITE, '--format', 'sarf']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/Did you mean `sarif`\?/);
  });
});
