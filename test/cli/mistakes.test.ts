import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcess } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-mistakes-'));
const site = `version: 1
roles:
  security-server: 10.1.2.10
hosts:
  - name: ss1
    role: security-server
    configs: [rules.v4]
    baselines: [x-road-security-server]
`;
const rules = '*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n';

/** A baseline with a shipped one's id and a text of its own. */
const OWN = `version: 1
id: x-road-security-server
title: Own
document: { title: Own }
closed: { in: true, out: false, forward: false }
roles: { security-server: { title: Security Server } }
tables: { ports: { title: Ports, columns: [Port] } }
rows:
  - { id: a, table: ports, row: 1, cells: { Port: "443" }, source: any, destination: security-server, protocols: [tcp], ports: [443] }
`;

const FILES: Readonly<Record<string, string | Buffer>> = {
  'rules.v4': rules,
  'little-endian.v4': Buffer.from(rules, 'utf16le'),
  'big-endian.v4': Buffer.from(rules, 'utf16le').swap16(),
  'site.yaml': site,
  'no-hosts.yaml': site.slice(0, site.indexOf('hosts:')),
  'unclosed.yaml': site.replace('[rules.v4]', '[rules.v4'),
  'backslash.yaml': site.replace('[rules.v4]', "['hosts\\rules.v4']"),
  'own.yaml': OWN,
  'two-of-one-id.yaml': site.replace('[x-road-security-server]', '[x-road-security-server, ./own.yaml]'),
  'waivers.yaml': 'version: 1\nwaivers: []\n',
  'other.json': '{"version":1}\n',
  'pattern.yaml': site.replace('[rules.v4]', "['*.rules']"),
  'home.yaml': site.replace('[rules.v4]', "['~/hosts/ss1.rules']"),
  'variable.yaml': site.replace('[rules.v4]', "['$HOST.rules']"),
  'packed.zip': Buffer.from('PK\u0003\u0004\u0014', 'latin1'),
  'packed.xz': Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]),
  'refused.v4':
    'iptables-save v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n',
  'not-found.v4': 'bash: line 1: iptables-save: command not found\n',
  'changes.v4': rules.replace(/^/gm, '+'),
  'changes.diff': `--- a/rules.v4\n+++ b/rules.v4\n@@ -1,2 +1,2 @@\n *filter\n-:INPUT ACCEPT [0:0]\n+:INPUT DROP [0:0]\n`,
  'long-word.v4': rules.replace(
    'COMMIT',
    `-A INPUT -m string --string "${'a-'.repeat(50_000)}" --algo bm -j DROP\nCOMMIT`,
  ),
  'everybody.yaml': site.replace('10.1.2.10', '[internet]'),
  'star.yaml': site.replace('10.1.2.10', '{ interfaces: [eth*] }'),
  'pipe.yaml': site.replace('[rules.v4]', '[pipe]'),
  'truncated.json': '{"version": 1, "roles": {}, "hosts": [',
};

