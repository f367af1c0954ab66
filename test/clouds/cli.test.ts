import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inProcess } from '../support/cli.ts';

/* Exports on the command line: folders, pages in every form, and what is no export. */

const FOLDER = 'fixtures/clouds/aws/list-and-range';
const groups = readFileSync(`${FOLDER}/groups.json`, 'utf8');

interface Opened {
  readonly openings: readonly { readonly hook: string; readonly box: Record<string, unknown> }[];
}

const openings = async (args: readonly string[], input?: string): Promise<Opened['openings']> => {
  const { status, stdout, stderr } = await inProcess(
    ['openings', ...args, '--format', 'json'],
    input === undefined ? {} : { input },
  );
  expect(`${status} ${stderr}`).toBe('0 ');
  return (JSON.parse(stdout) as Opened).openings;
};

describe('exports on the command line', () => {
  it('are a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-clouds-'));
    try {
      for (const name of readdirSync(FOLDER).filter((one) => one.endsWith('.json')))
        copyFileSync(join(FOLDER, name), join(folder, name));
      const asked = ['--baseline', 'x-road-security-server', '--as', 'security-server', '--format', 'json'];
      const { status, stdout } = await inProcess(['check', folder, ...asked]);
      const report = JSON.parse(stdout) as { hosts: { name: string }[]; inputs: { format: string }[] };
      expect(status).toBe(1);
      expect(report.hosts.map(({ name }) => name)).toEqual(['sg-1']);
      expect(report.inputs.map(({ format }) => format)).toEqual(['aws', 'aws', 'aws']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('are a folder, in which nothing is passed over: folders of its own and links that lead nowhere are told', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-clouds-'));
    try {
      for (const name of ['groups.json', '.notes'])
        copyFileSync(join(FOLDER, 'groups.json'), join(folder, name));
      symlinkSync(join(folder, 'groups.json'), join(folder, 'same.json'));
      expect((await inProcess(['openings', folder])).status).toBe(0);
      mkdirSync(join(folder, 'eu-north-1'));
      symlinkSync('nowhere', join(folder, 'other.json'));
      const { status, stdout, stderr } = await inProcess(['openings', folder]);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toContain('eu-north-1: error: this is a directory');
      expect(stderr).toContain('other.json: error: there is no such file');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('are pages one after the other, in a list, and one a line: all the same', async () => {
    const page = JSON.stringify(JSON.parse(groups));
    const boxes = async (input: string): Promise<unknown> =>
      (await openings(['-'], input)).map(({ hook, box }) => [hook, box]);
    const once = await boxes(groups);
    expect(once).not.toEqual([]);
    for (const input of [`${groups}${groups}`, `[${page},${page}]`, `${page}\n${page}\n`])
      expect(await boxes(input)).toEqual(once);
  });

  it('say of each list of openings whose it is, where there are several hosts', async () => {
    const port = (id: string, rest: object): object => ({ id, fixed_ips: [], ...rest });
    const input = JSON.stringify({
      ports: [
        port('a', { security_groups: ['sg-1'], port_security_enabled: true }),
        port('b', { security_groups: [], port_security_enabled: false }),
      ],
      security_groups: [{ id: 'sg-1', name: 'web', stateful: true, security_group_rules: [] }],
    });
    const { stdout } = await inProcess(['openings', '-', '--hook', 'ingress'], { input });
    expect(stdout.split('\n').filter((line) => line.startsWith('ingress'))).toEqual([
      'ingress, definite, port security disabled',
    ]);
    const both = (await openings(['-'], input)) as readonly { host?: string }[];
    expect([...new Set(both.map(({ host }) => host))]).toEqual(['port security disabled']);
  });

  it.each([
    [
      'a refusal in words',
      'An error occurred (UnauthorizedOperation) when calling the DescribeSecurityGroups operation: no\n',
    ],
    ['a refusal as JSON', '{"Error":{"Code":"AccessDenied","Message":"no"}}'],
    ['a file that was cut short', groups.slice(0, groups.length / 2)],
    ['an export of something else', '{"Volumes":[]}'],
    ['no group at all', '{"SecurityGroups":[]}'],
  ])('make no report where there is %s', async (_, input) => {
    const { status, stdout, stderr } = await inProcess(
      [
        'check',
        '-',
        '--input-format',
        'aws',
        '--baseline',
        'x-road-security-server',
        '--as',
        'security-server',
      ],
      { input },
    );
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^-:\d+:\d+: error: /);
  });
});
