import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RULES } from '../../src/finding/rules.ts';
import { inProcess } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-helpers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const SITE = 'fixtures/sites/x-road/ss1';

describe('postern init', () => {
  const run = (...args: string[]) => inProcess(['init', ...args], { cwd: folder });
  for (const host of ['ss1', 'ss2']) cpSync(SITE, join(folder, host), { recursive: true });
  mkdirSync(join(folder, 'cloud'), { recursive: true });

  it('writes a deployment that check takes as it is', async () => {
    const names = ['rules.v4', 'rules.v6', 'sets.ipset', 'addr.json'].map((name) => `ss1/${name}`);
    const made = await run(
      ...names,
      '-b',
      'x-road-security-server',
      '--as',
      'security-server',
      '-o',
      'site.yaml',
    );
    expect(made).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const text = readFileSync(join(folder, 'site.yaml'), 'utf8');
    expect(text).toContain('  # Security Server: the hosts below\n  security-server: ["10.1.2.10"');
    expect(text).toContain('  # Central Server\n  central-server: unbound\n');
    expect(text).toContain('# rules for IPv4 and IPv6\n');
    expect(text).toContain('# interface eth0: 10.1.2.10/24');
    expect(text).toContain('configs: [ss1/rules.v4, ss1/rules.v6, ss1/sets.ipset, ss1/addr.json]');
    const { status, stdout, stderr } = await inProcess(['check', '-d', 'site.yaml', '--format', 'json'], {
      cwd: folder,
    });
    expect([status, stderr]).toEqual([1, '']);
    const [host] = JSON.parse(stdout).hosts;
    expect(host).toMatchObject({
      name: 'ss1',
      role: 'security-server',
      families: { ipv4: 'assessed', ipv6: 'assessed' },
    });
    expect(host.unbound).toContain('central-server');
  });

  it('takes each folder for a host, and says what it was not given', async () => {
    const { status, stdout } = await run('ss1/rules.v4', 'ss1/addr.json', 'ss2/rules.v4');
    expect(status).toBe(0);
    expect(stdout.match(/- name: ss[12]/g)).toHaveLength(2);
    expect(stdout).toContain('nothing was given of IPv6, which is not assessed');
    expect(stdout).toContain('no `ip -j addr` was given');
    expect(stdout).toContain('role: host');
  });

  it('leaves out the addresses of networks inside of the machine, which no other machine knows it by', async () => {
    const networks = [
      ['eth0', '10.1.2.10'],
      ['br0', '10.9.0.1'],
      ['docker0', '172.17.0.1'],
      ['br-0f1e2d3c4b5a', '172.18.0.1'],
      ['virbr0', '192.168.122.1'],
      ['kube-ipvs0', '10.96.0.1'],
    ];
    const listed = networks.map(([ifname, local]) => ({
      ifname,
      addr_info: [{ family: 'inet', local, prefixlen: 24 }],
    }));
    mkdirSync(join(folder, 'ss4'), { recursive: true });
    writeFileSync(join(folder, 'ss4/addr.json'), JSON.stringify(listed));
    cpSync(join(SITE, 'rules.v4'), join(folder, 'ss4/rules.v4'));
    const { stdout } = await run(
      'ss4/rules.v4',
      'ss4/addr.json',
      '-b',
      'x-road-security-server',
      '--as',
      'security-server',
    );
    expect(stdout).toContain('  security-server: ["10.1.2.10", "10.9.0.1"]\n');
    expect(stdout).toContain('# interface br0: 10.9.0.1/24\n');
    expect(stdout).toContain(
      '# interface docker0: 172.17.0.1/24 (of its own containers or guests: not written above)\n',
    );
  });

  it('takes each point of a cloud for a host', async () => {
    const export_ = {
      SecurityGroups: [
        {
          GroupId: 'sg-1',
          GroupName: 'web',
          OwnerId: '1',
          VpcId: 'vpc-1',
          IpPermissions: [],
          IpPermissionsEgress: [],
        },
        {
          GroupId: 'sg-2',
          GroupName: 'db',
          OwnerId: '1',
          VpcId: 'vpc-1',
          IpPermissions: [],
          IpPermissionsEgress: [],
        },
      ],
    };
    writeFileSync(join(folder, 'cloud/groups.json'), JSON.stringify(export_));
    const { status, stdout, stderr } = await run('cloud/groups.json');
    expect([status, stderr]).toEqual([0, '']);
    writeFileSync(join(folder, 'cloud.yaml'), stdout);
    const checked = await inProcess(['check', '-d', 'cloud.yaml', '--format', 'json'], { cwd: folder });
    expect(JSON.parse(checked.stdout).hosts).toHaveLength(2);
  });

  it('never writes over a file, and names nothing outside of its folder', async () => {
    writeFileSync(join(folder, 'mine.yaml'), 'mine');
    const { status, stderr } = await run('ss1/rules.v4', '-o', 'mine.yaml');
    expect(status).toBe(2);
    expect(stderr).toContain('mine.yaml: error: it exists');
    expect(readFileSync(join(folder, 'mine.yaml'), 'utf8')).toBe('mine');
    const outside = await run('ss1/rules.v4', '-o', 'ss2/site.yaml');
    expect(outside.status).toBe(2);
    expect(outside.stderr).toContain('a deployment names only what is in its own folder or below');
  });
});

