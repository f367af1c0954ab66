import { describe, expect, it } from 'vitest';
import { outcomes } from '../../src/interpreter/index.ts';
import { tcp, packetOf } from '../kernel/catalogue/types.ts';
import { readHost } from '../kernel/compare/read.ts';
import { SymbolicJudge } from '../kernel/compare/symbolic.ts';

const IP = `table inet host {
	chain input {
		type filter hook input priority filter; policy drop;
		iifname "br0" tcp dport { 22, 80 } accept
		tcp dport { 22, 80 } accept
	}
	chain forward {
		type filter hook forward priority filter; policy accept;
	}
}
`;

const bridge = (hook: string): string =>
  `table bridge b {
	chain c {
		type filter hook ${hook} priority filter; policy accept;
		iifname "vnet0" tcp dport 22 drop
	}
}
${IP}`;

/** What both engines say of TCP to a port that comes in by a device. */
function verdicts(rules: string, device: string, port: number, addresses?: object, out?: string): string {
  const ruleset = readHost({ nft: rules, ...(addresses && { addresses: JSON.stringify(addresses) }) });
  if (typeof ruleset === 'string') throw new Error(ruleset);
  const sent = packetOf(tcp(port), 4, out === undefined ? 'input' : 'forward');
  const packet = { ...sent, in: device, ...(out !== undefined && { out }) };
  const said = outcomes(ruleset, packet).verdicts;
  const sets = new SymbolicJudge(ruleset).ask(packet);
  expect(sets).toEqual({ accept: said.includes('accept'), deny: said.includes('drop') });
  return [...said].sort().join(' ');
}

const links = (masters: Readonly<Record<string, string>>): object =>
  ['lo', 'eth0', 'br0', 'vnet0'].map((ifname) => ({
    ifname,
    flags: ifname === 'lo' ? ['LOOPBACK'] : ['UP'],
    ...(masters[ifname] !== undefined && { master: masters[ifname] }),
    addr_info: ifname === 'lo' ? [{ family: 'inet', local: '127.0.0.1', prefixlen: 8 }] : [],
  }));

describe('rules for bridged packets', () => {
  it('stop nothing where they ask for ARP: no packet of IP is in such a frame', () => {
    const rules = bridge('input').replace('iifname "vnet0" tcp dport 22', 'ether type arp');
    expect(verdicts(rules, 'br0', 22)).toBe('accept');
    expect(verdicts(rules.replace('ether type arp', 'ether type vlan'), 'br0', 22)).toBe('accept drop');
  });

  it('may stop what comes by a port that they name, or by a device that is called like a bridge, and only what they stop', () => {
    const rules = bridge('input');
    expect(['vnet0', 'br0', 'eth0'].map((device) => verdicts(rules, device, 22))).toEqual([
      'accept drop',
      'accept drop',
      'accept',
    ]);
    expect(['vnet0', 'br0', 'eth0'].map((device) => verdicts(rules, device, 80))).toEqual([
      'accept',
      'accept',
      'accept',
    ]);
  });

  it('of packets from port to port do not see what comes to the host by the bridge', () => {
    expect(verdicts(bridge('forward'), 'br0', 22)).toBe('accept');
    expect(verdicts(bridge('forward'), 'vnet0', 22)).toBe('accept drop');
  });

  it('of packets from port to port see what goes from the bridge to itself, and not what is routed', () => {
    const rules = bridge('forward').replace('iifname "vnet0"', 'ibrname "br0"');
    expect(verdicts(rules, 'br0', 22, undefined, 'br0')).toBe('accept drop');
    expect(verdicts(rules, 'br0', 22, undefined, 'eth0')).toBe('accept');
  });

  it('are about the bridges that the host has', () => {
    const rules = bridge('prerouting');
    const is = (masters: Readonly<Record<string, string>>, device: string): string =>
      verdicts(rules, device, 22, links(masters));
    expect(is({ vnet0: 'eth0' }, 'eth0')).toBe('accept drop');
    expect(is({ vnet0: 'eth0' }, 'br0')).toBe('accept');
    expect(is({}, 'br0')).toBe('accept');
    expect(is({}, 'vnet0')).toBe('accept');
  });
});
