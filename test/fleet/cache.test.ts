import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcess, postern } from '../support/cli.ts';
import { writeTestSite } from './site.ts';

const HOSTS = 6;
const folder = mkdtempSync(join(tmpdir(), 'postern-cache-'));
const cache = join(folder, 'cache');
const home = join(folder, 'site');
const site = writeTestSite(home, HOSTS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const words = ['check', '-d', site, '--format', 'json'];
/** With a cache, which is of one build: the bundle. */
const cached = (folderOfCache = cache, ...more: string[]) =>
  postern([...words, '--cache', folderOfCache, ...more]);
const uncached = (...more: string[]) => inProcess([...words, '--jobs', '1', ...more]);
const records = (): string[] =>
  (readdirSync(cache, { recursive: true }) as string[]).filter((name) => name.endsWith('.record')).sort();

/** How many results a check makes anew, and whether its report is the one that a check without a cache gives. */
async function made(...more: string[]): Promise<number> {
  const before = records().length;
  const kept = cached(cache, ...more);
  expect(kept).toEqual(await uncached(...more));
  return records().length - before;
}

async function edited(
  file: string,
  change: (text: string) => string,
  then: () => Promise<void>,
): Promise<void> {
  const path = join(home, file);
  const text = readFileSync(path, 'utf8');
  expect(change(text)).not.toBe(text);
  writeFileSync(path, change(text));
  try {
    await then();
  } finally {
    writeFileSync(path, text);
  }
}

describe('--cache', () => {
  beforeAll(() => {
    expect(cached().status).toBe(1);
    expect(records()).toHaveLength(HOSTS);
  });

  it('takes the results of hosts that are as they were: nothing is made, and nothing is different', async () => {
    const times = records().map((name) => statSync(join(cache, name)).mtimeMs);
    expect(await made()).toBe(0);
    expect(records().map((name) => statSync(join(cache, name)).mtimeMs)).toEqual(times);
  });

  it('really reads them: what stands there comes out', () => {
    const [name] = records() as [string];
    const path = join(cache, name);
    const text = readFileSync(path, 'utf8');
    const body = text.slice(65).replace('"role\\": \\"security-server', '"role\\": \\"from-the-cache');
    expect(body).not.toBe(text.slice(65));
    writeFileSync(path, `${sha256(`${name.slice(0, 2)}${name.slice(3, -7)}\n${body}`)}\n${body}`);
    expect(cached().stdout).toContain('from-the-cache');
    writeFileSync(path, text);
  });

  it('waits for no pipe that stands in the place of one', async () => {
    const path = join(cache, (records() as [string])[0]);
    rmSync(path);
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    expect(await made()).toBe(0);
    expect(statSync(path).isFile()).toBe(true);
  });

  it('what concerns one host makes that one anew', async () => {
    const config = (text: string) => text.replace('5500,5577', '5500');
    const settings = (text: string) =>
      text
        .replace('10.2.0.4', '10.2.0.40')
        .replace('configs: [ss5.v4]', 'configs: [ss5.v4], captured: { by: me }')
        .replace('name: ss6', 'name: other')
        .replace('configs: [ss3.v4]', 'configs: [ss3.v4], roles: { admin: [10.9.9.9] }');
    await edited('ss2.v4', config, () =>
      edited('site.yaml', settings, async () => expect(await made()).toBe(HOSTS - 1)),
    );
  });

  it('so do a comment, and another baseline', async () => {
    const comment = (text: string) => `# x\n${text}`;
    const essentials = (text: string) =>
      text.replace(
        'configs: [ss1.v4], baselines: [x-road-security-server',
        'configs: [ss1.v4], baselines: [x-road-security-server, host-essentials',
      );
    await edited('ss2.v4', comment, () =>
      edited('site.yaml', essentials, async () => expect(await made()).toBe(2)),
    );
  });

  it.each([
    ['a role of all hosts', (text: string) => text.replace('10.1.9.5', '10.1.9.55'), HOSTS],
    ['a feature', (text: string) => text.replace('hosts:', 'features: { acme: true }\nhosts:'), HOSTS],
    ['a title, which concerns no host', (text: string) => text.replace('roles:', 'title: site\nroles:'), 0],
  ])('%s', async (_, change, expected) => {
    await edited('site.yaml', change, async () => expect(await made()).toBe(expected));
  });

  it('a baseline of their own, and one for all', async () => {
    const text = readFileSync('baselines/x-road-security-server.yaml', 'utf8');
    writeFileSync(join(home, 'own.yaml'), text.replace(/^id: .*/m, 'id: own'));
    const named = (yaml: string): string =>
      yaml.replaceAll('baselines: [x-road-security-server]', 'baselines: [./own.yaml]');
    await edited('site.yaml', named, async () => {
      expect(await made()).toBe(HOSTS);
      expect(await made()).toBe(0);
      const change = (yaml: string): string =>
        yaml.replace('ports: [80, 443, 4001]', 'ports: [80, 443, 4002]');
      await edited('own.yaml', change, async () => expect(await made()).toBe(HOSTS));
    });
    // The first host had both before, named by the deployment: that is the same.
    expect(await made('--baseline', 'host-essentials')).toBe(HOSTS - 1);
  });

  it('a file that says when it was changed says nothing', async () => {
    utimesSync(join(home, 'ss1.v4'), new Date(1e12), new Date(1e12));
    expect(await made()).toBe(0);
  });

  it('damaged results are told and made anew', () => {
    rmSync(cache, { recursive: true });
    const all = cached().stdout;
    const damages = [
      (text: string) => text.slice(0, 400),
      (text: string) => text.replace('security', 'sekurity'),
      () => '',
    ];
    expect(records()).toHaveLength(HOSTS);
    for (const [i, name] of records().entries()) {
      const text = readFileSync(join(cache, name), 'utf8');
      const damaged = damages[i % damages.length]?.(text) ?? text;
      expect(damaged).not.toBe(text);
      writeFileSync(join(cache, name), damaged);
    }
    const { stdout, stderr } = cached();
    expect(stdout).toBe(all);
    expect(stderr.match(/this entry of the cache is damaged/g)).toHaveLength(HOSTS);
    expect(cached()).toMatchObject({ stdout: all, stderr: '' });
    expect(records()).toHaveLength(HOSTS);
  });

  it('the result of one host in the place of another is damaged too', () => {
    const all = cached().stdout;
    const [one, other] = records() as [string, string];
    copyFileSync(join(cache, one), join(cache, other));
    const { stdout, stderr } = cached();
    expect(stdout).toBe(all);
    expect(stderr).toContain(`${other}: warning: this entry of the cache is damaged`);
  });

  it('a folder without a name is a mistake of the command', async () => {
    const { status, stderr } = await uncached('--cache', '');
    expect(status).toBe(2);
    expect(stderr).toContain('an unset variable of a script does that');
  });

  it('a folder that cannot be written is told, and the report is whole', async () => {
    writeFileSync(join(folder, 'file'), '');
    const { stdout, stderr } = cached(join(folder, 'file'));
    expect(stdout).toBe((await uncached()).stdout);
    expect(stderr).toContain("the cache can't be written");
  });
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
