import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { bundlePath } from '../support/cli.ts';

/** What the jobs of docs/ci.md do, on a repository made here: the scripts are those of the action and the component. */
const folder = mkdtempSync(join(tmpdir(), 'postern-gate-'));
const repository = join(folder, 'firewalls');
const action = join(folder, 'action');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RULES = 'hosts/one/rules.v4';
const OPEN = '-A INPUT -p tcp -m tcp --dport 3389 -j ACCEPT';

function run(command: string, args: readonly string[], env: Record<string, string> = {}) {
  const given = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env };
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: repository,
    encoding: 'utf8',
    env: given,
  });
  return { status, stdout, stderr };
}

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', '-c', 'commit.gpgsign=false'];
  const { status, stdout, stderr } = run('git', [...identity, ...args]);
  expect(status, stderr).toBe(0);
  return stdout;
}

function commit(path: string, text: string, message: string): void {
  mkdirSync(dirname(join(repository, path)), { recursive: true });
  writeFileSync(join(repository, path), text);
  git('add', path);
  git('commit', '-q', '-m', message);
}

const current = (): string => readFileSync(join(repository, RULES), 'utf8');
const withRule = (text: string): string => text.replace('COMMIT', `${OPEN}\nCOMMIT`);

/** The step of action.yml that checks, run as the runner does (`bash -e -o pipefail`). */
function actionStep(inputs: Record<string, string> = {}) {
  const { runs } = parse(readFileSync('action.yml', 'utf8'));
  const step = runs.steps.find(({ name }: { name?: string }) => name === 'Check');
  const env = Object.fromEntries(
    Object.entries(step.env as Record<string, string>).map(([name, value]) => [
      name,
      inputs[/inputs\.([a-z-]+)/.exec(value)?.[1] ?? ''] ?? '',
    ]),
  );
  const summary = join(folder, 'summary.md');
  writeFileSync(summary, '');
  return run('bash', ['-e', '-o', 'pipefail', '-c', step.run], {
    ...env,
    GITHUB_ACTION_PATH: action,
    GITHUB_STEP_SUMMARY: summary,
  });
}

beforeAll(() => {
  mkdirSync(action);
  symlinkSync(dirname(bundlePath()), join(action, 'dist'));
  mkdirSync(repository);
  cpSync('fixtures/waivers/site', join(repository, 'hosts/one'), { recursive: true });
  git('init', '-q', '-b', 'main');
  const clean = readFileSync('fixtures/waivers/site/rules.v4', 'utf8')
    .split('\n')
    .filter((line) => !/5432|--dport 161/.test(line))
    .join('\n')
    .replace('--dport 22:23', '--dport 22')
    .replace('COMMIT', '-A INPUT -s 10.1.1.8/32 -p tcp -m tcp --dport 9102 -j ACCEPT\nCOMMIT');
  writeFileSync(join(repository, RULES), clean);
  writeFileSync(join(repository, 'postern.yaml'), 'version: 1\ndeployment: hosts/one/site.yaml\n');
  git('add', '.');
  git('commit', '-q', '-m', 'The firewall as it is');
});

/** What a host without rules of IPv6 leaves open to question. */
const UNSEEN = 'IPv6 was not assessed, so it is neither open nor closed (one)';

