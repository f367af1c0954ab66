import { describe, expect, it } from 'vitest';
import { check, type Finding, type InputFile } from '../../src/api.ts';
import { whole } from './cases.ts';

/**
 * A host that lets through just what host-essentials asks for, one rule for each place at which packets of a row go. Without any one
 * of the rules just its row is missing: nothing that RFC 4861, 2710, 3810, 2131 and 8415 send to a group goes unseen.
 */
const SITE = `version: 1
roles:
  admin: ["2001:db8:1::/64", 10.1.1.0/24]
  dns-server: ["2001:db8::53"]
  ntp-server: ["2001:db8::123"]
  dhcp-server: [10.1.2.1]
features: { slaac: true, dhcp-client: true, dhcpv6-client: true }
hosts:
  - { name: one, role: host, addresses: ["2001:db8::10", 10.1.2.10], configs: [rules.v4, rules.v6], baselines: [host-essentials] }
`;
const ICMP6 = '-p ipv6-icmp -m icmp6 --icmpv6-type';
const LINK = '-s fe80::/10';
/** One neighbour is enough where nobody says who they are. */
const NEAR = '-s 2001:db8::7';

/** The rule and the row that needs it. */
type Line = readonly [row: string, rule: string];

const V6: readonly Line[] = [
  ['', '-A INPUT -i lo -j ACCEPT'],
  ['', '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'],
  ['icmpv6-echo-request', `-A INPUT ${ICMP6} 128 -j ACCEPT`],
  ['neighbour-discovery.from-link', `-A INPUT ${LINK} -d 2001:db8::10 ${ICMP6} 135 -j ACCEPT`],
  ['neighbour-discovery.from-link', `-A INPUT ${LINK} -d ff02::1:ff00:10 ${ICMP6} 135 -j ACCEPT`],
  ['neighbour-discovery.answers-from-link', `-A INPUT ${LINK} -d 2001:db8::10 ${ICMP6} 136 -j ACCEPT`],
  ['neighbour-discovery.answers-from-link', `-A INPUT ${LINK} -d ff02::1 ${ICMP6} 136 -j ACCEPT`],
  ['neighbour-discovery.from-neighbours', `-A INPUT ${NEAR} -d 2001:db8::10 ${ICMP6} 135 -j ACCEPT`],
  ['neighbour-discovery.from-neighbours', `-A INPUT ${NEAR} -d ff02::1:ff00:10 ${ICMP6} 135 -j ACCEPT`],
  ['neighbour-discovery.answers-from-neighbours', `-A INPUT ${NEAR} -d 2001:db8::10 ${ICMP6} 136 -j ACCEPT`],
  ['router-advertisement', `-A INPUT ${LINK} -d 2001:db8::10 ${ICMP6} 134 -j ACCEPT`],
  ['router-advertisement', `-A INPUT ${LINK} -d ff02::1 ${ICMP6} 134 -j ACCEPT`],
  ['multicast-listener-query', `-A INPUT ${LINK} -d 2001:db8::10 ${ICMP6} 130 -j ACCEPT`],
  ['multicast-listener-query', `-A INPUT ${LINK} -d ff02::1 ${ICMP6} 130 -j ACCEPT`],
  ['multicast-listener-query', `-A INPUT ${LINK} -d ff02::1:ff00:10 ${ICMP6} 130 -j ACCEPT`],
  ['dhcpv6-client.advertise', `-A INPUT ${LINK} -p udp -m udp --sport 547 --dport 546 -j ACCEPT`],
  ['ssh', '-A INPUT -s 2001:db8:1::/64 -p tcp -m tcp --dport 22 -j ACCEPT'],
  ['', '-A OUTPUT -o lo -j ACCEPT'],
  ['', '-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'],
  ['neighbour-discovery.to-link', `-A OUTPUT -d fe80::/10 ${ICMP6} 135 -j ACCEPT`],
  ['neighbour-discovery.to-link', `-A OUTPUT -d ff02::1:ff00:0/104 ${ICMP6} 135 -j ACCEPT`],
  ['neighbour-discovery.answers-to-link', `-A OUTPUT -d fe80::/10 ${ICMP6} 136 -j ACCEPT`],
  ['neighbour-discovery.answers-to-link', `-A OUTPUT -d ff02::1 ${ICMP6} 136 -j ACCEPT`],
  ['neighbour-discovery.to-neighbours', `-A OUTPUT -d 2001:db8::7 ${ICMP6} 135 -j ACCEPT`],
  ['neighbour-discovery.answers-to-neighbours', `-A OUTPUT -d 2001:db8::7 ${ICMP6} 136 -j ACCEPT`],
  ['router-solicitation.out', `-A OUTPUT ${LINK} -d ff02::2 ${ICMP6} 133 -j ACCEPT`],
  ['multicast-listener-report.out', `-A OUTPUT ${LINK} -d ff02::16 ${ICMP6} 143 -j ACCEPT`],
  ['multicast-listener-report.version-1-out', `-A OUTPUT -d ff02::1:ff00:0/104 ${ICMP6} 131 -j ACCEPT`],
  ['multicast-listener-report.done-out', `-A OUTPUT -s :: -d ff02::2 ${ICMP6} 132 -j ACCEPT`],
  ['dhcpv6-client.solicit', `-A OUTPUT -d ff02::1:2 -p udp -m udp --sport 546 --dport 547 -j ACCEPT`],
  ['dns', '-A OUTPUT -d 2001:db8::53 -p udp -m udp --dport 53 -j ACCEPT'],
  ['dns', '-A OUTPUT -d 2001:db8::53 -p tcp -m tcp --dport 53 -j ACCEPT'],
  ['ntp', '-A OUTPUT -d 2001:db8::123 -p udp -m udp --dport 123 -j ACCEPT'],
];
const V4: readonly Line[] = [
  ['', '-A INPUT -i lo -j ACCEPT'],
  ['', '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'],
  ['icmp-echo-request', '-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT'],
  ['dhcp-client.offer', '-A INPUT -s 10.1.2.1 -d 10.1.2.10 -p udp -m udp --sport 67 --dport 68 -j ACCEPT'],
  [
    'dhcp-client.offer',
    '-A INPUT -s 10.1.2.1 -d 255.255.255.255 -p udp -m udp --sport 67 --dport 68 -j ACCEPT',
  ],
  ['ssh', '-A INPUT -s 10.1.1.0/24 -p tcp -m tcp --dport 22 -j ACCEPT'],
  ['', '-A OUTPUT -o lo -j ACCEPT'],
  ['', '-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'],
  [
    'dhcp-client.discover',
    '-A OUTPUT -s 0.0.0.0 -d 255.255.255.255 -p udp -m udp --sport 68 --dport 67 -j ACCEPT',
  ],
  ['dhcp-client.renew', '-A OUTPUT -d 10.1.2.1 -p udp -m udp --sport 68 --dport 67 -j ACCEPT'],
];

