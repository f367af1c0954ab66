import { type RulesEntry, protocol, type Sketch, tcp, udp } from './types.ts';

function setEntry(
  type: string,
  ipset: readonly string[],
  match: string,
  passes: readonly Sketch[],
  stops: readonly Sketch[],
  more: Partial<RulesEntry> = {},
): RulesEntry {
  return {
    construct: `-m set, ${type}`,
    family: 4,
    hook: 'input',
    ipset: `${ipset.join('\n')}\n`,
    rules: `*filter\n:INPUT DROP [0:0]\n-A INPUT -m set ${match} -j ACCEPT\nCOMMIT\n`,
    passes,
    stops,
    ...more,
  };
}

/** Sets of every type that this kernel has, and the directions they are read in. */
export const SET_MATCHES: readonly RulesEntry[] = [
  setEntry(
    'hash:ip',
    ['create s hash:ip family inet', 'add s 192.0.2.1', 'add s 192.0.2.8-192.0.2.10'],
    '--match-set s src',
    [{ src: '192.0.2.1' }, { src: '192.0.2.8' }, { src: '192.0.2.10' }],
    [{ src: '192.0.2.7' }, { src: '192.0.2.11' }, { dst: '192.0.2.1' }],
  ),
  setEntry(
    'hash:ip with netmask',
    ['create s hash:ip family inet netmask 24', 'add s 192.0.2.77'],
    '--match-set s src',
    [{ src: '192.0.2.1' }, { src: '192.0.2.255' }],
    [{ src: '192.0.3.77' }],
  ),
  setEntry(
    'hash:net',
    ['create s hash:net family inet', 'add s 10.0.0.0/8', 'add s 10.1.0.0/16 nomatch', 'add s 10.1.2.0/24'],
    '--match-set s src',
    [{ src: '10.9.0.1' }, { src: '10.1.2.9' }],
    [{ src: '10.1.3.1' }, { src: '11.0.0.1' }],
    { note: 'the most specific network decides; `nomatch` is an exception to a wider one' },
  ),
  setEntry(
    'hash:net, --return-nomatch',
    ['create s hash:net family inet', 'add s 10.0.0.0/8', 'add s 10.1.0.0/16 nomatch'],
    '--match-set s src --return-nomatch',
    [{ src: '10.1.3.1' }],
    [{ src: '11.0.0.1' }, { src: '10.9.0.1' }],
  ),
  setEntry(
    'hash:net in IPv6',
    ['create s hash:net family inet6', 'add s 2001:db8:5::/48', 'add s 2001:db8:5:1::/64 nomatch'],
    '! --match-set s dst',
    [{ dst: '2001:db8:5:1::5' }, { dst: '2001:db8:6::' }],
    [{ dst: '2001:db8:5:2::5' }],
    { family: 6 },
  ),
  setEntry(
    'hash:ip,port',
    [
      'create s hash:ip,port family inet',
      'add s 192.0.2.1,tcp:80-82',
      'add s 192.0.2.1,udp:53',
      'add s 192.0.2.1,icmp:8/0',
    ],
    '--match-set s src,dst',
    [
      tcp(80, { src: '192.0.2.1' }),
      tcp(82, { src: '192.0.2.1' }),
      udp(53, { src: '192.0.2.1' }),
      { protocol: 1, icmpType: 8, src: '192.0.2.1' },
    ],
    [tcp(83, { src: '192.0.2.1' }), udp(80, { src: '192.0.2.1' }), tcp(80, { src: '192.0.2.2' })],
    { note: 'the port is read with its protocol; an ICMP type and code stand for one' },
  ),
  setEntry(
    'hash:net,port, negated',
    ['create s hash:net,port family inet', 'add s 10.0.0.0/8,tcp:22'],
    '! --match-set s src,src',
    [tcp(22, { src: '10.1.1.1' }), tcp(1, { src: '11.0.0.1', sport: 22 })],
    [tcp(1, { src: '10.1.1.1', sport: 22 })],
  ),
  setEntry(
    'hash:ip,port,ip',
    ['create s hash:ip,port,ip family inet', 'add s 192.0.2.1,sctp:7,10.1.2.10'],
    '--match-set s src,dst,dst',
    [protocol(132, { dport: 7, src: '192.0.2.1' })],
    [protocol(132, { dport: 7, src: '192.0.2.1', dst: '10.1.2.11' }), tcp(7, { src: '192.0.2.1' })],
  ),
  setEntry(
    'hash:ip,port,net',
    [
      'create s hash:ip,port,net family inet',
      'add s 192.0.2.1,tcp:80,10.0.0.0/8',
      'add s 192.0.2.1,tcp:80,10.1.0.0/16 nomatch',
    ],
    '--match-set s src,dst,dst',
    [tcp(80, { src: '192.0.2.1', dst: '10.2.0.1' })],
    [tcp(80, { src: '192.0.2.1', dst: '10.1.0.1' }), tcp(80, { src: '192.0.2.1', dst: '11.0.0.1' })],
  ),
  setEntry(
    'hash:net,iface',
    ['create s hash:net,iface family inet', 'add s 0.0.0.0/1,eth0', 'add s 10.0.0.0/8,eth1'],
    '--match-set s src,src',
    [
      { src: '10.0.0.1', in: 'eth1' },
      { src: '9.0.0.1', in: 'eth0' },
    ],
    [
      { src: '11.0.0.1', in: 'eth1' },
      { src: '10.0.0.1', in: 'eth0' },
    ],
    { note: 'the most specific network that has the address ends the search, whatever its interface' },
  ),
  setEntry(
    'bitmap:ip',
    ['create s bitmap:ip range 192.0.2.0/24', 'add s 192.0.2.5', 'add s 192.0.2.16/30'],
    '--match-set s src',
    [{ src: '192.0.2.5' }, { src: '192.0.2.19' }],
    [{ src: '192.0.2.20' }, { src: '192.0.3.5' }],
  ),
  setEntry(
    'bitmap:port',
    ['create s bitmap:port range 0-1023', 'add s 22', 'add s 80-90'],
    '--match-set s dst',
    [tcp(22), udp(80), tcp(90)],
    [tcp(23), tcp(1024), protocol(132, { dport: 90 }), protocol(47)],
    { note: 'of TCP and UDP' },
  ),
  setEntry(
    'list:set',
    [
      'create a hash:ip family inet',
      'create b hash:net family inet',
      'create s list:set',
      'add a 192.0.2.1',
      'add b 10.0.0.0/8',
      'add s a',
      'add s b',
    ],
    '--match-set s src',
    [{ src: '192.0.2.1' }, { src: '10.2.3.4' }],
    [{ src: '192.0.2.2' }],
  ),
];