beforeAll(() => {
  mkdirSync(join(folder, 'blobs'));
  mkdirSync(join(folder, 'pipes'));
  for (const name of ['pipe', 'pipes/pipe']) execFileSync('mkfifo', [join(folder, name)]);
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'blobs', 'notes.txt'), 'all of them\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const X_ROAD = ['--baseline', 'x-road-security-server', '--as', 'security-server'];

describe('a mistake', () => {
  const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'a deployment without hosts',
      ['check', '-d', 'no-hosts.yaml'],
      /^no-hosts.yaml:1:1: error: the deployment has no hosts\n[\s\S]*expected: `hosts:`/,
    ],
    [
      'a deployment without hosts, checked in parts',
      ['check', '-d', 'no-hosts.yaml', '--shard', '1/2', '--format', 'blob=part.blob'],
      /^no-hosts.yaml:1:1: error: the deployment has no hosts\n/,
    ],
    [
      'configs beside a deployment without hosts',
      ['check', '-d', 'no-hosts.yaml', 'rules.v4'],
      /^no-hosts.yaml:1:1: error: the deployment has no hosts\n[\s\S]*`--as <role>`/,
    ],
    [
      'a baseline in the place of a config',
      ['check', 'rules.v4', 'host-essentials', ...X_ROAD],
      /^host-essentials: error: this is a baseline, and no file\n {2}help: name it with `--baseline`/,
    ],
    [
      'several baselines in one word',
      ['check', 'rules.v4', '--baseline', 'x-road-security-server,host-essentials'],
      /no baseline `x-road-security-server,host-essentials`.\n[\s\S]*help: Give `--baseline` once for each\.\n/,
    ],
    [
      'several formats in one word',
      ['check', '-d', 'site.yaml', '--format', 'json,text'],
      /There is no format `json,text`. Give the option once for each\./,
    ],
    [
      'a role left empty',
      ['check', 'rules.v4', '--baseline', 'x-road-security-server', '--as', ''],
      /^error: `--as` is empty\n {2}help: /,
    ],
    [
      'a baseline left empty',
      ['check', 'rules.v4', '--baseline', ''],
      /^error: `--baseline` is empty\n {2}help: /,
    ],
    [
      'a host left empty',
      ['check', '-d', 'site.yaml', '--host', ''],
      /^error: `--host` is empty\n {2}help: /,
    ],
    [
      'the beginning of a baseline’s name',
      ['baseline', 'show', 'x-road'],
      /Did you mean `x-road-security-server`\?/,
    ],
    ['the beginning of a kind', ['explain', 'mask'], /Did you mean `masked`\?/],
    ['the beginning of a hook', ['openings', 'rules.v4', '--hook', 'out'], /Did you mean `output`\?/],
    [
      'a deployment where none is taken',
      ['openings', 'site.yaml'],
      /this is a deployment, and no config\n[\s\S]*help: `postern check` takes it with `--deployment`\n/,
    ],
    [
      'a role of a baseline that is not named',
      ['init', 'rules.v4', '--as', 'security-server'],
      /has no role `security-server`.\n[\s\S]*help: `x-road-security-server` has it; name it with `--baseline`\.\n/,
    ],
    ['an option of other tools', ['check', '-d', 'site.yaml', '-o', 'x.json'], /--format <name>=<file>/],
    [
      'UTF-16 without a mark',
      ['check', 'little-endian.v4', ...X_ROAD],
      /^little-endian.v4:1:1: error: this is UTF-16 text without a byte order mark\n/,
    ],
    [
      'UTF-16 without a mark, the other way round',
      ['check', 'big-endian.v4', ...X_ROAD],
      /^big-endian.v4:1:1: error: this is UTF-16 text without a byte order mark\n/,
    ],
    [
      'an open bracket',
      ['check', '-d', 'unclosed.yaml'],
      /help: Close what `\[` or `\{` begins[\s\S]*line 7/,
    ],
    ['half a JSON file', ['check', '-d', 'truncated.json'], /help: Close what `\[` or `\{` begins/],
    ['a path of Windows', ['check', '-d', 'backslash.yaml'], /help: write folders with `\/`/],
    [
      'a deployment in the place of waivers',
      ['check', '-d', 'site.yaml', '--waivers', 'site.yaml', '--as-of', '2026-11-20'],
      /^site.yaml:1:1: error: This is a deployment, and no file of waivers\.\n[\s\S]*`--deployment`/,
    ],
    [
      'waivers in the place of a deployment',
      ['check', '-d', 'waivers.yaml'],
      /^waivers.yaml:1:1: error: This is a file of waivers, and no deployment\.\n[\s\S]*`--waivers`/,
    ],
    [
      'a deployment in the place of a baseline',
      ['baseline', 'validate', 'site.yaml'],
      /^site.yaml:1:1: error: This is a deployment, and no baseline\.\n/,
    ],
    [
      'a config in the place of a baseline',
      ['baseline', 'validate', 'rules.v4'],
      /^rules.v4:1:1: error: this is a config \(iptables-save\), and no baseline\n/,
    ],
    [
      'a deployment in the place of known findings',
      ['check', '-d', 'site.yaml', '--known', 'site.yaml'],
      /^site.yaml:1:1: error: this is not JSON[\s\S]*expected: a file of known findings, as `--update-known` writes it\n/,
    ],
    [
      'a deployment in the place of an earlier report',
      ['check', '-d', 'site.yaml', '--previous', 'site.yaml'],
      /^site.yaml:1:1: error: this is not JSON[\s\S]*expected: a report of postern's, as `postern check --format json` writes it\n/,
    ],
    [
      'a baseline with the id of a shipped one',
      ['check', '-d', 'two-of-one-id.yaml'],
      /^own.yaml:2:5: error: The baseline `.*x-road-security-server.yaml` has the id (?:(?!error)[\s\S])*$/,
    ],
    [
      'the same, beside the deployment',
      ['check', '-d', 'two-of-one-id.yaml', '--baseline', 'x-road-security-server'],
      /^own.yaml:2:5: error: (?:(?!error)[\s\S])*$/,
    ],
    [
      'waivers that nobody has begun',
      ['check', '-d', 'site.yaml', '--waivers', 'accepted.yml', '--as-of', '2026-11-20'],
      /^accepted.yml: error: there is no such file\n {2}help: an empty one is `version: 1` and `waivers: \[\]`\n/,
    ],
    [
      'a folder in the place of known findings',
      ['check', '-d', 'site.yaml', '--known', 'blobs'],
      /^blobs: error: this is a directory, not a file\n {2}help: name a file in it\n/,
    ],
    [
      'a word for everybody in a list',
      ['check', '-d', 'everybody.yaml'],
      /^everybody.yaml:3:21: error: [\s\S]*help: Write the word alone, not in a list\.\n/,
    ],
    [
      'a star in an interface’s name',
      ['check', '-d', 'star.yaml'],
      /^star.yaml:3:35: error: `eth\*` is not an interface name[\s\S]*help: Write `eth\+`/,
    ],
    [
      'two deployments',
      ['check', '-d', 'pipe.yaml', '--deployment', 'site.yaml'],
      /^postern: error: option '-d, --deployment <file>' takes one value, and has 'pipe.yaml' and 'site.yaml'\n/,
    ],
    [
      'two roles',
      ['check', 'rules.v4', ...X_ROAD, '--as', 'admin'],
      /takes one value, and has 'security-server'/,
    ],
    [
      'two hooks',
      ['openings', 'rules.v4', '--hook', 'input', '--hook', 'forward'],
      /^postern: error: option '--hook <name>' takes one value, and has 'input' and 'forward'\n/,
    ],
    [
      'two days',
      ['check', '-d', 'site.yaml', '--as-of', '2026-11-20', '--as-of', '2026-11-21'],
      /takes one value, and has '2026-11-20' and '2026-11-21'/,
    ],
    [
      'a pipe in a deployment',
      ['check', '-d', 'pipe.yaml'],
      /^pipe.yaml:7:15: error: `pipe`: this is a pipe or a device, not a file\n/,
    ],
    [
      'a pipe in a folder',
      ['check', 'pipes', ...X_ROAD],
      /^pipes\/pipe: error: this is a pipe or a device, not a file\n/,
    ],
    [
      'a word as long as the file',
      ['check', 'long-word.v4', ...X_ROAD],
      /^(?=[\s\S]{100,4000}$)long-word.v4:5:29: error: [\s\S]*characters more/,
    ],
    [
      'a pattern in a deployment',
      ['check', '-d', 'pattern.yaml'],
      /^pattern.yaml:7:15: error: .*no such file\n[\s\S]*help: patterns are not resolved: name each file\n/,
    ],
    ['a home folder in a deployment', ['check', '-d', 'home.yaml'], /help: `~` is not resolved/],
    ['a variable in a deployment', ['check', '-d', 'variable.yaml'], /help: variables are not resolved/],
    [
      'a zip archive',
      ['check', 'packed.zip', ...X_ROAD],
      /^packed.zip:1:1: error: this is a zip archive\n[\s\S]*help: unpack it first\n/,
    ],
    ['an xz file', ['check', 'packed.xz', ...X_ROAD], /^packed.xz:1:1: error: this is an xz file\n/],
    [
      'what a tool says that may not read the rules',
      ['check', 'refused.v4', ...X_ROAD],
      /^refused.v4:1:1: error: this is the message of a tool that failed[\s\S]*help: save them on the host, as root, with /,
    ],
    [
      'what a shell says that has no such tool',
      ['check', 'not-found.v4', ...X_ROAD],
      /^not-found.v4:1:1: error: this is the message of a tool that failed/,
    ],
    ['lines of a difference', ['check', 'changes.v4', ...X_ROAD], /error: this is a difference of two files/],
    ['a difference', ['check', 'changes.diff', ...X_ROAD], /error: this is a difference of two files/],
    [
      'a file in the place of a folder',
      ['merge', 'rules.v4'],
      /^rules.v4: error: this is a file, not a folder\n/,
    ],
    [
      'a file that is no blob',
      ['merge', 'blobs'],
      /^blobs\/notes.txt:1:1: error: this is no blob\n {2}expected: .*\n {2}help: .*nothing else/,
    ],
  ];
  const written: readonly (readonly [what: string, address: string, help: RegExp])[] = [
    ['a number above 255', '10.1.2.300', /at most 255/],
    ['a prefix beyond 32', '10.1.2.10/33', /at most 32 bits/],
    ['a prefix beyond 128', '"2001:db8::/129"', /at most 128 bits/],
    ['a URL', 'https://10.1.2.10/', /what a URL has beside it/],
    ['a port', '10.1.2.10:80', /without|alone: ports/],
    ['brackets', '"[2001:db8::1]"', /without brackets/],
    ['a star', '10.1.2.*', /prefix length/],
    ['a mask', '10.1.2.0/255.255.255.0', /prefix length in place of the mask/],
    ['an interface', '"fe80::1%eth0"', /`interfaces:` names it/],
    ['zeros in front', '010.1.2.3', /without zeros/],
    ['several in one text', '"10.1.2.3, 10.1.2.4"', /several as a list/],
    ['three numbers', '10.1.2', /four numbers/],
    ['a word that stands alone', 'any', /all networks/],
  ];
  it.each(written)('an address with %s', async (_what, address, help) => {
    const name = 'address.yaml';
    writeFileSync(join(folder, name), site.replace('10.1.2.10', address));
    const { status, stdout, stderr } = await inProcess(['check', '-d', name], { cwd: folder });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^address.yaml:3:20: error: .* is not an address, a network or a range/);
    expect(stderr).toMatch(help);
  });

  it.each(mistakes)('%s', async (_what, args, message) => {
    const { status, stdout, stderr } = await inProcess(args, { cwd: folder });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