const file = (path: string, text: string): InputFile => ({ path, bytes: Buffer.from(text) });
const dump = (lines: readonly Line[]): string =>
  [
    '*filter',
    ':INPUT DROP [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT DROP [0:0]',
    ...lines.map(([, rule]) => rule),
    'COMMIT',
    '',
  ].join('\n');

async function findingsOf(v4: readonly Line[], v6: readonly Line[]): Promise<readonly Finding[]> {
  const files = [file('rules.v4', dump(v4)), file('rules.v6', dump(v6))];
  const report = whole(await check({ deployment: file('site.yaml', SITE), files }));
  return report.hosts.flatMap(({ findings }) => findings);
}

const namesOf = (findings: readonly Finding[]): string[] =>
  [...new Set(findings.map(({ connection }) => connection ?? '-'))].sort();
const without = (lines: readonly Line[], at: number): Line[] => lines.filter((_, i) => i !== at);
/** Rules before all others. */
const ahead = (rule: string, lines: readonly Line[]): Line[] => [['', rule], ...lines];

describe('host-essentials, place by place', () => {
  it('has nothing to find where each place has its rule', async () => {
    expect((await findingsOf(V4, V6)).map(({ message }) => message)).toEqual([]);
  });

  it('misses the row of each rule that is taken away, and no other', async () => {
    for (const [i, [row, rule]] of V6.entries())
      if (row !== '') expect(namesOf(await findingsOf(V4, without(V6, i))), rule).toEqual([row]);
    for (const [i, [row, rule]] of V4.entries())
      if (row !== '') expect(namesOf(await findingsOf(without(V4, i), V6)), rule).toEqual([row]);
  });

  it('sees what goes to groups dropped by address, by its type and by the packet’s type', async () => {
    const inbound = V6.filter(([, rule]) => /-A INPUT .*-d ff02::/.test(rule)).map(([row]) => row);
    const outbound = V6.filter(([, rule]) => /-A OUTPUT .*-d ff02::/.test(rule)).map(([row]) => row);
    const sorted = (rows: readonly string[]): string[] => [...new Set(rows)].sort();
    const found = async (rule: string): Promise<string[]> => namesOf(await findingsOf(V4, ahead(rule, V6)));
    for (const match of [
      '-d ff00::/8',
      '-m addrtype --dst-type MULTICAST',
      '-m pkttype --pkt-type multicast',
      '-m pkttype ! --pkt-type unicast',
    ])
      expect(await found(`-A INPUT ${match} -j DROP`), match).toEqual(sorted(inbound));
    for (const match of ['-d ff00::/8', '-m addrtype --dst-type MULTICAST'])
      expect(await found(`-A OUTPUT ${match} -j DROP`), match).toEqual(sorted(outbound));
    // What a host sends has no packet type yet.
    expect(await found('-A OUTPUT -m pkttype --pkt-type multicast -j DROP')).toEqual([]);
    expect(await found('-A INPUT -m pkttype --pkt-type broadcast -j DROP')).toEqual([]);
  });

  it('sees offers to everybody dropped, and nothing else', async () => {
    for (const match of [
      '-d 255.255.255.255',
      '-m addrtype --dst-type BROADCAST',
      '-m pkttype --pkt-type broadcast',
    ]) {
      const found = await findingsOf(ahead(`-A INPUT ${match} -j DROP`, V4), V6);
      expect(namesOf(found), match).toEqual(['dhcp-client.offer']);
    }
    const others = await findingsOf(ahead('-A INPUT -d 224.0.0.0/4 -j DROP', V4), V6);
    expect(namesOf(others)).toEqual([]);
  });

  // RFC 1191, 3; RFC 1122, 3.2.2; RFC 4443, 3; RFC 4890, 4.4.1.
  it.each([
    ['icmp-destination-unreachable', 'icmp', ['3/4'], ['3/3', '3/13']],
    ['icmp-time-exceeded', 'icmp', ['11/0'], ['11/1']],
    ['icmp-parameter-problem', 'icmp', ['12/0'], ['12/1']],
    ['icmp-echo-request', 'icmp', ['8/0'], ['8/1']],
    ['icmpv6-destination-unreachable', 'icmpv6', ['1/0', '1/3', '1/4', '1/6'], []],
    ['icmpv6-packet-too-big', 'icmpv6', ['2/0'], ['2/1']],
    ['icmpv6-time-exceeded', 'icmpv6', ['3/0'], ['3/1']],
    ['icmpv6-parameter-problem', 'icmpv6', ['4/1', '4/2'], ['4/0']],
    ['icmpv6-echo-request', 'icmpv6', ['128/0'], ['128/1']],
  ])(
    '%s: sees a code dropped that is needed, and lets the others be',
    async (row, protocol, needed, others) => {
      const found = async (code: string): Promise<string[]> =>
        protocol === 'icmp'
          ? namesOf(await findingsOf(ahead(`-A INPUT -p icmp -m icmp --icmp-type ${code} -j DROP`, V4), V6))
          : namesOf(await findingsOf(V4, ahead(`-A INPUT ${ICMP6} ${code} -j DROP`, V6)));
      for (const code of needed) expect(await found(code), code).toEqual([row]);
      for (const code of others) expect(await found(code), code).toEqual([]);
    },
  );
});
