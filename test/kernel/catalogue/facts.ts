import type { RulesEntry, Sketch } from './types.ts';
import { icmp, icmp6, tcp, udp } from './types.ts';

const UNTRACKED: readonly number[] = [130, 131, 132, 133, 134, 135, 136, 143, 151, 152];

/** Messages that belong to no connection, of these types. */
const messages = (protocol: 1 | 58, types: readonly number[]): Sketch[] =>
  types.map((icmpType) => ({ protocol, icmpType, state: 'new' }));
const others = (types: readonly number[]): number[] =>
  Array.from({ length: 256 }, (_, type) => type).filter((type) => !types.includes(type));

/** What is easily got wrong about a packet's way, as rule sets that the kernel and postern decide alike. */
export const FACTS: readonly RulesEntry[] = [
  {
    construct: 'in the raw table a new packet has no state yet: it matches INVALID',
    family: 4,
    hook: 'input',
    rules:
      '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m conntrack --ctstate INVALID -j ACCEPT\n-A PREROUTING -j DROP\nCOMMIT\n',
    passes: [tcp(80), tcp(80, { state: 'established' }), tcp(80, { state: 'invalid' })],
    stops: [udp(80)],
  },
  {
    construct: 'a state rule in the raw table never sees NEW',
    family: 4,
    hook: 'output',
    rules: '*raw\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -m state --state NEW -j DROP\nCOMMIT\n',
    passes: [tcp(80), udp(80)],
    stops: [],
  },
  {
    construct: 'neighbour discovery is untracked',
    family: 6,
    hook: 'input',
    rules: '*filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT\nCOMMIT\n',
    passes: [icmp6(135), icmp6(136), icmp6(133), icmp6(143)],
    stops: [icmp6(128), icmp6(137), icmp6(1)],
  },
  {
    construct: 'an ICMP error about nothing that is known is invalid, and so is a reply',
    family: 4,
    hook: 'input',
    rules: '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n',
    passes: [icmp(8)],
    stops: [icmp(3), icmp(11), icmp(0)],
  },
  {
    construct: 'only first packets pass the nat table',
    family: 4,
    hook: 'input',
    rules:
      '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j MARK --set-mark 0x1\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n-A INPUT -m mark --mark 0x1 -j ACCEPT\nCOMMIT\n',
    passes: [tcp(80)],
    stops: [
      tcp(80, { state: 'established' }),
      tcp(80, { state: 'invalid' }),
      tcp(80, { state: 'untracked' }),
    ],
  },
  {
    construct: 'a condition on a port, negated or not, is false where there is no port',
    family: 4,
    hook: 'input',
    rules:
      '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp ! --dport 22 -j DROP\n-A INPUT -p udp -m multiport ! --dports 53 -j DROP\nCOMMIT\n',
    passes: [tcp(22), udp(53), icmp(8), { protocol: 47 }],
    stops: [tcp(23), udp(54)],
  },
  {
    construct: 'the destination is LOCAL for what goes to the host, and not for what goes through it',
    family: 4,
    hook: 'forward',
    facts: true,
    rules: '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m addrtype --dst-type LOCAL -j DROP\nCOMMIT\n',
    passes: [tcp(80)],
    stops: [],
  },
  {
    construct: 'with the host’s addresses, --dst-type LOCAL is decided in prerouting too',
    family: 4,
    hook: 'input',
    facts: true,
    rules: '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m addrtype ! --dst-type LOCAL -j DROP\nCOMMIT\n',
    passes: [tcp(80), tcp(80, { dst: '198.18.0.1', in: 'eth1' })],
    stops: [],
  },
  {
    construct: 'what comes from outside and is translated to ::1 goes nowhere',
    family: 6,
    hook: 'input',
    facts: true,
    rules:
      '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination [::1]:80\nCOMMIT\n',
    passes: [tcp(80)],
    stops: [tcp(8080)],
  },
  {
    construct: 'what has no hops to go is not forwarded, and no rule of FORWARD sees it',
    family: 4,
    hook: 'forward',
    rules: '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m ttl --ttl-eq 0 -j ACCEPT\nCOMMIT\n',
    passes: [tcp(80), tcp(80, { ttl: 2 })],
    stops: [tcp(80, { ttl: 1 }), tcp(80, { ttl: 0 })],
  },
  {
    construct: 'the same of hop limits',
    family: 6,
    hook: 'forward',
    rules: '*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n',
    passes: [tcp(80, { ttl: 2 })],
    stops: [tcp(80, { ttl: 1 })],
  },
  {
    construct: 'a TTL that a rule of PREROUTING gave counts too',
    family: 4,
    hook: 'forward',
    rules: [
      '*mangle\n:PREROUTING ACCEPT [0:0]',
      '-A PREROUTING -p tcp -m tcp --dport 1 -j TTL --ttl-set 1',
      '-A PREROUTING -p tcp -m tcp --dport 2 -j TTL --ttl-dec 3',
      '-A PREROUTING -p tcp -m tcp --dport 3 -j TTL --ttl-inc 1',
      'COMMIT\n',
    ].join('\n'),
    passes: [tcp(2, { ttl: 5 }), tcp(3, { ttl: 1 }), tcp(3, { ttl: 255 }), tcp(4)],
    stops: [tcp(1), tcp(2, { ttl: 4 }), tcp(2, { ttl: 2 }), tcp(3, { ttl: 0 })],
  },
  {
    construct: 'what comes as a broadcast or multicast of the link is not forwarded',
    family: 4,
    hook: 'forward',
    rules: '*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n',
    passes: [tcp(80)],
    stops: [tcp(80, { pkttype: 'broadcast' }), tcp(80, { pkttype: 'multicast' })],
  },
  {
    construct: 'what is translated to 0.0.0.0 goes nowhere, to everybody on the link to the host',
    family: 4,
    hook: 'forward',
    facts: true,
    rules: [
      '*nat\n:PREROUTING ACCEPT [0:0]',
      '-A PREROUTING -p tcp -m tcp --dport 1 -j DNAT --to-destination 0.0.0.0',
      '-A PREROUTING -p tcp -m tcp --dport 2 -j DNAT --to-destination 255.255.255.255',
      '-A PREROUTING -p tcp -m tcp --dport 3 -j DNAT --to-destination 224.0.0.1',
      '-A PREROUTING -p tcp -m tcp --dport 4 -j DNAT --to-destination 240.0.0.1',
      'COMMIT\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n-A FORWARD -d 240.0.0.1/32 -j ACCEPT\nCOMMIT\n',
    ].join('\n'),
    passes: [tcp(2), tcp(3), tcp(4)],
    stops: [tcp(1), tcp(5)],
  },
  {
    construct: 'of all ICMP types only requests are NEW',
    family: 4,
    hook: 'input',
    rules: '*filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate NEW -j ACCEPT\nCOMMIT\n',
    passes: messages(1, [8, 13, 15, 17]),
    stops: messages(1, others([8, 13, 15, 17])),
  },
  {
    construct: 'of all ICMPv6 types only requests are NEW',
    family: 6,
    hook: 'input',
    rules: '*filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate NEW -j ACCEPT\nCOMMIT\n',
    passes: messages(58, [128, 139]),
    stops: messages(58, others([128, 139])),
  },
  {
    construct: 'listener, neighbour and multicast router discovery are UNTRACKED',
    family: 6,
    hook: 'input',
    rules: '*filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT\nCOMMIT\n',
    passes: messages(58, UNTRACKED),
    stops: messages(58, others(UNTRACKED)),
  },
];
