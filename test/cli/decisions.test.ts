import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Ajv } from 'ajv';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { inProcess, postern } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-decisions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const home = join(folder, 'home');
const site = join(home, 'site');

const run = (args: readonly string[], cwd = site) => inProcess(args, { cwd, env: { HOME: home } });
const json = async (args: readonly string[]) => {
  const { status, stdout, stderr } = await run(['check', '--format', 'json', ...args]);
  return { status, stderr, report: JSON.parse(stdout) };
};
const put = (name: string, text: string): void => writeFileSync(join(site, name), text);

beforeEach(async () => {
  rmSync(home, { recursive: true, force: true });
  cpSync('fixtures/waivers/site', site, { recursive: true });
});

describe('known findings', () => {
  it('are written whole, and then fail no longer', async () => {
    const first = await run(['check', '-d', 'site.yaml', '--known', 'known.json', '--update-known']);
    expect([first.status, first.stderr]).toEqual([0, '']);
    const known = JSON.parse(readFileSync(join(site, 'known.json'), 'utf8'));
    const schema = JSON.parse(readFileSync('schemas/known.schema.json', 'utf8'));
    expect(new Ajv2020().compile(schema)(known)).toBe(true);
    expect(readdirSync(site).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const { status, report } = await json(['-d', 'site.yaml', '--known', 'known.json']);
    expect(status).toBe(0);
    expect(report.summary.known).toBe(known.findings.length);
    expect(report.known).toMatchObject({ matched: known.findings.length, stale: [] });
    expect(
      (await run(['check', '-d', 'site.yaml', '--known', 'known.json', '--format', 'github'])).stdout,
    ).toBe(
      `::notice title=postern::${known.findings.length} known findings; IPv6 was not assessed, so it is neither open nor closed (one).\n`,
    );
  });

  it('leave a new one to fail, and tell of one that is gone', async () => {
    await run(['check', '-d', 'site.yaml', '--known', 'known.json', '--update-known', '--quiet']);
    const rules = readFileSync(join(site, 'rules.v4'), 'utf8');
    put('rules.v4', rules.replace('--dport 5432', '--dport 3306'));
    const { status, report, stderr } = await json(['-d', 'site.yaml', '--known', 'known.json']);
    expect(status).toBe(1);
    const fresh = report.hosts[0].findings.filter((finding: { known?: true }) => finding.known !== true);
    expect(
      fresh.map(({ packets }: { packets: { destinationPorts: string[] }[] }) => packets[0]?.destinationPorts),
    ).toEqual([['3306']]);
    expect(report.known.stale).toHaveLength(1);
    expect(stderr).toContain('known.json: warning: the known finding');
    expect(stderr).toContain('port 5432');
    await run(['check', '-d', 'site.yaml', '--known', 'known.json', '--update-known', '--quiet']);
    expect((await json(['-d', 'site.yaml', '--known', 'known.json'])).report.known.stale).toEqual([]);
  });

  it('do not take in what is waived', async () => {
    await run([
      'check',
      '-d',
      'site.yaml',
      '--known',
      'k.json',
      '--update-known',
      '--waivers',
      'waivers.yaml',
      '--as-of',
      '2026-11-20',
      '-q',
    ]);
    const { findings } = JSON.parse(readFileSync(join(site, 'k.json'), 'utf8'));
    expect(findings.map(({ rule }: { rule: string }) => rule)).not.toContain('closed');
  });

  it('are an error where the file is missing or something else', async () => {
    expect(await run(['check', '-d', 'site.yaml', '--known', 'none.json'])).toMatchObject({
      status: 2,
      stdout: '',
    });
    put('known.json', '{"schemaVersion":"1","findings":[{"fingerprint":"x"}]}');
    const { status, stderr } = await run(['check', '-d', 'site.yaml', '--known', 'known.json']);
    expect([status, stderr.split('\n')[0]]).toEqual([2, 'known.json:1:34: error: this is no known finding']);
  });
});

describe('an earlier report', () => {
  it('is compared by fingerprint', async () => {
    put('before.json', (await run(['check', '-d', 'site.yaml', '--format', 'json'])).stdout);
    const rules = readFileSync(join(site, 'rules.v4'), 'utf8');
    put('rules.v4', `# moved\n${rules.replace('--dport 5432', '--dport 3306')}`);
    const { report } = await json(['-d', 'site.yaml', '--previous', 'before.json']);
    expect(report.previous.new).toHaveLength(1);
    expect(report.previous.gone.map(({ message }: { message: string }) => message)).toEqual([
      'Open, and no row documents it: tcp to port 5432 from 10.1.0.0-10.1.255.255.',
    ]);
    expect(report.previous.unchanged).toBe(3);
    const schema = JSON.parse(readFileSync('schemas/report.schema.json', 'utf8'));
    expect(new Ajv({ allowUnionTypes: true }).compile(schema)(report)).toBe(true);
  });

  it.each([
    [
      '{"schemaVersion":"2","hosts":[]}',
      '1:18: error: A report of postern\'s has the schema version `"2"` here',
    ],
    ['{"hosts":[]}', "1:1: error: A report of postern's has the schema version `none` here"],
    ['{"schemaVersion":"1","findings":[]}', "1:1: error: this is not a report of postern's"],
    ['{"schemaVersion":"1","hosts":[{"name":"a"}]}', '1:31: error: this is no host of a report'],
    ['{"schemaVersion":"1",', '1:22: error: this is not JSON: the text ends'],
  ])('%s is an error', async (text, message) => {
    put('before.json', text);
    const { status, stdout, stderr } = await run(['check', '-d', 'site.yaml', '--previous', 'before.json']);
    expect([status, stdout, stderr.split('\n')[0]]).toEqual([2, '', `before.json:${message}`]);
  });
});

describe('hostile text', () => {
  const HOSTILE = '\\u001b]0;x\\u0007\\u202e<script>alert(1)</script>=1+1 ::error::x ``` |';

  it('in waivers and comments is neutral in every format', async () => {
    const waivers = readFileSync(join(site, 'waivers.yaml'), 'utf8')
      .replace('The reporting database moves in spring.', `"${HOSTILE}"`)
      .replace('id: W-1', `id: "${HOSTILE}"`)
      .replace(/owner: Ann/, `owner: "${HOSTILE}"`);
    put('waivers.yaml', waivers);
    const raw = '\u001b]0;x\u0007\u202e<script>alert(1)</script> ::error::x';
    put('rules.v4', readFileSync(join(site, 'rules.v4'), 'utf8').replace('reporting until March', raw));
    const outputs = [
      'text',
      'html',
      'sarif-full',
      'junit',
      'gitlab',
      'github',
      'github-summary',
      'markdown',
      'csv',
      'json',
    ];
    const formats = outputs.flatMap((name) => ['--format', `${name}=out.${name}`]);
    const decided = [
      '--waivers',
      'waivers.yaml',
      '--as-of',
      '2027-01-05',
      '--inline',
      '--previous',
      'p.json',
      '--known',
      'k.json',
    ];
    put('p.json', (await run(['check', '-d', 'site.yaml', '--format', 'json'])).stdout);
    put(
      'k.json',
      JSON.stringify({
        schemaVersion: '1',
        findings: [{ fingerprint: 'a'.repeat(64), host: raw, rule: 'closed', severity: 'low', message: raw }],
      }),
    );
    const { status, stderr } = await run(['check', '-d', 'site.yaml', ...decided, ...formats]);
    expect(status).toBe(1);
    for (const [name, text] of [
      ['stderr', stderr],
      ...outputs.map((one) => [one, readFileSync(join(site, `out.${one}`), 'utf8')]),
    ]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
      expect(text, name).not.toMatch(CONTROLS);
      if (/html|junit/.test(name as string)) expect(text, name).not.toContain('<script>alert');
      if (name === 'csv') expect(text).not.toMatch(/(^|,)"?[=+@]/m);
      if (name === 'github')
        expect((text as string).split('\n').filter((line) => /^::error::/.test(line))).toEqual([]);
    }
  });
});

describe('the config file', () => {
  it('is found upwards, up to the home directory or the repository', () => {
    // The home directory is the process's own.
    const check = (cwd: string, HOME = home) => postern(['check'], { cwd, env: { HOME } });
    put('postern.yaml', 'version: 1\ndeployment: site.yaml\nfail-on: critical\nformat: [json]\n');
    const below = join(site, 'a/b');
    mkdirSync(below, { recursive: true });
    const found = check(below);
    expect(found.status).toBe(1);
    expect(JSON.parse(found.stdout).deployment.path).toBe('../../site.yaml');
    mkdirSync(join(site, 'a/.git'));
    expect(check(below)).toMatchObject({ status: 2, stdout: '' });
    const { status } = check(site, '/nonexistent');
    expect(status).toBe(1);
    mkdirSync(join(site, 'c'));
    expect(check(join(site, 'c'), '/nonexistent').status).toBe(2);
  });

  it('gives way to the command line', async () => {
    put(
      'postern.yaml',
      'version: 1\ndeployment: site.yaml\nfail-on: low\ninline: true\nquiet: true\nformat: [json]\n',
    );
    expect(JSON.parse((await run(['check'])).stdout).inline).toHaveLength(3);
    expect(JSON.parse((await run(['check', '--no-inline'])).stdout).inline).toBeUndefined();
    expect((await run(['check', '--format', 'github'])).stdout).toMatch(/^::error/);
    expect((await run(['check', '--no-config'])).status).toBe(2);
    const alone = await run([
      'check',
      'rules.v4',
      '--baseline',
      './own.yaml',
      '--as',
      'server',
      '--no-inline',
    ]);
    expect(JSON.parse(alone.stdout).hosts[0].name).toBe('host');
  });

  it('is printed as it counts', async () => {
    put(
      'postern.yaml',
      'version: 1\ndeployment: site.yaml\nbaselines: [host-essentials]\nformat: [text, html=report.html]\n',
    );
    const { status, stdout } = await run(['check', '--print-config', '--fail-on', 'high']);
    expect(status).toBe(0);
    expect(stdout).toBe(
      `# from postern.yaml and the command line
version: 1
deployment: "site.yaml"
baselines: ["host-essentials"]
format: ["text","html=report.html"]
fail-on: "high"
allow-undetermined: false
inline: false
max-input-size: 268435456
quiet: false
progress: true
`,
    );
    expect(existsSync(join(site, 'report.html'))).toBe(false);
    put('postern.yaml', stdout);
    expect((await run(['check', '--print-config'])).stdout).toBe(stdout);
  });

  it('names nothing outside its folder by a link, of what it reads and what it has written', async () => {
    mkdirSync(join(home, 'elsewhere'));
    symlinkSync('../elsewhere', join(site, 'out'));
    symlinkSync('../elsewhere/gone.json', join(site, 'gone.json'));
    mkdirSync(join(site, 'folder'));
    symlinkSync('../../elsewhere/site.yaml', join(site, 'folder/rules.v4'));
    put('elsewhere.yaml', readFileSync(join(site, 'site.yaml'), 'utf8'));
    renameSync(join(site, 'elsewhere.yaml'), join(home, 'elsewhere/site.yaml'));
    for (const [text, place] of [
      ['deployment: out/site.yaml\n', '2:13'],
      ['deployment: site.yaml\nformat: [text, json=out/r.json]\n', '3:16'],
      ['deployment: site.yaml\nformat: [json=gone.json]\n', '3:10'],
      ['configs: [folder]\n', '2:11'],
    ]) {
      put('postern.yaml', `version: 1\n${text}`);
      const { status, stdout, stderr } = await run(['check']);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toContain(`postern.yaml:${place}: error: `);
      expect(stderr).toContain("a symbolic link leads out of the config's folder");
    }
    expect(readdirSync(join(home, 'elsewhere'))).toEqual(['site.yaml']);
    put('postern.yaml', 'version: 1\ndeployment: site.yaml\nformat: [json=here.json]\n');
    symlinkSync('r.json', join(site, 'here.json'));
    expect(await run(['check'])).toMatchObject({ stdout: '', stderr: '' });
    expect(existsSync(join(site, 'r.json'))).toBe(true);
    // Git's own files are not the repository's, by whatever name.
    mkdirSync(join(site, '.git/hooks'), { recursive: true });
    symlinkSync('.git/hooks', join(site, 'scripts'));
    for (const name of ['.git/config', '.GIT/config', 'scripts/post-checkout']) {
      put('postern.yaml', `version: 1\ndeployment: site.yaml\nformat: [csv=${name}]\n`);
      const { status, stdout, stderr } = await run(['check']);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toContain(`postern.yaml:3:10: error: \`${name}\` leads into \`.git\``);
    }
    // What the command line says in its place does not count.
    put('postern.yaml', 'version: 1\ndeployment: out/site.yaml\nformat: [json=gone.json]\n');
    const { status, stderr } = await run(['check', '-d', 'site.yaml', '--format', 'csv']);
    expect([status, stderr]).toEqual([1, '']);
  });

  it.each([
    ['version: 1\ndeploymnt: site.yaml\n', '2:1', 'unknown key', 'Did you mean `deployment`?'],
    ['version: 1\nformat: [jsn]\n', '2:10', 'unknown format', 'Did you mean `json`?'],
    ['version: 1\ndeployment: ../other.yaml\n', '2:13', 'outside', 'Put the config file above'],
    ['version: 1\nformat: [html=/tmp/x.html]\n', '2:10', 'outside', "leads out of the config's folder"],
    ['version: 2\n', '1:10', 'version', 'the number 1'],
    ['version: 1\nfail-on: hihg\n', '2:10', 'severity', '`critical`'],
    ['version: 1\nas-of: 2026-11-20\n', '2:1', 'no day', 'is not a key'],
  ])('%j is an error at %s (%s)', async (text, place, _what, help) => {
    put('postern.yaml', text);
    const { status, stdout, stderr } = await run(['check']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`postern.yaml:${place}: error: `);
    expect(stderr).toContain(help);
  });
});