describe('postern explain', () => {
  it.each(RULES.map(({ id, page }) => [id, page]))('prints the page of %s', async (id, page) => {
    expect(await inProcess(['explain', id as string])).toMatchObject({
      status: 0,
      stdout: readFileSync(page as string, 'utf8'),
      stderr: '',
    });
  });

  it('lists all, and suggests the nearest', async () => {
    const { stdout } = await inProcess(['explain']);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(RULES.map(({ id }) => id));
    const { status, stderr } = await inProcess(['explain', 'half-opn']);
    expect(status).toBe(2);
    expect(stderr).toContain('Did you mean `half-open`?');
  });
});

describe('completions', () => {
  const script = async (shell: string): Promise<string> => (await inProcess(['completion', shell])).stdout;

  it('of bash offer commands, options and values', async () => {
    writeFileSync(join(folder, 'completion.bash'), await script('bash'));
    const complete = (...words: string[]): string => {
      const text = `source completion.bash; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _postern; echo "\${COMPREPLY[@]}"`;
      return spawnSync('bash', ['--norc', '-c', text], { cwd: folder, encoding: 'utf8' }).stdout.trim();
    };
    expect(complete('postern', 'che')).toBe('check');
    expect(complete('postern', 'baseline', 'v')).toBe('validate verify');
    expect(complete('postern', 'check', '--fail-on', 'h')).toBe('high');
    expect(complete('postern', 'check', '--wai')).toBe('--waivers');
    expect(complete('postern', 'explain', 'mas')).toBe('masked');
    expect(complete('postern', 'check', '--format', 'mark')).toBe('markdown');
    expect(complete('postern', 'baseline', 'show', 'x-')).toBe('x-road-security-server');
    expect(complete('postern', 'check', '--baseline', 'host')).toBe('host-essentials');
    // What an option takes is a file: the shell completes it.
    expect(complete('postern', 'check', '--deployment', '')).toBe('');
  });

  it.each(['zsh', 'fish'])('of %s name every command and option of check', async (shell) => {
    const text = await script(shell);
    for (const name of ['check', 'openings', 'trace', 'baseline', 'init', 'explain', 'completion'])
      expect(text).toContain(name);
    for (const option of (await inProcess(['check', '--help'])).stdout.match(/(?<=^ {2}.*)--[a-z-]+/gm) ?? [])
      expect(text).toContain(shell === 'fish' ? `-l ${option.slice(2)}` : option);
  });

  it('know no other shell', async () => {
    expect(await inProcess(['completion', 'tcsh'])).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('--help', () => {
  const commands = ['check', 'openings', 'trace', 'baseline', 'init', 'explain', 'completion'];
  const below = ['list', 'show', 'validate', 'import', 'verify', 'diff'].map((name) => `baseline ${name}`);
  it.each([...commands, ...below])('of %s has examples', async (command) => {
    const { status, stdout } = await inProcess([...command.split(' '), '--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`\nExamples:\n(.*\n)*? {2}\\$ .*postern ${command}`));
  });
});
