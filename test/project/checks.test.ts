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

// Much longer than they take: another's load on the machine is no fault of the project.
describe('the project', () => {
  it('type-checks', () => script('typecheck'), 300_000);
  it('is formatted and free of lint', () => script('lint'), 300_000);
  it('has no unused file, export or dependency', () => script('knip'), 300_000);
});