describe('the gate of a repository', () => {
  it('passes what is as documented, and says what it did not look at', () => {
    expect(actionStep()).toEqual({ status: 0, stdout: `::notice title=postern::${UNSEEN}.\n`, stderr: '' });
  });

  it('fails a pull request that opens a port, with the annotation on the line', () => {
    git('checkout', '-q', '-b', 'open-rdp', 'main');
    commit(RULES, withRule(current()), 'Remote desktop');
    const line = current().split('\n').indexOf(OPEN) + 1;
    expect(line).toBeGreaterThan(1);
    const { status, stdout } = actionStep({ sarif: 'postern.sarif' });
    expect(status).toBe(1);
    expect(stdout).toMatch(
      new RegExp(`^::error file=${RULES},line=${line},col=1,title=postern%3A high undocumented-opening`),
    );
    expect(stdout.trim().split('\n').slice(1)).toEqual([`::notice title=postern::${UNSEEN}.`]);
    const added = git('diff', '-U0', 'main', '--', RULES);
    expect(added).toMatch(new RegExp(`^@@ -\\d+,0 \\+${line} @@`, 'm'));
    expect(readFileSync(join(folder, 'summary.md'), 'utf8')).toContain('undocumented');
    const sarif = JSON.parse(readFileSync(join(repository, 'postern.sarif'), 'utf8'));
    expect(sarif.runs[0].results[0].locations[0].physicalLocation.region.startLine).toBe(line);
  });

  it('passes a pull request that closes it again', () => {
    git('checkout', '-q', '-b', 'close-rdp', 'open-rdp');
    commit(RULES, current().replace(`${OPEN}\n`, ''), 'No remote desktop');
    expect(actionStep().status).toBe(0);
  });

  it('passes what a waiver covers until the day on which it expires', () => {
    git('checkout', '-q', '-b', 'waived-rdp', 'open-rdp');
    const waiver = `version: 1
waivers:
  - id: W-9
    rule: undocumented-opening
    hook: input
    packets: [tcp 3389]
    owner: Ann
    approver: Bob
    reason: Until the console is moved.
    created: 2026-01-01
    expires: 2026-06-30
`;
    commit('waivers.yaml', waiver, 'A waiver');
    const on = (day: string) => actionStep({ waivers: 'waivers.yaml', 'as-of': day });
    expect(on('2026-03-01')).toEqual({
      status: 0,
      stdout: `::notice title=postern::1 finding waived; ${UNSEEN}.\n`,
      stderr: '',
    });
    const { status, stdout } = on('2026-07-01');
    expect(status).toBe(1);
    expect(stdout).toContain(
      '::warning file=waivers.yaml,line=3,col=5,title=postern%3A medium waiver-expired (one)',
    );
  });

  it('annotates the files of a folder of the repository by their paths from its top', () => {
    git('checkout', '-q', '-b', 'in-a-folder', 'open-rdp');
    const text = current();
    git('rm', '-q', 'postern.yaml');
    commit('net/postern.yaml', 'version: 1\ndeployment: fw/hosts/one/site.yaml\n', 'Another place');
    mkdirSync(join(repository, 'net/fw'));
    git('mv', 'hosts', 'net/fw/hosts');
    const line = text.split('\n').indexOf(OPEN) + 1;
    const sarif = 'postern.sarif';
    for (const inputs of [
      { 'working-directory': 'net/fw', sarif },
      { 'working-directory': './net/fw/', deployment: 'hosts/one/site.yaml', sarif },
      { 'working-directory': join(repository, 'net/fw'), sarif },
    ]) {
      const { status, stdout, stderr } = actionStep(inputs);
      expect(stderr).toBe('');
      expect(status).toBe(1);
      expect(stdout).toContain(`::error file=net/fw/${RULES},line=${line},`);
      const { runs } = JSON.parse(readFileSync(join(repository, 'net/fw', sarif), 'utf8'));
      const { artifactLocation } = runs[0].results[0].locations[0].physicalLocation;
      expect(artifactLocation.uri).toBe(`net/fw/${RULES}`);
    }
    git('reset', '-q', '--hard');
  });

  it('does not take an input for a command', () => {
    const marker = join(folder, 'ran');
    const { status } = actionStep({ deployment: `"; touch ${marker}; "`, args: `$(touch ${marker})` });
    expect(status).toBe(2);
    expect(spawnSync('test', ['-e', marker]).status).toBe(1);
  });
});

describe('the GitLab component', () => {
  it('runs what it says, and leaves its reports', () => {
    git('checkout', '-q', 'open-rdp');
    const [, job = ''] = readFileSync('templates/check.yml', 'utf8').split('\n---\n');
    const { postern } = parse(job);
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'postern'), `#!/bin/sh\nexec "${process.execPath}" "${bundlePath()}" "$@"\n`, {
      mode: 0o755,
    });
    const { status } = run('sh', ['-e', '-c', postern.script.join('\n')], {
      PATH: `${bin}:${process.env.PATH}`,
      POSTERN_FAIL_ON: '',
      POSTERN_DEPLOYMENT: '',
      POSTERN_WAIVERS: '',
      POSTERN_KNOWN: '',
    });
    expect(status).toBe(1);
    const quality = JSON.parse(readFileSync(join(repository, postern.artifacts.reports.codequality), 'utf8'));
    expect(quality[0].location).toMatchObject({ path: RULES });
    expect(readFileSync(join(repository, postern.artifacts.reports.junit), 'utf8')).toContain('<failure');
  });
});

describe('the pre-commit hooks', () => {
  it('name commands that there are', () => {
    const hooks = parse(readFileSync('.pre-commit-hooks.yaml', 'utf8')) as { entry: string; files: string }[];
    git('checkout', '-q', 'open-rdp');
    for (const { entry, files } of hooks) {
      expect(() => new RegExp(files)).not.toThrow();
      const [name, ...args] = entry.split(' ');
      expect(name).toBe('postern');
      const extra = entry.includes('validate') ? ['hosts/one/own.yaml'] : [];
      const { status } = run(process.execPath, [bundlePath(), ...args, ...extra]);
      expect(status).toBe(entry.includes('validate') ? 0 : 1);
    }
  });
});
