import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcess, postern } from '../support/cli.ts';
import { writeTestSite } from './site.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-workers-'));
const site = writeTestSite(join(folder, 'site'), 50);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const words = ['check', '-d', site, '--format', 'json'];
const check = (...more: string[]) => postern([...words, ...more]);
/** The check by one worker, which is this process. */
let alone: Awaited<ReturnType<typeof inProcess>>;
beforeAll(async () => {
  alone = await inProcess([...words, '--jobs', '1']);
});

describe('--jobs', () => {
  it('gives the same bytes with any number of workers, hosts in order', () => {
    expect(alone.status).toBe(1);
    expect(JSON.parse(alone.stdout).hosts.map(({ name }: { name: string }) => name)).toEqual(
      Array.from({ length: 50 }, (_, i) => `ss${i + 1}`),
    );
    // Two are asked for where the deployment comes by standard input.
    expect(check('--jobs', '4')).toEqual(alone);
  });

  it('gives what a check of all hosts as one gives', async () => {
    // An earlier report is compared with the whole one, so this takes the other way.
    const whole = await inProcess([...words, '--previous', emptyReport()]);
    const { previous, ...rest } = JSON.parse(whole.stdout);
    expect(previous.new.length).toBeGreaterThan(0);
    expect(rest).toEqual(JSON.parse(alone.stdout));
  });

  it.each([
    ['1', inProcess],
    ['3', async (args: string[]) => postern(args)],
  ] as const)('with %s, tells every host that cannot be checked, and writes no report', async (jobs, run) => {
    const broken = join(folder, `broken-${jobs}`);
    const path = writeTestSite(broken, 50);
    writeFileSync(join(broken, 'ss3.v4'), '*filter\n-A NOWHERE -j ACCEPT\nCOMMIT\n');
    rmSync(join(broken, 'ss44.v4'));
    const out = join(folder, `broken-${jobs}.json`);
    const { status, stdout, stderr } = await run([
      'check',
      '-d',
      path,
      '--jobs',
      jobs,
      '--format',
      `json=${out}`,
    ]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(() => readFileSync(out)).toThrow('ENOENT');
    expect(stderr).toContain('ss3.v4:2:');
    expect(stderr).toContain('host `ss3`:');
    expect(stderr).toMatch(/site\.yaml:\d+:\d+: error: host `ss44`: .*ss44\.v4.*no such file/);
  });

  it('takes a deployment from standard input', async () => {
    const folderOfSite = join(folder, 'site');
    const input = readFileSync(site);
    const args = ['check', '-d', '-', '--format', 'json'];
    const single = await inProcess([...args, '--jobs', '1'], { cwd: folderOfSite, input });
    const several = postern([...args, '--jobs', '2'], { cwd: folderOfSite, input });
    expect(JSON.parse(single.stdout).hosts).toEqual(JSON.parse(alone.stdout).hosts.map(inFolder));
    expect(several.stdout).toBe(single.stdout);
    let hosts = 0;
    for (const shard of ['1/2', '2/2']) {
      const { stdout } = await inProcess([...args, '--shard', shard], { cwd: folderOfSite, input });
      hosts += JSON.parse(stdout).hosts.length;
    }
    expect(hosts).toBe(50);
  });

  it('warns as a check of all hosts as one does', async () => {
    const bound = '  admin: { addresses: [10.7.0.0/24], interfaces: [eth7] }\n';
    const path = writeTestSite(join(folder, 'links'), 2, { settings: bound });
    const address = { family: 'inet', local: '10.2.0.1', prefixlen: 24 };
    const links = [{ ifname: 'lo' }, { ifname: 'eth0', addr_info: [address] }];
    writeFileSync(join(folder, 'links', 'addr.json'), JSON.stringify(links));
    writeFileSync(path, readFileSync(path, 'utf8').replace('ss2.v4', 'ss2.v4, addr.json'));
    const whole = await inProcess(['check', '-d', path]);
    expect(whole.stderr).toContain('`admin` is bound to eth7, which `ss2` does not have');
    expect(await inProcess(['check', '-d', path, '--jobs', '1'])).toEqual(whole);
  });

  it('is a number', async () => {
    for (const wrong of [
      ['--jobs', '0'],
      ['--shard', '3/2'],
    ])
      expect(await inProcess([...words, ...wrong])).toMatchObject({ status: 2, stdout: '' });
  });

  it('what is about hosts one by one does not go with what is about all', async () => {
    const { status, stderr } = await inProcess([...words, '--shard', '1/2', '--inline']);
    expect(status).toBe(2);
    expect(stderr).toContain(
      '`--shard` is for the hosts of a deployment one by one, and does not go with `--inline`',
    );
    const parquet = await inProcess(['check', '-d', site, '--format', 'parquet']);
    expect(parquet.stderr).toContain('--format parquet=<file>');
  });
});

/** A host as it is told where paths begin in its folder. */
const inFolder = (host: unknown): unknown =>
  JSON.parse(JSON.stringify(host).replaceAll(`${join(folder, 'site')}/`, ''));

function emptyReport(): string {
  const path = join(folder, 'previous.json');
  const report = JSON.parse(alone.stdout);
  for (const host of report.hosts) host.findings = [];
  writeFileSync(path, JSON.stringify(report));
  return path;
}
