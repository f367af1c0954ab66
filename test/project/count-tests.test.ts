import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'postern-count-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What .ci/run's last line would be for these files of tests, and how it would exit. */
function count(
  files: readonly object[] | undefined,
  npmStatus: number,
): { line: string; status: number | null } {
  const path = join(folder, 'results.json');
  if (files === undefined) rmSync(path, { force: true });
  else writeFileSync(path, JSON.stringify({ testResults: files }));
  const { stdout, status } = spawnSync(
    process.execPath,
    ['scripts/count-tests.js', path, String(npmStatus)],
    {
      encoding: 'utf8',
    },
  );
  return { line: stdout, status };
}

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((one) => ({ status: one })),
});

describe('the last line of .ci/run', () => {
  it('counts what passed and what was skipped', () => {
    const files = [
      file('passed', 'passed', 'passed'),
      file('passed', 'passed', 'skipped', 'pending', 'todo'),
    ];
    expect(count(files, 0)).toEqual({ line: '3 passed, 0 failed, 3 skipped\n', status: 0 });
  });

  it('counts failures, and fails', () => {
    expect(count([file('failed', 'passed', 'failed')], 1)).toEqual({
      line: '1 passed, 1 failed, 0 skipped\n',
      status: 1,
    });
  });

  it('counts a file that can not be loaded as one failure', () => {
    expect(count([file('failed'), file('passed', 'passed')], 1).line).toBe('1 passed, 1 failed, 0 skipped\n');
  });

  it('never says that all is well where the runner does not', () => {
    expect(count([file('passed', 'passed')], 1)).toEqual({
      line: '1 passed, 1 failed, 0 skipped\n',
      status: 1,
    });
    expect(count(undefined, 1)).toEqual({ line: '0 passed, 1 failed, 0 skipped\n', status: 1 });
    expect(count([], 0).status).toBe(1);
  });
});
