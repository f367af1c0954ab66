import { describe, expect, it } from 'vitest';
import { outcomes } from '../../src/interpreter/index.ts';
import { readHost } from '../kernel/compare/read.ts';
import { tcp, packetOf } from '../kernel/catalogue/types.ts';
import { SymbolicJudge } from '../kernel/compare/symbolic.ts';

const FILTER = '*filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate DNAT -j ACCEPT\nCOMMIT\n';
const nat = (...rules: readonly string[]) => `*nat\n${rules.join('\n')}\nCOMMIT\n${FILTER}`;

/** What becomes of a packet to port 8080 from outside, in both engines. */
function fate(rules: string, family: 4 | 6 = 4): { verdicts: string; dependsOn: readonly string[] } {
  const ruleset = readHost(family === 4 ? { v4: rules } : { v6: rules });
  if (typeof ruleset === 'string') throw new Error(ruleset);
  const packet = packetOf(tcp(8080), family, 'input');
  const { verdicts, dependsOn } = outcomes(ruleset, packet);
  const sets = new SymbolicJudge(ruleset).ask(packet);
  expect(sets).toEqual({ accept: verdicts.includes('accept'), deny: verdicts.includes('drop') });
  return { verdicts: [...verdicts].sort().join(' '), dependsOn };
}

describe('translation to a loopback address', () => {
  it('depends in IPv4 on a setting that no config tells', () => {
    const rules = nat(
      '-A PREROUTING -p tcp --dport 8081 -j DNAT --to-destination 127.0.0.2',
      '-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 127.0.0.1:80',
    );
    expect(fate(rules)).toEqual({
      verdicts: 'accept drop',
      dependsOn: ['the setting route_localnet of the incoming interface is off'],
    });
  });

  it('leads nowhere in IPv6', () => {
    const rules = nat('-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination [::1]:80');
    expect(fate(rules, 6)).toEqual({ verdicts: 'drop', dependsOn: [] });
  });

  it.each([
    'DNAT --to-destination 128.0.0.1',
    'DNAT --to-destination 10.1.2.10:80',
    'REDIRECT --to-ports 80',
    'NETMAP --to 172.16.0.0/12',
  ])('is not what `-j %s` does', (target) => {
    expect(fate(nat(`-A PREROUTING -p tcp --dport 8080 -j ${target}`)).verdicts).toBe('accept');
  });

  it('to another loopback address or port counts as well, to none that is not', () => {
    const to = (address: string) =>
      fate(nat(`-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination ${address}`)).verdicts;
    expect(['127.255.255.255', '126.255.255.255-127.0.0.0', '128.0.0.0'].map(to)).toEqual([
      'accept drop',
      'accept drop',
      'accept',
    ]);
  });

  it('is told in the coverage of openings', async () => {
    const { openings } = await import('../../src/api.ts');
    const text = nat('-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 127.0.0.1');
    const result = await openings({ configs: [{ path: 'rules.v4', bytes: Buffer.from(text) }] });
    if (!result.ok) throw new Error('not read');
    const input = result.value.openings.filter(({ hook }) => hook === 'input');
    expect(input.map(({ certainty, box }) => [certainty, box.destinationPorts])).toEqual([
      ['possible', ['8080']],
    ]);
    const told = result.value.coverage.map(({ line, status, reason }) => [line, status, reason]);
    expect(told).toContainEqual([2, 'approximated', expect.stringContaining('route_localnet')]);
  });
});

describe('translation to no single machine', () => {
  const v4 = (address: string) =>
    fate(nat(`-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination ${address}`));
  const v6 = (address: string) =>
    fate(nat(`-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination [${address}]:80`), 6);

  it('leads nowhere where it is 0.0.0.0, the only address of its network', () => {
    expect(v4('0.0.0.0').verdicts).toBe('drop');
    expect(v4('0.0.0.1').verdicts).toBe('accept');
    expect(v6('::').verdicts).toBe('accept');
  });

  it('depends on who is in a group, but for the groups that every host is in', () => {
    const doubt = { verdicts: 'accept drop', dependsOn: ['the host has not joined the multicast group'] };
    expect(['224.0.0.5', '239.255.255.255', '224.0.0.0'].map(v4)).toEqual([doubt, doubt, doubt]);
    expect(['ff02::5', 'ff05::2', 'ff00::', 'ff02::'].map(v6)).toEqual([doubt, doubt, doubt, doubt]);
    expect(['224.0.0.1', '255.255.255.255', '240.0.0.1'].map((to) => v4(to).verdicts)).toEqual([
      'accept',
      'accept',
      'accept',
    ]);
    expect(['ff02::1', 'ff01::1'].map((to) => v6(to).verdicts)).toEqual(['accept', 'accept']);
  });
});
