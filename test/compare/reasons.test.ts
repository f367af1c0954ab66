import { describe, expect, it } from 'vitest';
import { check } from '../../src/api/check.ts';
import { Replay, UNTRACED } from '../../src/compare/finding/replay.ts';
import type { Finding } from '../../src/finding/report.ts';
import { chain, packet, ruleset } from '../support/rules.ts';

const RECENT = '-m recent --update --seconds 60 --name DEFAULT --rsource';

/** A host behind one unmodelled rule, with many rules that have nothing to do with what is open. */
function dump(fillers: number, openings: number): string {
  const lines = ['*filter', ':INPUT DROP [0:0]', ':FORWARD DROP [0:0]', ':OUTPUT ACCEPT [0:0]'];
  lines.push('-A INPUT -i lo -j ACCEPT', `-A INPUT ${RECENT} -j DROP`);
  for (let i = 0; i < fillers; i++)
    lines.push(`-A INPUT -s 10.${i >> 8}.${i & 255}.1/32 -p udp -m udp --dport 9 -j DROP`);
  for (let i = 0; i < openings; i++)
    lines.push(`-A INPUT -s 192.0.2.${i}/32 -p tcp -m tcp --dport ${7000 + i} -j ACCEPT`);
  return [...lines, 'COMMIT', ''].join('\n');
}

describe('what possible findings depend on', () => {
  it('is told of each, of large rule sets with many of them too', async () => {
    const configs = [{ path: 'rules.v4', bytes: Buffer.from(dump(3000, 60)) }];
    const report = await check({ configs, baselines: ['x-road-security-server'], as: 'security-server' });
    if (!report.ok) throw new Error(JSON.stringify(report.errors));
    const findings = report.value.hosts.flatMap((host) => host.findings as readonly Finding[]);
    const excess = findings.filter(({ code, certainty }) => code === 'excessive' && certainty === 'possible');
    expect(excess.length).toBeGreaterThanOrEqual(60);
    expect(excess.filter(({ dependsOn }) => dependsOn?.join() !== RECENT)).toEqual([]);
  });

  it('is nothing where a needed packet is dropped or rejected, and certainly does not pass', async () => {
    const bytes = Buffer.from(dump(0, 0).replace('COMMIT', '-A INPUT -j REJECT\nCOMMIT'));
    const configs = [{ path: 'rules.v4', bytes }];
    const report = await check({ configs, baselines: ['x-road-security-server'], as: 'security-server' });
    if (!report.ok) throw new Error(JSON.stringify(report.errors));
    const missing = report.value.hosts
      .flatMap((host) => host.findings)
      .filter(({ code }) => code === 'missing');
    expect(missing.length).toBeGreaterThan(3);
    expect(missing.filter(({ certainty, dependsOn }) => certainty !== 'definite' || dependsOn)).toEqual([]);
  });

  it('is said not to be known where it is looked for no more', () => {
    const replay = new Replay(ruleset([chain('INPUT', [])]), 0);
    expect(replay.confirm(packet(), 'possible', true).dependsOn).toEqual([UNTRACED]);
    expect(replay.depends(packet())).toEqual([UNTRACED]);
  });
});

describe('a witness that the plain engine follows with less knowledge', () => {
  const marked = (masks: readonly string[]): string =>
    [
      '*mangle',
      ':PREROUTING ACCEPT [0:0]',
      ':INPUT ACCEPT [0:0]',
      '-A PREROUTING -j HMARK --hmark-tuple src --hmark-mod 10 --hmark-offset 100 --hmark-rnd 0x1',
      'COMMIT',
      '*filter',
      ':INPUT DROP [0:0]',
      ':FORWARD DROP [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      ...masks.map((mask) => `-A INPUT -m mark --mark ${mask} -j ACCEPT`),
      'COMMIT',
      '',
    ].join('\n');

  it.each([
    ['every value of two bits', ['0x0/0x5', '0x1/0x5', '0x4/0x5', '0x5/0x5'], 'definite'],
    ['all of them but one', ['0x0/0x5', '0x1/0x5', '0x4/0x5'], 'possible'],
  ])('is what the packet sets say: %s', async (_, masks, certainty) => {
    const configs = [{ path: 'rules.v4', bytes: Buffer.from(marked(masks)) }];
    const report = await check({ configs, baselines: ['x-road-security-server'], as: 'security-server' });
    if (!report.ok) throw new Error(JSON.stringify(report.errors));
    const excess = report.value.hosts
      .flatMap(({ findings }) => findings)
      .filter(({ code }) => code === 'excessive');
    expect(new Set(excess.filter(({ hook }) => hook === 'input').map((one) => one.certainty))).toEqual(
      new Set([certainty]),
    );
  });
});

describe('the reason of a row', () => {
  it.each([
    ['fc00::/7', 'undetermined', 'IPv6 was not assessed'],
    ['127.0.0.0/8', 'not-applicable', 'the role `admin` is bound to no address'],
  ])('tells of an unbound role within %s what an IPv4 config says of it', async (within, status, reason) => {
    const baseline = [
      'version: 1',
      'id: own',
      'title: Own',
      'document: { title: Own }',
      'closed: { in: true, out: false, forward: false }',
      `roles: { admin: { title: Admin, within: "${within}" }, server: { title: Server } }`,
      'rows:',
      '  - { id: web, source: admin, destination: server, protocols: [tcp], ports: [443] }',
      '',
    ].join('\n');
    const report = await check({
      configs: [{ path: 'rules.v4', bytes: Buffer.from(dump(0, 0)) }],
      baselines: [{ path: 'own.yaml', bytes: Buffer.from(baseline) }],
      as: 'server',
    });
    if (!report.ok) throw new Error(JSON.stringify(report.errors));
    expect(report.value.hosts[0]?.connections).toMatchObject([{ id: 'web', status, reason }]);
  });
});
