import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/api/check.ts';
import type { Finding, HostReport, Report, RuleUse } from '../../src/finding/report.ts';
import { renderJson } from '../../src/report/json.ts';
import { UseWalk } from '../../src/api/detail/use-walk.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import { Analysis } from '../../src/symbolic/analysis.ts';
import { detailed } from '../report/html/detailed.ts';
import { chain, DROP, jump, RETURN, rule, ruleset } from '../support/rules.ts';

/** The detailed report of one dump. */
async function reportOf(text: string, path = 'rules.v4'): Promise<Report> {
  const answer = await check({
    configs: [{ path, bytes: Buffer.from(text) }],
    baselines: ['host-essentials'],
    as: 'host',
    detail: true,
  });
  if (!answer.ok) throw new Error(answer.errors.map(({ message, help }) => `${message} ${help}`).join('\n'));
  return answer.value;
}

/** Each rule of a filter table with its use, by its comment. */
async function usesOf(rules: string): Promise<Record<string, string>> {
  const [host] = (
    await reportOf(
      `*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules}COMMIT\n`,
    )
  ).hosts as [HostReport];
  const name = ({ text }: RuleUse): string => /--comment (\S+)/.exec(text)?.[1] ?? text;
  return Object.fromEntries((host.inventory ?? []).map((use) => [name(use), use.status]));
}

const line = (name: string, rest: string): string =>
  `-A ${rest.replace(' ', ` -m comment --comment ${name} `)}\n`;

describe('the inventory', () => {
  it('tells rules in use from those that earlier rules shadow', async () => {
    const uses = await usesOf(
      line('wide', 'INPUT -p tcp -m tcp --dport 1:1000 -j DROP') +
        line('inside', 'INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT') +
        line('partly', 'INPUT -p tcp -m tcp --dport 900:1001 -j ACCEPT') +
        line('other', 'INPUT -p udp -m udp --dport 53 -j ACCEPT'),
    );
    expect(uses).toEqual({ wide: 'used', inside: 'shadowed', partly: 'used', other: 'used' });
  });

  it('takes two rules together, and rules of the calling chain, as shadows', async () => {
    const uses = await usesOf(
      ':web - [0:0]\n' +
        line('low', 'INPUT -p tcp -m tcp --dport 0:100 -j ACCEPT') +
        line('high', 'INPUT -p tcp -m tcp --dport 101:65535 -j DROP') +
        line('both', 'INPUT -p tcp -m tcp --dport 50:200 -j ACCEPT') +
        line('call', 'INPUT -j web') +
        line('called', 'web -p tcp -m tcp --dport 80 -j ACCEPT') +
        line('reached', 'web -p udp -m udp --dport 80 -j ACCEPT'),
    );
    expect(uses).toEqual({
      low: 'used',
      high: 'used',
      both: 'shadowed',
      call: 'used',
      called: 'shadowed',
      reached: 'used',
    });
  });

  it('tells what matches nothing from what nothing calls', async () => {
    const uses = await usesOf(
      ':web - [0:0]\n:lost - [0:0]\n' +
        line('call', 'INPUT -p tcp -m tcp --dport 80 -j web') +
        line('never', 'web -p tcp -m tcp --dport 81 -j ACCEPT') +
        line('match', 'web -p tcp -m tcp --dport 80 -j ACCEPT') +
        line('orphan', 'lost -j ACCEPT'),
    );
    expect(uses).toEqual({ call: 'used', never: 'unmatched', match: 'used', orphan: 'uncalled' });
  });

  it('follows packets of every state, fragments and flags, not only new connections', async () => {
    const uses = await usesOf(
      line('replies', 'INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT') +
        line('invalid', 'INPUT -m conntrack --ctstate INVALID -j DROP') +
        line('fragments', 'INPUT -f -j DROP') +
        line('xmas', 'INPUT -p tcp -m tcp --tcp-flags FIN,PSH,URG FIN,PSH,URG -j DROP') +
        line('again', 'INPUT -m conntrack --ctstate ESTABLISHED -j DROP'),
    );
    expect(uses).toEqual({
      replies: 'used',
      invalid: 'used',
      fragments: 'used',
      xmas: 'used',
      again: 'shadowed',
    });
  });

  it('lets an unmodelled match shadow nothing, as it may answer no', async () => {
    const uses = await usesOf(
      line('perhaps', 'INPUT -m recent --rcheck --seconds 60 --name a --rsource -j DROP') +
        line('after', 'INPUT -p tcp -m tcp --dport 22 -j ACCEPT') +
        line('sure', 'INPUT -j DROP') +
        line('end', 'INPUT -p tcp -m tcp --dport 23 -j ACCEPT'),
    );
    expect(uses).toEqual({ perhaps: 'used', after: 'used', sure: 'used', end: 'shadowed' });
  });

  it('sees through translation: a forward rule about the translated address is in use', async () => {
    const report = await reportOf(
      `*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A PREROUTING -i eth0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.2:8080\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -d 172.17.0.2/32 -p tcp -m tcp --dport 8080 -m conntrack --ctstate DNAT -j ACCEPT\nCOMMIT\n`,
    );
    const inventory = (report.hosts[0] as HostReport).inventory as readonly RuleUse[];
    expect(inventory.map(({ status, openings }) => [status, openings])).toEqual([
      ['used', 0],
      ['used', 1],
    ]);
    expect(inventory[1]?.opens?.[0]?.box.destinationPorts).toEqual(['80']);
  });

  it('knows when it could not follow every call', () => {
    const rules = ruleset([
      chain('INPUT', [rule([], jump('low')), rule([], jump('low')), rule([], DROP)], { hook: 'input' }),
      chain('low', [rule([], RETURN)]),
    ]);
    const walked = (steps: number): UseWalk => {
      const analysis = new Analysis(new PacketSpace(), rules, { family: 4, hook: 'input' });
      const walk = new UseWalk(analysis, steps);
      for (const { stage, entered } of analysis.pass(analysis.entry()).stages) walk.stage(stage, entered);
      return walk;
    };
    expect([walked(6).exhausted, walked(6).used.size]).toEqual([false, 4]);
    expect([walked(3).exhausted, walked(3).used.size]).toEqual([true, 3]);
  });
});

