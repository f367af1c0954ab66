import { describe, expect, it } from 'vitest';
import { outcomes } from '../../src/interpreter/index.ts';
import type { Packet } from '../../src/packet/packet.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { readHost } from '../kernel/compare/read.ts';
import { SymbolicJudge } from '../kernel/compare/symbolic.ts';

type Table = readonly [family: 'inet' | 'ip', chain: string, ...rules: string[]];

const FILTER = 'type filter hook prerouting priority dstnat';
const NAT = 'type nat hook prerouting priority dstnat';

/** As nft lists them, or, behind a comment, a script that says in which order they are registered. */
function host(tables: readonly (readonly [number, Table])[], remark = ''): Ruleset {
  const text = tables.map(
    ([name, [family, chain, ...rules]]) =>
      `table ${family} t${name} {\n\tchain c {\n\t\t${chain}; policy accept;\n${rules.map((rule) => `\t\t${rule}\n`).join('')}\t}\n}\n`,
  );
  const read = readHost({ nft: `${remark}${text.join('')}` });
  if (typeof read === 'string') throw new Error(read);
  return read;
}

const PACKET = {
  ...({ family: 4, hook: 'forward', in: 'eth0', out: 'eth1', src: 0x0a000001n, dst: 0x0a000002n } as const),
  ...({ protocol: 6, sport: 40000, icmpType: 0, icmpCode: 0, tcpFlags: 2, state: 'new', mark: 0 } as const),
  ...({ ctmark: 0, mac: 0, length: 60, ttl: 64, tos: 0, pkttype: 'unicast', fragment: 'none' } as const),
  ...({ extensionHeaders: 0, groups: [], peerGroups: [] } as const),
};

const packet = (dport: number): Packet => ({ ...PACKET, dport });

function orders<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first) =>
    orders(list.filter((other) => other !== first)).map((rest) => [first, ...rest]),
  );
}

/** What may become of packets to some ports: by each engine of the listing, and in each order by itself. */
function compared(tables: readonly Table[]): { listed: string[]; sets: string[]; ordered: string[] }[] {
  const numbered = tables.map((table, at) => [at, table] as const);
  const listing = host(numbered);
  const sets = new SymbolicJudge(listing);
  const scripts = orders(numbered).map((order) => host(order, '# a script\n'));
  const passes = (ruleset: Ruleset, of: Packet) =>
    outcomes(ruleset, of).verdicts.map((verdict) => (verdict === 'accept' ? 'accept' : 'deny'));
  return [80, 81, 82, 83, 443].map((port) => {
    const found = sets.ask(packet(port));
    const each = scripts.flatMap((script) => passes(script, packet(port)));
    return {
      listed: [...new Set(passes(listing, packet(port)))].sort(),
      sets: Object.entries(found).flatMap(([verdict, can]) => (can ? [verdict] : [])),
      ordered: [...new Set(each)].sort(),
    };
  });
}

const CASES: Readonly<Record<string, readonly Table[]>> = {
  'a mark that one sets and the other asks': [
    ['inet', FILTER, 'meta mark 0x00000001 drop'],
    ['inet', FILTER, 'tcp dport 80 meta mark set 0x00000001'],
  ],
  'three chains with one mark': [
    ['inet', FILTER, 'meta mark 0x00000001 drop', 'tcp dport 81 meta mark set 0x00000002'],
    ['inet', FILTER, 'tcp dport 80-81 meta mark set 0x00000001'],
    ['ip', FILTER, 'meta mark 0x00000002 tcp dport 81 drop', 'tcp dport 443 meta mark set 0x00000001'],
  ],
  'a filter before or behind translation': [
    ['inet', FILTER, 'tcp dport { 80, 443 } drop'],
    ['ip', NAT, 'tcp dport 81 dnat to 10.0.0.3:80', 'tcp dport 80 dnat to 10.0.0.3:82'],
  ],
  'translations of one packet, and a filter behind or before them': [
    ['inet', FILTER, 'tcp dport 83 drop'],
    ['ip', NAT, 'tcp dport 80-81 dnat to 10.0.0.3:82'],
    ['ip', NAT, 'tcp dport 81-82 dnat to 10.0.0.3:83'],
  ],
  'untracked packets': [
    ['ip', 'type filter hook prerouting priority raw', 'tcp dport 80 notrack'],
    ['inet', 'type filter hook prerouting priority raw', 'ct state untracked drop'],
  ],
  'a nat chain that stops what the other translates': [
    ['ip', NAT, 'tcp dport 80 drop'],
    ['ip', NAT, 'tcp dport 80-81 dnat to 10.0.0.3:82'],
  ],
  'a nat chain that marks what the other translates': [
    ['ip', NAT, 'tcp dport 80 meta mark set 0x00000001'],
    ['ip', NAT, 'tcp dport 80-81 dnat to 10.0.0.3:82'],
    ['ip', 'type filter hook forward priority filter', 'meta mark 0x00000001 drop'],
  ],
  'chains that are called by several rules, and bits of a mark': [
    [
      'inet',
      FILTER,
      'meta mark & 0x00000004 == 0x00000004 drop',
      'tcp dport 82 meta mark set meta mark | 0x00000008',
    ],
    [
      'inet',
      FILTER,
      'tcp dport 80 meta mark set meta mark | 0x00000006',
      'tcp dport 81 meta mark set meta mark | 0x00000008',
    ],
  ],
};

describe('the order in which base chains of one priority were registered', () => {
  it.each(Object.entries(CASES))('is any where a listing has %s', (_, tables) => {
    const found = compared(tables);
    for (const { listed, sets, ordered } of found) {
      expect(listed).toEqual(ordered);
      expect(sets).toEqual(ordered);
    }
    expect(found.some(({ ordered }) => ordered.length === 2)).toBe(true);
    expect(found.some(({ ordered }) => ordered.length === 1)).toBe(true);
  });

  it('is told where it matters, and else nothing is written down', () => {
    const chains = (...tables: Table[]) => host(tables.map((table, at) => [at, table])).chains.length;
    expect(
      chains(['inet', FILTER, 'tcp dport 80 drop'], ['inet', FILTER, 'tcp dport 81 meta mark set 1']),
    ).toBe(2);
    expect(chains(['inet', FILTER, 'meta mark 1 drop'], ['inet', FILTER, 'meta mark set 1'])).toBe(3);
    const marked = (rule: string) => ['inet', FILTER, rule] as const;
    expect(
      chains(
        marked('tcp dport 80 meta mark set meta mark | 0x00000001'),
        marked('meta mark & 0x00000002 == 0x00000002 drop'),
        marked('udp dport 53 meta mark set meta mark | 0x00000001'),
        marked('meta l4proto gre meta mark 7 drop'),
      ),
    ).toBe(4);
    const raw = (rule: string) => ['inet', 'type filter hook prerouting priority raw', rule] as const;
    expect(chains(raw('udp dport 53 notrack'), raw('udp sport 53 notrack'))).toBe(2);
    const published = (port: number) => ['ip', NAT, `tcp dport ${port} dnat to 10.0.0.3:80`] as const;
    expect(chains(published(80), published(81))).toBe(2);
    expect(chains(published(80), published(80))).toBe(3);
    const masquerades = [
      'ip',
      'type nat hook postrouting priority srcnat',
      'ip saddr 10.0.0.1 masquerade',
    ] as const;
    expect(chains(masquerades, masquerades)).toBe(2);
  });
});
