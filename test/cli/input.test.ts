import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { inProcess, postern } from '../support/cli.ts';
import { orRequired } from '../support/required.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-input-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RULES = '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n';

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Expects that the file is refused: status 2, nothing on standard output, the place and the reason. */
async function refused(args: readonly string[], reason: RegExp): Promise<void> {
  const { status, stdout, stderr } = await inProcess(['openings', ...args]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(reason);
}

describe('a file that is no config', () => {
  it('does not exist', async () => {
    await refused([join(folder, 'absent')], /absent: error: there is no such file/);
    const link = join(mkdtempSync(join(folder, 'link-')), 'link');
    symlinkSync(join(folder, 'gone'), link);
    await refused([link], /link: error: there is no such file\n {2}help: it is a link/);
    await refused([''], /^error: an argument that names a file is empty\n/);
  });

  it('is a directory', async () => {
    await refused([folder], /error: this is a directory, not a file\n {2}help: name a file in it/);
  });

  it.skipIf(!orRequired(process.getuid?.() === 0))('may not be read', () => {
    const path = file('secret', RULES);
    const { status, stderr } = postern(['openings', path], { uid: 65534 });
    expect(status).toBe(2);
    // The folder of mkdtemp is closed to others; the file in it is denied, not absent.
    expect(stderr).toMatch(/secret: error: permission denied/);
  });

  it('is one of postern’s own', async () => {
    const site = 'fixtures/sites/x-road/site.yaml';
    const said = (what: string, help: string) =>
      new RegExp(`:1:1: error: this is ${what}, and no config\\n[\\s\\S]*help: ${help}`);
    await refused([site], said('a deployment', '`postern check` takes it with `--deployment`'));
    await refused(
      ['baselines/host-essentials.yaml'],
      said('a baseline', '`postern check` takes it with `--baseline`'),
    );
    const waivers = file('waivers.yaml', 'version: 1\nwaivers: []\n');
    await refused([waivers], said('a file of waivers', '`postern check` takes it with `--waivers`'));
    const { stdout } = await inProcess(['check', '--deployment', site, '--format', 'json']);
    await refused([file('report.json', stdout)], said('a report of postern’s own', 'leave it out'));
  });

  it('is a config in the place of a deployment', async () => {
    for (const config of ['rules.v4', 'addr.json', 'sets.ipset']) {
      const path = `fixtures/sites/x-road/ss1/${config}`;
      const { status, stdout, stderr } = await inProcess(['check', '--deployment', path]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/:1:1: error: this is a config \([a-z-]+\), and no deployment\n/);
    }
  });

  it('has a terabyte, and is not read for that', () => {
    const path = file('large', '');
    truncateSync(path, 2 ** 40);
    const { status, stderr } = postern(['openings', path]);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /large:1:1: error: the file has 1099511627776 bytes, which is more than the 268435456/,
    );
    expect(stderr).toContain('--max-input-size');
  });

  it('never ends', async () => {
    await refused(
      ['/dev/zero', '--max-input-size', '1M'],
      /zero:1:1: error: the input is more than the 1048576 bytes/,
    );
  });

  it('is binary', async () => {
    await refused([file('binary', 'abc\nde\0f')], /binary:2:3: error: this is a binary file/);
    await refused([file('zip', gzipSync(RULES))], /zip:1:1: error: this is a gzip file/);
    await refused(
      [file('utf16', Buffer.from(`\ufeff${RULES}`, 'utf16le').subarray(0, -1))],
      /utf16:1:1: error: this is UTF-16 text with half a character in it/,
    );
  });

  it('is empty', async () => {
    await refused([file('empty', '')], /empty:1:1: error: the file is empty/);
    await refused([file('blank', '\n\n  \n')], /blank:1:1: error: the file is empty/);
    await refused([file('rules.v6', '')], /help: .*leave the file out .*`nft list ruleset`/);
  });

  it('is something else', async () => {
    await refused(
      [file('prose', 'Dear reader,\n')],
      /prose:1:1: error: this is none of the formats[\s\S]*--input-format/,
    );
    await refused([file('rules.v4', '{"a": 1}\n')], /rules.v4:1:1: error: this is JSON/);
  });

  it('is one of a folder, which may be named by its path or left out', async () => {
    const account = join(folder, 'account');
    mkdirSync(account);
    file(
      'account/groups.json',
      '{"SecurityGroups":[{"GroupId":"sg-1","IpPermissions":[],"IpPermissionsEgress":[]}]}',
    );
    const stray = file('account/notes.json', '{"a": 1}\n');
    await refused([account], /notes.json:1:1: error: this is JSON[\s\S]*help: .*leave it out \(in a folder/);
    await refused(
      [account, '--input-format', `azure=${stray}`],
      /notes.json:1:1: error: this document has no/,
    );
  });

  it('has no rules', async () => {
    await refused(
      [file('addr.json', '[{"ifname":"lo","flags":["LOOPBACK"],"addr_info":[]}]')],
      /none of the configs has rules/,
    );
  });

  it('is one of two that are wrong, and both are told', async () => {
    const { stderr } = await inProcess(['openings', join(folder, 'one'), join(folder, 'two')]);
    expect(stderr).toMatch(/one: error[\s\S]*two: error/);
  });
});

describe('a file that is a config', () => {
  const openings = async (args: readonly string[], input = ''): Promise<string> => {
    const { status, stdout, stderr } = await inProcess(['openings', '--format', 'json', ...args], { input });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };

  it('may come by standard input', () => {
    const words = ['openings', '--format', 'json', '-', '--hook', 'input'];
    const { openings: found } = JSON.parse(postern(words, { input: RULES }).stdout);
    expect(found.some((o: { rules: { file: string }[] }) => o.rules[0]?.file === '-')).toBe(true);
  });

  it('may begin with a byte order mark, and may have CR LF', async () => {
    const plain = await openings(['-'], RULES);
    expect(await openings(['-'], `\ufeff${RULES}`)).toBe(plain);
    expect(await openings(['-'], RULES.replaceAll('\n', '\r\n'))).toBe(plain);
  });

  it('may be UTF-16, as Windows PowerShell writes it', async () => {
    const wide = (text: string): Buffer => Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}`, 'utf16le');
    mkdirSync(join(folder, 'wide'));
    const groups = readFileSync('fixtures/clouds/aws/icmp-all-types/groups.json', 'utf8');
    const files = {
      'rules.v4': RULES,
      'rules.nft':
        'table inet t {\nchain i {\ntype filter hook input priority 0; policy drop;\ninclude "more.nft"\n}\n}\n',
      'more.nft': 'tcp dport 22 accept\n',
      'groups.json': groups,
      'own.yaml': `version: 1
id: own
title: Own
document: { title: Own }
extends: [./base.yaml]
closed: { in: true, out: false, forward: false }
roles: { security-server: { title: Shop } }
rows:
  - { id: web, cells: { Port: "80" }, source: any, destination: security-server, protocols: [tcp], ports: [80] }
`,
      'base.yaml': readFileSync('baselines/host-essentials.yaml', 'utf8'),
      'site.yaml': `version: 1
roles: { security-server: [10.1.2.10] }
hosts:
  - { name: a, addresses: [10.1.2.10], role: security-server, configs: [rules.v4], baselines: [x-road-security-server] }
  - { name: b, addresses: [10.1.2.10], role: security-server, configs: [rules.nft], baselines: [./own.yaml] }
  - { name: c, addresses: [10.1.2.10], role: security-server, configs: [groups.json], baselines: [x-road-security-server] }
`,
    };
    const report = async (written: (text: string) => string | Buffer): Promise<string> => {
      for (const [name, text] of Object.entries(files)) file(`wide/${name}`, written(text));
      const asked = ['--deployment', join(folder, 'wide/site.yaml'), '--format', 'json'];
      const { status, stdout, stderr } = await inProcess(['check', ...asked]);
      expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
      return stdout.replaceAll(/"sha256": "[0-9a-f]*"/g, '');
    };
    const plain = await report((text) => text.replaceAll('\n', '\r\n'));
    expect(plain).toContain('more.nft');
    expect(await report(wide)).toBe(plain);
    expect(await report((text) => wide(text).swap16())).toBe(plain);
  });

  it('may hold Latin-1, which the report tells', async () => {
    const path = file(
      'latin1',
      Buffer.from(RULES.replace('-j ACCEPT', '-m comment --comment "Büro" -j ACCEPT'), 'latin1'),
    );
    const { coverage } = JSON.parse(await openings([path]));
    expect(coverage).toHaveLength(1);
    expect(coverage[0]).toMatchObject({
      line: 3,
      status: 'approximated',
      text: expect.stringContaining('Büro'),
    });
  });

  it('may be named by a format', async () => {
    expect(await openings(['-', '--input-format', 'iptables-save'], RULES)).toBe(
      await openings(['-'], RULES),
    );
    await refused(['-', '--input-format', 'cisco'], /there is no input format `cisco`/);
  });
});

describe('a deployment', () => {
  const site = (name: string, config: string): string => {
    mkdirSync(join(folder, name), { recursive: true });
    const text = `version: 1
roles:
  security-server: [10.1.2.10]
hosts:
  - name: ss1
    role: security-server
    configs: [${config}]
    baselines: [x-road-security-server]
`;
    return file(`${name}/site.yaml`, text);
  };

  it('that names a config that does not exist is told where', async () => {
    const { status, stdout, stderr } = await inProcess(['check', '--deployment', site('a', 'rules.v4')]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/site.yaml:7:15: error: `.*rules.v4`: there is no such file/);
  });

  it('reads nothing outside its folder, by path or by link', async () => {
    file('outside', RULES);
    expect((await inProcess(['check', '--deployment', site('b', '../outside')])).stderr).toMatch(
      /site.yaml:7:15: error: .*leads out/,
    );
    const path = site('c', 'link');
    symlinkSync(join(folder, 'outside'), join(folder, 'c/link'));
    const { status, stderr } = await inProcess(['check', '--deployment', path]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/site.yaml:7:15: error: .*symbolic link that leads out/);
  });

  it('has no such host', async () => {
    const { status, stderr } = await inProcess([
      'check',
      '--deployment',
      site('d', 'rules.v4'),
      '--host',
      'ss2',
    ]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/the deployment has no host `ss2`[\s\S]*expected: one of `ss1`/);
  });
});

describe('a host without sets', () => {
  it('has an empty `ipset save` beside its rules', async () => {
    const rules = file('no-sets.v4', RULES.replace('-p tcp', '-p tcp -m set --match-set admins src'));
    for (const args of [
      [file('sets.ipset', '')],
      [file('nothing', '\n'), '--input-format', `ipset-save=${join(folder, 'nothing')}`],
    ]) {
      const { status, stdout, stderr } = await inProcess(['openings', rules, ...args, '--format', 'json']);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const { openings, coverage } = JSON.parse(stdout);
      // A set that is not there may hold anything: the tool may have been run without rights.
      expect(openings.filter(({ hook }: { hook: string }) => hook === 'input')).toMatchObject([
        { certainty: 'possible' },
      ]);
      expect(coverage).toContainEqual({
        file: args[0],
        line: 1,
        status: 'ignored',
        text: '',
        reason: 'the file is empty, as `ipset save` prints it where there are no sets',
      });
    }
  });

  it('has no rules for that', async () => {
    await refused([file('alone.ipset', '')], /alone.ipset: error: none of the configs has rules/);
  });
});

describe('openings of a hook that the configs do not have', () => {
  it('are none, and it is told that nothing follows from that', async () => {
    const rules = file('hooks.v4', RULES);
    const groups = 'fixtures/clouds/aws/role-of-addresses-symbolic/groups.json';
    for (const [config, hook, said] of [
      [rules, 'ingress', /^warning: a host's own firewall has no hook `ingress`/],
      [rules, 'egress', /^warning: a host's own firewall has no hook `egress`/],
      [groups, 'forward', /^warning: a cloud has no hook `forward`/],
      [rules, 'forward', /^$/],
      [groups, 'input', /^$/],
    ] as const) {
      const { status, stderr } = await inProcess(['openings', config, '--hook', hook, '--format', 'json']);
      expect({ config, hook, status, stderr }).toEqual({ config, hook, status: 0, stderr });
      expect(stderr).toMatch(said);
    }
  });
});
