import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { accountFiles } from '../../bench/generate-aws.ts';
import { check, type InputFile, renderReport } from '../../src/api.ts';
import { inProcess, postern } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-account-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What makes a small export large: workers are not worth their start for less than a megabyte. */
const PADDING = ' '.repeat(1_000_000);
const BASELINE = 'x-road-security-server';
const ROLE = 'security-server';

/** Writes an account's exports, padded; `change` may edit the groups. */
function written(
  name: string,
  change: (groups: string) => string = (text) => text,
  size = { groups: 40, rules: 320, interfaces: 90 },
): string[] {
  const { groups, interfaces } = accountFiles(size, 7);
  const files = { groups: change(groups) + PADDING, interfaces };
  return Object.entries(files).map(([kind, text]) => {
    const path = join(folder, `${name}-${kind}.json`);
    writeFileSync(path, text);
    return path;
  });
}

const words = (paths: readonly string[], ...more: string[]): string[] => [
  'check',
  ...paths,
  ...['--baseline', BASELINE, '--as', ROLE, '--format', 'json'],
  ...more,
];

/** The report of all points as one. */
async function whole(paths: readonly string[]): Promise<string> {
  const configs = paths.map((path): InputFile => ({ path, bytes: readFileSync(path) }));
  const report = await check({ configs, baselines: [BASELINE], as: ROLE });
  if (!report.ok) throw new Error(report.errors.map(({ message }) => message).join());
  return renderReport(report.value, 'json');
}

describe('the points of a large account', () => {
  it('come to the report of a check of all as one, byte for byte, with any number of workers', async () => {
    const paths = written('plain');
    const expected = await whole(paths);
    expect(JSON.parse(expected).hosts.length).toBeGreaterThan(32);
    const alone = await inProcess(words(paths, '--jobs', '1'));
    expect({ status: alone.status, stderr: alone.stderr }).toEqual({ status: 1, stderr: '' });
    expect(alone.stdout === expected).toBe(true);
    const several = postern(words(paths, '--jobs', '3'));
    expect({ status: several.status, stderr: several.stderr }).toEqual({ status: 1, stderr: '' });
    expect(several.stdout === expected).toBe(true);
  });

  it('tell what is not taken exactly, also where an export is one line', async () => {
    const paths = written('coverage', (text) =>
      JSON.stringify(JSON.parse(text)).replaceAll('.0/24"', '.0/99"'),
    );
    const expected = await whole(paths);
    expect(JSON.parse(expected).coverage.length).toBeGreaterThan(10);
    const { stdout } = await inProcess(words(paths, '--jobs', '1'));
    expect(stdout === expected).toBe(true);
  });

  it('tell the same where the account’s hosts stand in a deployment', async () => {
    const paths = written('site', (text) =>
      JSON.stringify(JSON.parse(text)).replaceAll(/"[0-9.]+\/24"/g, '"10.0.0.0/99"'),
    );
    const named = paths.map((path) => path.slice(folder.length + 1)).join(', ');
    const hosts = Array.from({ length: 20 }, (_, i) => [
      `  - { name: ss${i}, role: ${ROLE}, configs: [${named}], instance: i-${i.toString(16).padStart(17, '0')} }`,
    ]);
    const site = join(folder, 'site.yaml');
    writeFileSync(site, `version: 1\nroles: { ${ROLE}: [10.0.0.1] }\nhosts:\n${hosts.join('\n')}\n`);
    const deployment = { path: site, bytes: readFileSync(site) };
    const files = paths.map((path): InputFile => ({ path, bytes: readFileSync(path) }));
    const report = await check({ deployment, files, baselines: [BASELINE] });
    if (!report.ok) throw new Error(report.errors.map(({ message }) => message).join());
    expect(report.value.coverage.length).toBeGreaterThan(10);
    const command = ['check', '-d', site, '--baseline', BASELINE, '--format', 'json', '--jobs', '1'];
    const { stdout } = await inProcess(command);
    expect(JSON.parse(stdout).coverage).toEqual(report.value.coverage);
  });

  it('have a host’s own rules beside them whose masks stand for more addresses than can be listed, and interfaces', async () => {
    const rules = join(folder, 'masks.v4');
    const links = join(folder, 'links.json');
    const accepted = '-A INPUT -s 0.0.0.5/0.0.0.255 -p tcp --dport 2222 -j ACCEPT';
    writeFileSync(rules, `*filter\n:INPUT DROP [0:0]\n${accepted}\nCOMMIT\n`);
    writeFileSync(
      links,
      '[{"ifname":"ens5","addr_info":[{"family":"inet","local":"10.0.0.1","prefixlen":24}]}]',
    );
    const paths = [...written('masks', undefined, { groups: 3, rules: 12, interfaces: 4 }), rules, links];
    const expected = await whole(paths);
    expect(expected).toContain('holes');
    const { stdout, stderr } = await inProcess(words(paths, '--jobs', '1'));
    expect(stderr).toBe('');
    expect(stdout === expected).toBe(true);
  });

  it('are not checked where an export is wrong: the error is told once, and no report is written', () => {
    const paths = written('wrong', (text) => text.replace('"IpPermissions"', 'IpPermissions'));
    const out = join(folder, 'wrong.json');
    const { status, stdout, stderr } = postern([...words(paths, '--jobs', '2').slice(0, -3), `json=${out}`]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.match(/error:/g)).toHaveLength(1);
    expect(stderr).toContain('wrong-groups.json:');
    expect(readdirSync(folder)).not.toContain('wrong.json');
  });

  it('need a role that the baseline has', async () => {
    const paths = written('role');
    const command = words(paths).map((word) => (word === ROLE ? 'nobody' : word));
    const { status, stderr } = await inProcess(command);
    expect(status).toBe(2);
    expect(stderr).toContain('nobody');
  });
});
