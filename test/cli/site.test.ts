import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/finding/report.ts';
import { inProcess } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-site-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A site of two Security Servers; the second is the one in order. */
function site(): string {
  for (const [name, from] of [
    ['a', 'x-road'],
    ['b', 'x-road-compliant'],
  ]) {
    cpSync(`fixtures/sites/${from}/ss1`, join(folder, `${name}`), { recursive: true });
  }
  const path = join(folder, 'site.yaml');
  writeFileSync(
    path,
    `version: 1
roles:
  security-server: [10.1.2.10, 10.1.2.11]
  timestamping-service: [198.51.100.8]
hosts:
  - { name: b, role: security-server, addresses: [10.1.2.11], configs: [b/rules.v4, b/sets.ipset], baselines: [x-road-security-server] }
  - { name: a, role: security-server, addresses: [10.1.2.10], configs: [a/rules.v4, a/sets.ipset], baselines: [x-road-security-server] }
`,
  );
  return path;
}

const path = site();

async function check(...args: readonly string[]): Promise<Report> {
  const { status, stdout, stderr } = await inProcess([
    'check',
    '--format',
    'json',
    '--deployment',
    path,
    ...args,
  ]);
  expect({ status: status === 2 ? 2 : 'done', stderr }).toEqual({ status: 'done', stderr: '' });
  return JSON.parse(stdout);
}

const timestamping = (report: Report): (string | undefined)[] =>
  report.hosts.map(({ connections }) => connections.find(({ id }) => id === 'timestamping-service')?.status);

describe('a site of several hosts', () => {
  it('is checked host by host, in its order, and its configs are listed once', async () => {
    const report = await check();
    expect(report.hosts.map(({ name }) => name)).toEqual(['b', 'a']);
    expect(timestamping(report)).toEqual(['satisfied', 'missing']);
    expect(report.inputs.map((input) => input.path.slice(folder.length + 1))).toEqual([
      'b/rules.v4',
      'b/sets.ipset',
      'a/rules.v4',
      'a/sets.ipset',
    ]);
    expect(report.baselines).toHaveLength(1);
  });

  it('shows the host with the worst findings first', async () => {
    const { stdout } = await inProcess(['check', '--deployment', path]);
    expect(stdout.indexOf('\na (security-server)')).toBeGreaterThan(0);
  });

  it('can be checked for one of its hosts', async () => {
    expect((await check('--host', 'a')).hosts.map(({ name }) => name)).toEqual(['a']);
    expect((await check('--host', 'a', '--host', 'b')).hosts).toHaveLength(2);
  });

  it('can lend its roles to configs from elsewhere', async () => {
    const configs = ['b/rules.v4', 'b/sets.ipset'].map((name) => join(folder, name));
    const asHost = await check(...configs, '--host', 'a');
    expect(asHost.hosts.map(({ name }) => name)).toEqual(['a']);
    expect(timestamping(asHost)).toEqual(['satisfied']);
    const asRole = ['--as', 'security-server', '--baseline', 'x-road-security-server', '--format', 'json'];
    const { stdout, stderr } = await inProcess(['check', '--deployment', path, ...configs, ...asRole]);
    const report: Report = JSON.parse(stdout);
    expect(report.hosts.map(({ name }) => name)).toEqual(['host']);
    expect(timestamping(report)).toEqual(['satisfied']);
    // Which of the role's machines it is, nobody has said.
    expect(stderr).toMatch(/site.yaml:3:20: warning: `security-server` stands for several machines/);
  });

  it('needs to know which host configs from elsewhere are of', async () => {
    const { status, stderr } = await inProcess(['check', join(folder, 'a/rules.v4'), '--deployment', path]);
    expect(status).toBe(2);
    expect(stderr).toContain('it is not said which of them the configs are of');
    const other = await inProcess(['check', '--deployment', path, '--as', 'security-server']);
    expect(other.status).toBe(2);
    expect(other.stderr).toContain('`--as` names the role of configs, and none is given');
  });
});

