import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../src/finding/rules.ts';
import { inProcess, postern } from '../support/cli.ts';

const README = readFileSync('README.md', 'utf8');
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/report.md',
  'docs/testing.md',
  'docs/waivers.md',
  'docs/known-findings.md',
  'docs/inline-comments.md',
  'docs/configuration.md',
  'docs/ci.md',
  'docs/findings/README.md',
  ...RULES.map((rule) => rule.page),
];

describe('the README', () => {
  it('shows what its first command prints', () => {
    const [, args = ''] = /^npm ci && node dist\/postern\.js (.+)$/m.exec(README) ?? [];
    const { status, stdout } = postern(args.split(' '));
    expect(status).toBe(1);
    expect(README, 'run `node scripts/readme.js`').toContain(`\`\`\`\n${stdout}\`\`\`\n`);
  });

  it('names the command that runs the tests', () => {
    expect(README).toMatch(/^npm ci && npm test$/m);
    expect(JSON.parse(readFileSync('package.json', 'utf8')).scripts.test).toBe('vitest run');
  });

  it('names only options that exist', async () => {
    const baseline = ['list', 'show', 'validate', 'import', 'verify', 'diff'].map(
      (name) => `baseline ${name}`,
    );
    let known = '';
    for (const command of ['check', 'openings', 'trace', 'init', ...baseline])
      known += (await inProcess([...command.split(' '), '--help'])).stdout;
    // The report quotes rules, and npm has options of its own.
    const own = README.replace(/<!-- report -->[\s\S]*<!-- \/report -->/, '').replace(/`npm [^`]*`/g, '');
    const named = new Set(own.match(/(?<![\w-])--[a-z][a-z-]+/g));
    expect(named.size).toBeGreaterThan(5);
    for (const option of named) expect(known).toContain(option);
  });

  it('lists the baselines that are shipped', async () => {
    const { baselines } = JSON.parse((await inProcess(['baseline', 'list', '--format', 'json'])).stdout);
    const shipped = baselines.map(({ id }: { id: string }) => id);
    const [, table = ''] = /## Baselines\n([\s\S]*?)\n## /.exec(README) ?? [];
    const listed = [...table.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, id]) => id);
    expect(listed.sort()).toEqual(shipped.sort());
  });
});

describe('the documentation', () => {
  it.each(PAGES)('%s links to what exists', (page) => {
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(
      ([, link]) => link as string,
    );
    const broken = links
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => !existsSync(join(dirname(page), link)));
    expect(broken).toEqual([]);
  });
});
