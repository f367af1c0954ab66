import { type StdioOptions, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/finding/report.ts';
import { bundlePath, inProcess, postern } from '../support/cli.ts';
import { orRequired } from '../support/required.ts';

const SITE = 'fixtures/sites/x-road/site.yaml';
const CLEAN = 'fixtures/sites/x-road-compliant/site.yaml';
const folder = mkdtempSync(join(tmpdir(), 'postern-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const json = async (args: readonly string[]): Promise<Report> =>
  JSON.parse((await inProcess(['check', '--format', 'json', ...args])).stdout);

describe('the example site', () => {
  it('has one missing, one excessive and one conflicting opening', async () => {
    const report = await json(['--deployment', SITE]);
    const [host] = report.hosts;
    expect(report.summary).toMatchObject({ missing: 1, excessive: 1, conflicting: 1, undetermined: 0 });
    expect(host?.findings.map(({ code, rule, document }) => ({ code, rule, row: document?.row }))).toEqual([
      { code: 'conflicting', rule: 'masked', row: 'Required connections, row 13' },
      { code: 'missing', rule: 'closed', row: 'Required connections, row 4' },
      { code: 'excessive', rule: 'loopback-service-exposed', row: 'Loopback ports, row 1' },
    ]);
  });

  it('makes the command exit 1 and says so in readable words', async () => {
    const { status, stdout, stderr } = postern(['check', '--deployment', SITE]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    await expect(stdout).toMatchFileSnapshot('../../fixtures/sites/x-road/report.txt');
  });

  it('gives a JSON report that satisfies the schema', async () => {
    const schema = JSON.parse(readFileSync('schemas/report.schema.json', 'utf8'));
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);
    validate(await json(['--deployment', SITE]));
    expect(validate.errors).toBeNull();
  });

  it('shows witnesses that `trace` judges as the finding says', async () => {
    const [host] = (await json(['--deployment', SITE])).hosts;
    const configs = ['rules.v4', 'rules.v6', 'sets.ipset', 'addr.json'].map(
      (name) => `fixtures/sites/x-road/ss1/${name}`,
    );
    const input = host?.findings.map(({ witness }) => JSON.stringify(witness)).join('\n') ?? '';
    const { status, stdout } = await inProcess(['trace', ...configs, '--packets', '-'], { input });
    expect(status).toBe(0);
    const verdicts = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const expected = host?.findings.map(({ code }) =>
      code === 'excessive' ? ['accept'] : ['drop', 'reject'],
    );
    verdicts.forEach(({ verdict, certainty }, i) => {
      expect(expected?.[i]).toContain(verdict);
      expect(certainty).toBe('definite');
    });
    expect(verdicts).toHaveLength(3);
  });

  it('is without a finding once its three faults are mended', async () => {
    const { status, stdout, stderr } = await inProcess(['check', '--deployment', CLEAN]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('no finding');
    expect(stdout).toContain('summary: 0 missing, 0 excessive, 0 conflicting, 0 undetermined');
  });

  it('differs from the mended one by exactly three rules', () => {
    const rules = (site: string): Set<string> =>
      new Set(readFileSync(`fixtures/sites/${site}/ss1/rules.v4`, 'utf8').split('\n'));
    const [faulty, mended] = [rules('x-road'), rules('x-road-compliant')];
    expect([...faulty].filter((line) => !mended.has(line))).toHaveLength(2);
    expect([...mended].filter((line) => !faulty.has(line))).toHaveLength(1);
  });
});

describe('the exit status', () => {
  it.each([
    [['--fail-on', 'critical'], 0],
    [['--fail-on', 'high'], 1],
    [['--fail-on', 'info'], 1],
  ])('%j', async (args, expected) => {
    expect((await inProcess(['check', '--deployment', SITE, ...args])).status).toBe(expected);
  });

  it('is 1 for undetermined connections, unless they are allowed', async () => {
    const site = join(folder, 'undetermined');
    cpSync('fixtures/sites/x-road-compliant', site, { recursive: true });
    const path = join(site, 'site.yaml');
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('acme: false', 'acme: false\n  health-check: true'),
    );
    const { status, stdout } = await inProcess(['check', '--deployment', path]);
    expect(status).toBe(1);
    expect(stdout).toContain('health-check-port');
    expect((await inProcess(['check', '--deployment', path, '--allow-undetermined'])).status).toBe(0);
  });
});

describe('without a deployment', () => {
  const configs = ['rules.v4', 'sets.ipset'].map((name) => `fixtures/sites/x-road/ss1/${name}`);

  it('a host is checked by its role, and what is unbound is told', async () => {
    const report = await json([
      ...configs,
      '--baseline',
      'x-road-security-server',
      '--as',
      'security-server',
    ]);
    expect(report.hosts.map(({ name, role }) => ({ name, role }))).toEqual([
      { name: 'host', role: 'security-server' },
    ]);
    expect(report.hosts[0]?.families).toEqual({ ipv4: 'assessed', ipv6: 'not-assessed' });
    expect(report.hosts[0]?.unbound).toContain('central-server');
    expect(report.deployment).toBeUndefined();
  });

  it('the role must be a role of the baseline', async () => {
    const { status, stderr } = await inProcess([
      'check',
      ...configs,
      '--baseline',
      'x-road-security-server',
      '--as',
      'security-sever',
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain('`security-server`');
  });

  it('the baseline must exist', async () => {
    const { status, stderr } = await inProcess([
      'check',
      ...configs,
      '--baseline',
      'x-road',
      '--as',
      'security-server',
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain('There is no baseline `x-road`');
  });

  it('a config may come by standard input, and a baseline from a file', () => {
    const args = [
      '-',
      configs[1] as string,
      '--baseline',
      './baselines/x-road-security-server.yaml',
      '--as',
      'security-server',
    ];
    const { status, stdout } = postern(['check', ...args], { input: readFileSync(configs[0] as string) });
    expect(status).toBe(1);
    expect(stdout).toContain('config      - (iptables-save)');
  });
});

describe('the output', () => {
  it('is the same bytes for the same input', async () => {
    const words = ['check', '--deployment', SITE, '--format', 'json'];
    const { stdout } = postern(words);
    expect(stdout).toBe((await inProcess(words)).stdout);
    // Once more where everything has been loaded and used before.
    expect(stdout).toBe((await inProcess(words)).stdout);
  });

  it('goes to files and to standard output at once', async () => {
    const path = join(folder, 'report.json');
    const { status, stdout } = await inProcess([
      'check',
      '--deployment',
      SITE,
      '--format',
      'text',
      '--format',
      `json=${path}`,
    ]);
    expect(status).toBe(1);
    expect(stdout).toContain('summary: 1 missing');
    expect(JSON.parse(readFileSync(path, 'utf8')).summary.missing).toBe(1);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('is all or nothing: one file that can not be written leaves none', async () => {
    const path = join(folder, 'first.json');
    const other = join(folder, 'absent/second.json');
    const { status, stdout, stderr } = await inProcess([
      'check',
      '--deployment',
      SITE,
      '--format',
      `json=${path}`,
      '--format',
      `text=${other}`,
    ]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(
      /second.json: error: it can't be written \(ENOENT\)\n {2}help: make the folder that it is to be in first\n/,
    );
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('says why where standard output is full', () => {
    const full = openSync('/dev/full', 'w');
    const stdio: StdioOptions = ['ignore', full, 'pipe'];
    for (const words of [
      ['check', '--deployment', SITE],
      ['openings', 'fixtures/sites/x-road/ss1/rules.v4'],
      ['--help'],
      ['--version'],
    ]) {
      const { status, stderr } = spawnSync(process.execPath, [bundlePath(), ...words], {
        stdio,
        encoding: 'utf8',
      });
      expect(status).toBe(2);
      expect(stderr).toMatch(/^postern: error: standard output can't be written \(ENOSPC\)/);
    }
    closeSync(full);
  });

  it('never overwrites an input', async () => {
    const config = join(folder, 'rules.v4');
    cpSync('fixtures/sites/x-road/ss1/rules.v4', config);
    const { status, stderr } = await inProcess(['openings', config, '--format', `json=${config}`]);
    expect(status).toBe(2);
    expect(stderr).toContain('it is one of the inputs');
    expect(readFileSync(config, 'utf8')).toContain('*filter');
  });

  it('never overwrites anything else that it has read', async () => {
    const site = join(folder, 'read');
    cpSync('fixtures/sites/x-road', site, { recursive: true });
    const baseline = join(site, 'own.yaml');
    cpSync('baselines/host-essentials.yaml', baseline);
    const settings = join(site, 'postern.yaml');
    writeFileSync(settings, 'version: 1\nallow-undetermined: true\n');
    const rules = join(site, 'ss1/rules.v4');
    for (const read of [baseline, settings]) {
      const args = ['check', rules, '--baseline', baseline, '--as', 'admin', '--config', settings];
      const { status, stderr } = await inProcess([...args, '--format', `json=${read}`]);
      expect(status).toBe(2);
      expect(stderr).toContain('it is one of the inputs');
      expect(readFileSync(read, 'utf8')).toContain('version: 1');
    }
    const account = mkdtempSync(join(folder, 'account-'));
    const inside = join(account, 'groups.json');
    writeFileSync(
      inside,
      '{"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","OwnerId":"1","IpPermissions":[]}]}',
    );
    const { stderr } = await inProcess(['openings', account, '--format', `json=${inside}`]);
    expect(stderr).toContain('it is one of the inputs');
    expect(readFileSync(inside, 'utf8')).toContain('SecurityGroups');
  });

  // As root it was /dev/stdout itself that a report took the place of.
  it('never takes the place of a link to an open pipe, such as /dev/stdout', () => {
    const link = join(folder, 'stdout');
    symlinkSync('/proc/self/fd/1', link);
    const command = '"$0" "$1" openings fixtures/sites/x-road/ss1/rules.v4 --format json="$2" | cat';
    const words = ['-c', command, process.execPath, bundlePath(), link];
    const { stdout } = spawnSync('sh', words, { encoding: 'utf8' });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(JSON.parse(stdout)).toHaveProperty('openings');
  });

  it('follows a link to a file that is not there yet', async () => {
    const link = join(folder, 'latest.json');
    symlinkSync('of-today.json', link);
    const { status } = await inProcess([
      ...['openings', 'fixtures/sites/x-road/ss1/rules.v4', '--format', `json=${link}`],
    ]);
    expect(status).toBe(0);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(join(folder, 'of-today.json'), 'utf8'))).toHaveProperty('openings');
  });

  it('never writes two formats to one file, however it is named', async () => {
    const path = join(folder, 'both.json');
    const { status, stderr } = await inProcess([
      ...['check', '--deployment', SITE, '--format', `json=${path}`],
      ...['--format', `html=${join(folder, '.')}/./both.json`],
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain('two things would be written to this file');
    expect(existsSync(path)).toBe(false);
  });

  it('never writes a report over the file of known findings that it updates', async () => {
    const path = join(folder, 'new-known.json');
    const { status, stderr } = await inProcess([
      ...['check', '--deployment', SITE, '--known', path, '--update-known', '--format', `json=${path}`],
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain('two things would be written to this file');
    expect(existsSync(path)).toBe(false);
  });

  it('prints no report where the file of known findings cannot be written', async () => {
    const known = join(folder, 'no-such-folder/known.json');
    const { status, stdout, stderr } = await inProcess([
      ...['check', '--deployment', SITE, '--known', known, '--update-known'],
    ]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('make the folder that it is to be in first');
  });

  it('leaves no report where an input is malformed', async () => {
    const site = join(folder, 'malformed');
    cpSync('fixtures/sites/x-road', site, { recursive: true });
    const rules = join(site, 'ss1/rules.v4');
    writeFileSync(rules, readFileSync(rules, 'utf8').replace('10.1.9.7/32', '999.1.1.1'));
    const path = join(folder, 'none.json');
    const { status, stdout, stderr } = await inProcess([
      'check',
      '--deployment',
      join(site, 'site.yaml'),
      '--format',
      `json=${path}`,
    ]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/ss1\/rules.v4:\d+:\d+: error: .*999\.1\.1\.1/);
    expect(stderr).toMatch(/\n {2}\d+ \| -A xroad-in -s 999.1.1.1[\s\S]*\^/);
    expect(existsSync(path)).toBe(false);
  });

  it('is coloured when asked, and else only on a terminal', async () => {
    const run = async (env: Record<string, string>) =>
      (await inProcess(['check', '--deployment', SITE], { env })).stdout;
    expect(await run({})).not.toContain('\u001b');
    expect(await run({ FORCE_COLOR: '1' })).toContain('\u001b[31mHIGH');
    expect(await run({ FORCE_COLOR: '0' })).not.toContain('\u001b');
  });

  const hasScript = orRequired(spawnSync('script', ['--version']).status === 0);

  it.skipIf(!hasScript)('is coloured on a terminal, unless NO_COLOR is set', () => {
    const onTerminal = (env: Record<string, string | undefined>): string => {
      const command = `'${process.execPath}' '${bundlePath()}' check --deployment ${SITE}`;
      const surroundings = {
        ...process.env,
        NO_COLOR: undefined,
        FORCE_COLOR: undefined,
        TERM: 'xterm',
        ...env,
      };
      return spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', env: surroundings })
        .stdout;
    };
    expect(onTerminal({})).toContain('\u001b[31mHIGH');
    expect(onTerminal({ NO_COLOR: '1' })).not.toContain('\u001b[31m');
    expect(onTerminal({ TERM: 'dumb' })).not.toContain('\u001b[31m');
  });

  it('may lose its reader without a word', async () => {
    const child = spawn(process.execPath, [bundlePath(), 'check', '--deployment', SITE]);
    let errors = '';
    child.stderr.on('data', (text) => {
      errors += text;
    });
    child.stdout.destroy();
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect({ status, errors }).toEqual({ status: 1, errors: '' });
  });
});
