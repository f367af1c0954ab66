import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { check, type InputFile, type Report } from '../../src/api.ts';
import { withExtended } from '../../src/api/extends.ts';
import { inProcess } from '../support/cli.ts';
import { baselineOf, unwrap } from './support.ts';

const file = (path: string, text: string): InputFile => ({ path, bytes: Buffer.from(text) });

/** A baseline of one row, of one port. */
const baseline = (id: string, port: number, extended: readonly string[] = []): string => `version: 1
id: ${id}
title: ${id}
document: { title: ${id} }
${extended.length === 0 ? '' : `extends: [${extended.join(', ')}]\n`}closed: { in: true, out: false, forward: false }
roles: { shop: { title: Shop } }
rows:
  - { id: row-${port}, cells: { Port: "${port}" }, source: any, destination: shop, protocols: [tcp], ports: [${port}] }
`;
const RULES = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
COMMIT
`;

async function checked(files: Readonly<Record<string, string>>): Promise<Report> {
  const given = Object.entries(files).map(([path, text]) => file(path, text));
  const [first, ...rest] = given;
  const request = { configs: [file('rules.v4', RULES)], baselines: [first as InputFile], as: 'shop' };
  return unwrap(await check({ ...request, files: rest }));
}

describe('extends', () => {
  it('adds the rows of what is extended, all the way down, each once', async () => {
    const report = await checked({
      'site/a.yaml': baseline('a', 80, ['./b.yaml', 'sub/c.yaml']),
      'site/b.yaml': baseline('b', 443, ['sub/c.yaml']),
      'site/sub/c.yaml': baseline('c', 22),
    });
    expect(report.baselines.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    const [host] = report.hosts;
    expect(host?.connections.map(({ baseline: of, id, status }) => `${of} ${id} ${status}`)).toEqual([
      'a row-80 satisfied',
      'b row-443 missing',
      'c row-22 missing',
    ]);
  });

  it('has an id once, also where baselines are named side by side', async () => {
    const request = { configs: [file('rules.v4', RULES)], as: 'shop' };
    const both = (text: string) =>
      check({ ...request, baselines: [file('a.yaml', baseline('a', 80)), file('b.yaml', text)] });
    const differing = await both(baseline('a', 443));
    if (differing.ok) throw new Error('two texts under one id were taken');
    expect(differing.errors.map(({ message }) => message)).toEqual([
      'The baseline `a.yaml` has the id `a` too, and another text.',
    ]);
    // The same text twice is one baseline.
    expect(unwrap(await both(baseline('a', 80))).baselines).toHaveLength(1);
  });

  it('says the same as several baselines named side by side', async () => {
    const extended = await checked({ 'a.yaml': baseline('a', 80, ['host-essentials']) });
    const request = { configs: [file('rules.v4', RULES)], as: 'shop' };
    const named = unwrap(
      await check({ ...request, baselines: [file('a.yaml', baseline('a', 80)), 'host-essentials'] }),
    );
    expect(named.hosts[0]?.findings.length).toBeGreaterThan(0);
    expect(extended.hosts).toEqual(named.hosts);
  });

  it('reaches the hosts of a deployment', async () => {
    const site = `version: 1
hosts:
  - { name: h, role: shop, configs: [rules.v4], baselines: [./a.yaml] }
`;
    const files = [
      file('rules.v4', RULES),
      file('a.yaml', baseline('a', 80, ['./b.yaml'])),
      file('b.yaml', baseline('b', 443)),
    ];
    const report = unwrap(await check({ deployment: file('site.yaml', site), files }));
    expect(report.hosts[0]?.connections.map(({ baseline: of, status }) => `${of} ${status}`)).toEqual([
      'a satisfied',
      'b missing',
    ]);
  });

  const errors = (of: string, files: readonly InputFile[]): readonly string[] => {
    const result = withExtended(
      { ...baselineOf(of), source: { ...baselineOf(of).source, path: 'a.yaml' } as never },
      files,
    );
    return result.ok ? [] : result.errors.map(({ code, message }) => `${code}: ${message}`);
  };

  it.each([
    [
      'itself',
      baseline('a', 80, ['./a.yaml']),
      [],
      'extends-circle: The baseline extends itself: `a.yaml` → `a.yaml`.',
    ],
    [
      'itself by way of another',
      baseline('a', 80, ['./b.yaml']),
      [file('b.yaml', baseline('b', 443, ['a.yaml']))],
      'extends-circle: The baseline extends itself: `a.yaml` → `b.yaml` → `a.yaml`.',
    ],
    [
      'a circle that it is no part of',
      baseline('a', 80, ['./b.yaml']),
      [file('b.yaml', baseline('b', 443, ['c.yaml'])), file('c.yaml', baseline('c', 22, ['b.yaml']))],
      'extends-circle: The baseline extends itself: `b.yaml` → `c.yaml` → `b.yaml`.',
    ],
    [
      'what does not exist',
      baseline('a', 80, ['host-essential']),
      [],
      'unknown-baseline: There is no baseline `host-essential`.',
    ],
    [
      'a file that is not given',
      baseline('a', 80, ['./b.yaml']),
      [],
      'missing-file: the file `b.yaml` was not given',
    ],
    [
      'another of its own id',
      baseline('a', 80, ['./b.yaml']),
      [file('b.yaml', baseline('a', 443))],
      'duplicate-baseline: `a.yaml` comes to two different baselines with the id `a`.',
    ],
  ])('refuses %s', async (_, text, files, message) => {
    expect(errors(text, files)).toEqual([message]);
  });
});

describe('extends on the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-extends-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (path: string, text: string): string => {
    const whole = join(folder, path);
    mkdirSync(join(whole, '..'), { recursive: true });
    writeFileSync(whole, text);
    return whole;
  };
  const run = (path: string) =>
    inProcess(['check', write('rules.v4', RULES), '--baseline', path, '--as', 'shop', '--format', 'json']);

  it('reads what a file extends, and what that extends', async () => {
    const path = write('a.yaml', baseline('a', 80, ['./b.yaml']));
    write('b.yaml', baseline('b', 443, ['deep/c.yaml', 'host-essentials']));
    write('deep/c.yaml', baseline('c', 22));
    const { status, stdout } = await run(path);
    expect(status).toBe(1);
    const { baselines } = JSON.parse(stdout) as Report;
    expect(baselines.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'host-essentials']);
  });

  it.each([
    ['../out.yaml', /a2\.yaml:5:11: error: `\.\.\/out\.yaml` leads out of the baseline's folder\./],
    ['./link.yaml', /a2\.yaml:5:11: error: `.*link\.yaml`: it is a symbolic link that leads out/],
    ['./nowhere.yaml', /a2\.yaml:5:11: error: `.*nowhere\.yaml`: there is no such file/],
    ['./a2.yaml', /a2\.yaml:5:11: error: The baseline extends itself/],
  ])('tells the place of `%s`', async (extended, said) => {
    symlinkSync('/etc/passwd', join(folder, 'link.yaml'));
    const { status, stdout, stderr } = await run(write('a2.yaml', baseline('a', 80, [extended])));
    rmSync(join(folder, 'link.yaml'));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(said);
  });
});
