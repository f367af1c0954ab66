import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Runs one of the package's scripts; what it printed is the message of a failure. */
function script(name: string): void {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', name], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  expect(status, `npm run ${name}\n${stdout}${stderr}`.slice(0, 8000)).toBe(0);
}

describe('the project', () => {
  it('type-checks', () => script('typecheck'), 120_000);
  it('is formatted and free of lint', () => script('lint'), 60_000);
  it('has no unused file, export or dependency', () => script('knip'), 120_000);
});
