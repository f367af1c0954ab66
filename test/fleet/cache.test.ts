import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postern } from '../support/cli.ts';
import { writeTestSite } from './site.ts';

const HOSTS = 6;
const folder = mkdtempSync(join(tmpdir(), 'postern-cache-'));
const cache = join(folder, 'cache');
const home = join(folder, 'site');
const site = writeTestSite(home, HOSTS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (...more: string[]) => postern(['check', '-d', site, '--format', 'json', ...more]);
const records = (): string[] =>
  (readdirSync(cache, { recursive: true }) as string[]).filter((name) => name.endsWith('.record')).sort();

/** How many results a check makes anew, and whether its report is the one that a check without a cache gives. */
function made(...more: string[]): number {
  const before = records().length;
  const kept = check('--cache', cache, ...more);
  const fresh = check('--jobs', '1', ...more);
  expect(kept.stdout).toBe(fresh.stdout);
  expect(kept.status).toBe(fresh.status);
  expect(kept.stderr).toBe(fresh.stderr);
  return records().length - before;
}

function edited<T>(file: string, change: (text: string) => string, then: () => T): T {
  const path = join(home, file);
  const text = readFileSync(path, 'utf8');
  expect(change(text)).not.toBe(text);
  writeFileSync(path, change(text));
  try {
    return then();
  } finally {
    writeFileSync(path, text);
  }
}

describe('--cache', () => {
  beforeAll(() => {
    expect(check('--cache', cache).status).toBe(1);
    expect(records()).toHaveLength(HOSTS);
  });

  it('takes the results of hosts that are as they were: nothing is made, and nothing is different', () => {
    const times = records().map((name) => statSync(join(cache, name)).mtimeMs);
    expect(made()).toBe(0);
    expect(records().map((name) => statSync(join(cache, name)).mtimeMs)).toEqual(times);
  });

  it('really reads them: what stands there comes out', () => {
    const [name] = records() as [string];
    const path = join(cache, name);
    const text = readFileSync(path, 'utf8');
    const body = text.slice(65).replace('"role\\": \\"security-server', '"role\\": \\"from-the-cache');
    expect(body).not.toBe(text.slice(65));
    writeFileSync(path, `${sha256(body)}\n${body}`);
    expect(check('--cache', cache).stdout).toContain('from-the-cache');
    writeFileSync(path, text);
  });

  it.each([
    ['a config', 'ss2.v4', (text: string) => text.replace('5500,5577', '5500'), 1],
    ['a comment in a config', 'ss2.v4', (text: string) => `# x\n${text}`, 1],
    ['the address of one host', 'site.yaml', (text: string) => text.replace('10.2.0.4', '10.2.0.40'), 1],
    [
      'where a host was captured from',
      'site.yaml',
      (text: string) => text.replace('configs: [ss5.v4]', 'configs: [ss5.v4], captured: { by: me }'),
      1,
    ],
    ['a role of all hosts', 'site.yaml', (text: string) => text.replace('10.1.9.5', '10.1.9.55'), HOSTS],
    [
      'a feature',
      'site.yaml',
      (text: string) => text.replace('hosts:', 'features: { acme: true }\nhosts:'),
      HOSTS,
    ],
    ['a name', 'site.yaml', (text: string) => text.replace('name: ss6', 'name: other'), 1],
    [
      'a role of one host',
      'site.yaml',
      (text: string) => text.replace('configs: [ss3.v4]', 'configs: [ss3.v4], roles: { admin: [10.9.9.9] }'),
      1,
    ],
    [
      'another baseline for one',
      'site.yaml',
      (text: string) =>
        text.replace(
          'configs: [ss1.v4], baselines: [x-road-security-server',
          'configs: [ss1.v4], baselines: [x-road-security-server, host-essentials',
        ),
      1,
    ],
    [
      'a title, which concerns no host',
      'site.yaml',
      (text: string) => text.replace('roles:', 'title: site\nroles:'),
      0,
    ],
  ])('%s', (_, file, change, expected) => {
    expect(edited(file, change, () => made())).toBe(expected);
  });

  it('a baseline of their own, and one for all', () => {
    const text = readFileSync('baselines/x-road-security-server.yaml', 'utf8');
    writeFileSync(join(home, 'own.yaml'), text.replace(/^id: .*/m, 'id: own'));
    const named = (yaml: string): string =>
      yaml.replaceAll('baselines: [x-road-security-server]', 'baselines: [./own.yaml]');
    edited('site.yaml', named, () => {
      expect(made()).toBe(HOSTS);
      expect(made()).toBe(0);
      const change = (yaml: string): string =>
        yaml.replace('ports: [80, 443, 4001]', 'ports: [80, 443, 4002]');
      expect(edited('own.yaml', change, () => made())).toBe(HOSTS);
    });
    // The first host had both before, named by the deployment: that is the same.
    expect(made('--baseline', 'host-essentials')).toBe(HOSTS - 1);
  });

  it('a file that says when it was changed says nothing', () => {
    utimesSync(join(home, 'ss1.v4'), new Date(1e12), new Date(1e12));
    expect(made()).toBe(0);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, 400)],
    ['changed', (text: string) => text.replace('security', 'sekurity')],
    ['empty', () => ''],
  ])('a damaged result (%s) is told and made anew', (_, damage) => {
    rmSync(cache, { recursive: true });
    const all = check('--cache', cache).stdout;
    expect(records()).toHaveLength(HOSTS);
    for (const name of records()) {
      const text = readFileSync(join(cache, name), 'utf8');
      expect(damage(text)).not.toBe(text);
      writeFileSync(join(cache, name), damage(text));
    }
    const { stdout, stderr } = check('--cache', cache);
    expect(stdout).toBe(all);
    expect(stderr.match(/this entry of the cache is damaged/g)).toHaveLength(HOSTS);
    expect(check('--cache', cache)).toMatchObject({ stdout: all, stderr: '' });
    expect(records()).toHaveLength(HOSTS);
  });

  it('a folder that cannot be written is told, and the report is whole', () => {
    writeFileSync(join(folder, 'file'), '');
    const { stdout, stderr } = check('--cache', join(folder, 'file'));
    expect(stdout).toBe(check('--jobs', '1').stdout);
    expect(stderr).toContain("the cache can't be written");
  });
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
