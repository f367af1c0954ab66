import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** Room for young objects: compilers that make many spend a fifth less time where V8 collects them less often. */
const ROOM = '--max-semi-space-size=128';

/** Runs one of the package's scripts as npm would; what it printed is the message of a failure. */
function script(name: string): void {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', scripts[name] as string], {
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${resolve('node_modules/.bin')}${delimiter}${process.env.PATH}`,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${ROOM}`,
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
    },
  });
  expect(status, `npm run ${name}\n${stdout}${stderr}`.slice(0, 8000)).toBe(0);
}

// Much longer than they take: another's load on the machine is no fault of the project.
describe('the project', () => {
  it('type-checks', () => script('typecheck'), 300_000);
  it('is formatted and free of lint', () => script('lint'), 300_000);
  it('has no unused file, export or dependency', () => script('knip'), 300_000);
});
