import { describe, expect, it } from 'vitest';
import {
  check,
  exceedsThreshold,
  type InputFile,
  openings,
  type Report,
  siteFiles,
  tracer,
} from '../../src/api.ts';

const text = (path: string, content: string): InputFile => ({ path, bytes: Buffer.from(content) });
const RULES = `*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -s 10.1.1.0/24 -p tcp -m tcp --dport 4000 -j ACCEPT
COMMIT
`;

const BASELINE = `version: 1
id: own
title: Our own
document: { title: A list of ours }
closed: { in: true, out: false, forward: false }
roles:
  server: { title: Server }
  admin: { title: Admin }
rows:
  - id: admin-ui
    cells: { From: Admin, To: Server, Port: "4000" }
    source: admin
    destination: server
    protocols: [tcp]
    ports: [4000]
`;

const SITE = `version: 1
roles:
  server: [10.1.2.10]
  admin: [10.1.1.0/24]
hosts:
  - { name: one, role: server, configs: [one.v4], baselines: [./own.yaml] }
`;

function whole<T>(result: { ok: true; value: T } | { ok: false; errors: readonly { message: string }[] }): T {
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return result.value;
}

describe('check, as a library', () => {
  const deployment = text('sites/site.yaml', SITE);

  it('tells which files a deployment names, and takes them under those names', async () => {
    const named = whole(siteFiles(deployment, undefined));
    expect(named.map(({ path }) => path)).toEqual(['sites/one.v4', 'sites/own.yaml']);
    const files = [text('sites/one.v4', RULES), text('sites/own.yaml', BASELINE)];
    const report = whole(await check({ deployment, files }));
    expect(report.hosts.map(({ name, findings }) => [name, findings.length])).toEqual([['one', 0]]);
    expect(report.summary.satisfied).toBe(1);
    expect(report.inputs.map(({ path }) => path)).toEqual(['sites/one.v4']);
  });

  it('says which file is not given, and where it is named', async () => {
    const result = await check({ deployment, files: [text('sites/one.v4', RULES)] });
    const [error] = result.ok ? [] : result.errors;
    expect(error?.message).toContain('own.yaml');
    expect(error?.span?.file.position(error.span.start).line).toBe(6);
  });

  it('takes configs, a baseline and a role', async () => {
    const request = { configs: [text('-', RULES)], baselines: [text('own.yaml', BASELINE)], as: 'server' };
    const report = whole(await check(request));
    expect(report.hosts[0]?.unbound).toEqual(['admin']);
    expect(report.hosts[0]?.connections.map(({ id, status }) => [id, status])).toEqual([
      ['admin-ui', 'satisfied'],
    ]);
  });

  it('finds what is closed', async () => {
    const closed = RULES.replace('--dport 4000', '--dport 4001');
    const files = [text('sites/one.v4', closed), text('sites/own.yaml', BASELINE)];
    const report = whole(await check({ deployment, files }));
    expect(report.summary).toMatchObject({ missing: 1, excessive: 1 });
  });

  it('gives the problems of every config at once', async () => {
    const configs = [text('a', '*filter\n'), text('b', 'nonsense')];
    const result = await check({ configs, baselines: ['host-essentials'] });
    expect(result.ok ? [] : result.errors.map(({ span }) => span?.file.path)).toEqual(['a', 'b']);
  });
});

describe('openings and tracer, as a library', () => {
  it('answer about configs in memory', async () => {
    const configs = [text('rules', RULES)];
    const report = whole(await openings({ configs, hook: 'input' }));
    expect(report.families).toEqual({ ipv4: 'assessed', ipv6: 'not-assessed' });
    expect(report.openings.every(({ hook }) => hook === 'input')).toBe(true);
    expect(report.openings.some(({ rules }) => rules.some(({ line }) => line === 7))).toBe(true);
    const answer = whole(await tracer({ configs }));
    const packet = {
      hook: 'input',
      in: 'eth0',
      src: '10.1.1.1',
      dst: '10.1.2.10',
      protocol: 'tcp',
      dport: 4000,
    };
    expect(JSON.parse(answer(JSON.stringify(packet))?.json ?? '')).toMatchObject({ verdict: 'accept' });
    expect(answer('  ')).toBeUndefined();
  });
});

describe('the threshold', () => {
  const empty = { summary: { undetermined: 0 }, hosts: [] } as unknown as Report;
  const having = (severity: string) =>
    ({ ...empty, hosts: [{ findings: [{ severity }] }] }) as unknown as Report;

  it('is reached by a finding as grave, and by what is undetermined', () => {
    const low = { failOn: 'low', allowUndetermined: false } as const;
    expect(exceedsThreshold(empty, low)).toBe(false);
    expect(exceedsThreshold(having('low'), low)).toBe(true);
    expect(exceedsThreshold(having('info'), low)).toBe(false);
    expect(exceedsThreshold(having('critical'), { ...low, failOn: 'critical' })).toBe(true);
    const open = { ...empty, summary: { ...empty.summary, undetermined: 1 } };
    expect(exceedsThreshold(open, low)).toBe(true);
    expect(exceedsThreshold(open, { ...low, allowUndetermined: true })).toBe(false);
  });
});