describe('a detailed report', () => {
  it('satisfies the schema, and says without detail what it says anyway', async () => {
    const report = await detailed('x-road');
    const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
      JSON.parse(readFileSync('schemas/report.schema.json', 'utf8')),
    );
    const whole = JSON.parse(renderJson(report, { detail: true }));
    validate(whole);
    expect(validate.errors).toBeNull();
    expect(whole.hosts[0].inventory).toEqual(report.hosts[0]?.inventory);
    expect(whole.hosts[0].connections).toEqual(report.hosts[0]?.connections);
    expect(whole.excerpts).toEqual(report.excerpts);
    expect(renderJson(report)).toBe(renderJson(await detailed('x-road', false)));
  });

  it('has for each satisfied row with a config line the line that lets it through', async () => {
    const [host] = (await detailed('x-road')).hosts as [HostReport];
    const lines = (id: string): unknown[] =>
      (host.connections.find((connection) => connection.id === id)?.openedBy ?? []).map(({ line, note }) => [
        line,
        note,
      ]);
    expect(lines('central-server')).toEqual([[28, 'opens']]);
    expect(lines('ocsp-service')).toEqual([[30, 'opens']]);
    expect(lines('timestamping-service')).toEqual([]);
    expect(lines('loopback-postgresql')).toEqual([
      [16, 'opens'],
      [8, 'opens'],
      [7, 'opens'],
      [6, 'opens'],
    ]);
  });

  it('says of a row that nobody answers where it does', async () => {
    const [host] = (await detailed('x-road')).hosts as [HostReport];
    const readings = (host.connections ?? []).filter(({ id }) => id.startsWith('dhcp-client.'));
    expect(readings.map(({ id, reading }) => [id, reading?.reply])).toEqual([
      ['dhcp-client.discover', undefined],
      ['dhcp-client.renew', undefined],
      ['dhcp-client.offer', 'none'],
      ['dhcp-client.offer-from-any-port', 'none'],
    ]);
  });

  it('names the roles at the ends of a finding, and that others are among them', async () => {
    const [host] = (await detailed('x-road')).hosts as [HostReport];
    const ends = (name: string): unknown => (host.findings.find((f) => f.rule === name) as Finding).ends;
    expect(ends('masked')).toEqual({
      from: { roles: ['admin'], others: false },
      to: { roles: ['security-server'], others: false },
    });
    expect(ends('loopback-service-exposed')).toMatchObject({
      from: { others: true },
      to: { roles: ['security-server'] },
    });
  });

  it("follows a finding's witness from rule to rule", async () => {
    const [host] = (await detailed('x-road')).hosts as [HostReport];
    const finding = host.findings.find((f) => f.rule === 'loopback-service-exposed') as Finding;
    expect(finding.path?.map(({ line }) => line)).toEqual([14, 27]);
  });

  it('quotes the lines around the evidence, and no others', async () => {
    const { excerpts } = await detailed('x-road');
    const lines = excerpts?.find(({ file }) => file.endsWith('rules.v4'))?.lines.map(({ line }) => line);
    expect(lines).toEqual([9, 10, 11, 12, 13, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
  });
});
