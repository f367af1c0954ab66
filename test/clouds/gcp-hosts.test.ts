import { describe, expect, it } from 'vitest';
import { check, type InputFile, openings, tracer } from '../../src/api.ts';

const URL = 'https://www.googleapis.com/compute/v1/projects/shop/global/networks/';
const file = (path: string, value: unknown): InputFile => ({
  path,
  bytes: Buffer.from(JSON.stringify(value)),
});

const rule = (name: string, port: string, more: object, network = 'default'): object => ({
  kind: 'compute#firewall',
  disabled: false,
  name,
  network: `${URL}${network}`,
  direction: 'INGRESS',
  priority: 1000,
  sourceRanges: ['0.0.0.0/0'],
  allowed: [{ IPProtocol: 'tcp', ports: [port] }],
  ...more,
});
const SA = 'web@shop.iam.gserviceaccount.com';
const RULES = file('rules.json', [
  rule('all', '22', {}),
  rule('tagged', '8888', { targetTags: ['web'] }),
  rule('accounted', '443', { targetServiceAccounts: [SA] }),
]);

const site = (host: string): InputFile => ({
  path: 'site.yaml',
  bytes: Buffer.from(`version: 1
roles: { security-server: [10.0.0.5] }
hosts:
  - name: one
    role: security-server
    ${host}
    configs: [rules.json]
    baselines: [x-road-security-server]
`),
});

/** The ports that some packet from outside can reach, as findings of excess tell them. */
async function excess(host: string): Promise<{ ports: string[]; reasons: string[] }> {
  const report = await check({
    deployment: site(host),
    files: [RULES],
    baselines: [],
  });
  if (!report.ok)
    return { ports: [], reasons: report.errors.map((one) => `${one.message} ${one.expected ?? ''}`) };
  const findings = report.value.hosts.flatMap((one) => one.findings).filter(({ hook }) => hook === 'ingress');
  const boxes = findings.filter(({ code }) => code === 'excessive').flatMap(({ packets }) => packets);
  return {
    ports: [...new Set(boxes.flatMap((box) => box.destinationPorts ?? []))].sort(),
    reasons: report.value.coverage.map(({ reason }) => reason),
  };
}

describe('hosts in Google Cloud', () => {
  it('are named by tags, and what they are not named by is told', async () => {
    const { ports, reasons } = await excess('networkTag: web');
    expect(ports).toEqual(['22', '8888']);
    expect(reasons.join()).toContain('the host is named without a service account');
  });

  it('are named by service accounts and tags together', async () => {
    const { ports, reasons } = await excess(`networkTags: [web]\n    serviceAccount: ${SA}`);
    expect(ports).toEqual(['22', '443', '8888']);
    expect(reasons.join()).not.toContain('the host is named without');
  });

  it('are named by their network, and carry nothing then', async () => {
    expect((await excess('network: default')).ports).toEqual(['22']);
  });

  it('are not named by a tag that nothing has', async () => {
    const { reasons } = await excess('networkTag: wbe');
    expect(reasons.join()).toContain('no network tag `wbe`');
    expect(reasons.join()).toContain('`web`');
  });
});

describe('hosts in a region of Google Cloud', () => {
  const policy = (name: string, region: string, port: string): object => ({
    kind: 'compute#firewallPolicy',
    name,
    region: `https://www.googleapis.com/compute/v1/projects/shop/regions/${region}`,
    associations: [{ name: 'a', attachmentTarget: `${URL}default` }],
    rules: [
      {
        kind: 'compute#firewallPolicyRule',
        priority: 10,
        action: 'allow',
        direction: 'INGRESS',
        match: { srcIpRanges: ['0.0.0.0/0'], layer4Configs: [{ ipProtocol: 'tcp', ports: [port] }] },
      },
    ],
  });
  const policies = file('rules.json', [
    rule('all', '21', {}),
    policy('near', 'europe-west1', '22'),
    policy('far', 'us-east1', '23'),
  ]);
  const excessOf = async (host: string) => {
    const report = await check({ deployment: site(host), files: [policies], baselines: [] });
    if (!report.ok) throw new Error(report.errors.map(({ message }) => message).join('; '));
    const found = report.value.hosts.flatMap(({ findings }) => findings);
    const excess = found
      .filter(({ code, hook }) => code === 'excessive' && hook === 'ingress')
      .flatMap(({ certainty, packets }) =>
        packets.flatMap((box) => (box.destinationPorts ?? []).map((port) => `${certainty} ${port}`)),
      );
    return {
      excess: excess.sort(),
      told: report.value.coverage.filter(({ reason }) => /region/.test(reason)),
    };
  };

  it('may meet every regional policy where nobody says where they are', async () => {
    expect((await excessOf('network: default')).excess).toEqual([
      'definite 21',
      'possible 22',
      'possible 23',
    ]);
  });

  it('meet those of the region that the deployment says, and the others are told', async () => {
    const { excess, told } = await excessOf('network: default\n    region: europe-west1');
    expect(excess).toEqual(['definite 21', 'definite 22']);
    expect(told.map(({ status, reason }) => `${status}: ${reason}`)).toEqual([
      'ignored: the policy is of the region `us-east1`, and the deployment says that the host is in `europe-west1`; it is not applied',
    ]);
  });
});

describe('packets in Google Cloud', () => {
  const packet = (more: object): string =>
    JSON.stringify({
      hook: 'ingress',
      src: '192.0.2.7',
      dst: '10.0.0.5',
      protocol: 'tcp',
      sport: 40000,
      ...more,
    });

  it('are of an instance that carries nothing where they name nothing', async () => {
    const trace = await tracer({ configs: [RULES] });
    if (!trace.ok) throw new Error('unreadable');
    const verdict = (more: object): unknown => JSON.parse(trace.value(packet(more))?.json ?? '{}').verdict;
    expect(verdict({ dport: 22 })).toBe('accept');
    expect(verdict({ dport: 8888 })).toBe('drop');
    expect(verdict({ dport: 8888, groups: ['web', 'unheard-of'] })).toBe('accept');
    expect(verdict({ dport: 443, groups: ['web', SA] })).toBe('accept');
  });

  it('say their network where there are several', async () => {
    const trace = await tracer({
      configs: [file('rules.json', [rule('a', '22', {}), rule('b', '23', {}, 'other')])],
    });
    if (!trace.ok) throw new Error('unreadable');
    expect(trace.value(packet({ dport: 23 }))?.json).toContain('error');
    expect(trace.value(packet({ dport: 23, groups: ['other'] }))?.json).toContain('accept');
    expect(trace.value(packet({ dport: 23, groups: ['tag'] }))?.json).toContain('several networks');
  });
});

describe('exports of instances', () => {
  it('give nothing of their metadata away', async () => {
    const vm = {
      kind: 'compute#instance',
      name: 'vm-1',
      tags: { items: ['web'] },
      metadata: { items: [{ key: 'startup-script', value: 'PASSWORD=hunter2' }] },
      networkInterfaces: [{ network: `${URL}default`, networkIP: '10.0.0.5' }],
    };
    const configs = [RULES, file('vms.json', [vm])];
    const opened = await openings({ configs });
    const report = await check({ configs, baselines: ['x-road-security-server'], as: 'security-server' });
    expect(opened.ok && report.ok).toBe(true);
    const text = JSON.stringify([opened.ok ? opened.value : '', report.ok ? report.value : '']);
    expect(text).toContain('10.0.0.5');
    expect(text).not.toContain('hunter2');
  });
});