describe('a site with nothing to judge', () => {
  it('is refused, and says of which host nothing is given', async () => {
    for (const [hosts, reason] of [
      ['[]', /nothing\.yaml:3:8: error: `hosts` is empty\./],
      [
        '[{ name: a, role: security-server, configs: [], baselines: [x-road-security-server] }]',
        /nothing\.yaml:3:9: error: the host `a` has no configs\n/,
      ],
    ] as const) {
      const file = join(folder, 'nothing.yaml');
      writeFileSync(file, `version: 1\nroles: {}\nhosts: ${hosts}\n`);
      const { status, stdout, stderr } = await inProcess(['check', '--deployment', file]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(reason);
    }
  });
});

describe('a broken export that several hosts share', () => {
  const broken = join(folder, 'broken.json');
  const file = join(folder, 'sharing.yaml');
  const rows = (count: number): string[] =>
    Array.from(
      { length: count },
      (_, i) =>
        `  - { name: h${i + 1}, role: security-server, baselines: [x-road-security-server], configs: [broken.json], securityGroups: [sg-1] }`,
    );
  const write = (count: number): void => {
    writeFileSync(broken, '{ "SecurityGroups": [{ "GroupId": nobody }] }\n');
    writeFileSync(
      file,
      ['version: 1', 'roles: { security-server: unbound }', 'hosts:', ...rows(count), ''].join('\n'),
    );
  };

  it.each([
    [2, [], 'error: hosts `h1`, `h2`: this is not JSON'],
    [5, [], 'error: hosts `h1`, `h2`, `h3` and 2 more: this is not JSON'],
    [5, ['--jobs', '1'], 'error: hosts `h1`, `h2`, `h3` and 2 more: this is not JSON'],
    [1, [], 'error: this is not JSON'],
    [1, ['--jobs', '1'], 'error: host `h1`: this is not JSON'],
  ])('%i hosts %j: is told once, with their names', async (count, words, expected) => {
    write(count);
    const { status, stdout, stderr } = await inProcess(['check', '--deployment', file, ...words]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.split('is not JSON')).toHaveLength(2);
    expect(stderr.replaceAll(/\n\s+/g, ' ')).toContain(expected);
  });
});

describe('one host of a site', () => {
  it.each([
    ['is not warned of what the others have in files', 'bank', 1, ''],
    [
      'is refused where no baseline knows a name',
      'bnak',
      2,
      '`bnak` is not a role of any baseline of this deployment.',
    ],
    [
      'is told of names that a file may know that cannot be read',
      'lender',
      1,
      'warning: `lender` is not a role',
    ],
  ])('%s', async (_, role, expected, told) => {
    const baseline = (id: string, own: string): string => `version: 1
id: ${id}
title: T
document: { title: D }
closed: { in: true, out: false, forward: false }
roles: { ${own}: { title: R }, ${own}-user: { title: U } }
rows: [{ id: r, source: ${own}-user, destination: ${own}, protocols: [tcp], ports: [443] }]
`;
    writeFileSync(join(folder, 'shop.yaml'), baseline('shop', 'shop'));
    writeFileSync(join(folder, 'bank.yaml'), baseline('bank', 'bank'));
    const site = join(folder, 'files.yaml');
    writeFileSync(
      site,
      `version: 1
roles: { shop: [10.1.2.10], shop-user: [10.3.1.11], ${role}: [10.3.1.5] }
hosts:
  - { name: s, role: shop, configs: [a/rules.v4, a/sets.ipset], baselines: [./shop.yaml] }
  - { name: b, role: bank, configs: [b/rules.v4, b/sets.ipset], baselines: [./${role === 'lender' ? 'none' : 'bank'}.yaml] }
`,
    );
    for (const jobs of [[], ['--jobs', '2']]) {
      const { status, stderr } = await inProcess(['check', '--deployment', site, '--host', 's', ...jobs]);
      expect(status).toBe(expected);
      if (told === '') expect(stderr).toBe('');
      else expect(stderr.replaceAll(/\s+/g, ' ')).toContain(told);
    }
  });

  it.each([['alone'], ['by workers', '--jobs', '2']])(
    'is no reason to warn of what others need: %s',
    async (_, ...jobs) => {
      const mixed = join(folder, 'mixed.yaml');
      writeFileSync(
        mixed,
        `version: 1
roles: { security-server: [10.1.2.10], worker: [10.3.1.11], load-balancer: [10.3.1.5] }
features: { x-road-security-server.acme: false, zone-rules: false }
hosts:
  - { name: a, role: security-server, configs: [a/rules.v4, a/sets.ipset], baselines: [x-road-security-server] }
  - { name: w, role: worker, configs: [b/rules.v4, b/sets.ipset], baselines: [apinizer] }
`,
      );
      const args = ['check', '--format', 'json', '--deployment', mixed, '--host', 'w', ...jobs];
      const { status, stderr, stdout } = await inProcess(args);
      expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
      expect((JSON.parse(stdout) as Report).baselines.map(({ id }) => id)).toEqual(['apinizer']);
    },
  );
});
