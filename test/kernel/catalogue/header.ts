import { icmp, icmp6, match, type MatchEntry, on, protocol, tcp, udp } from './types.ts';

const MAC = 0x020000000001;

/** Matches on what every packet's headers have. */
export const HEADER_MATCHES: readonly MatchEntry[] = [
  match(
    '-s',
    [
      on('-s 198.51.100.7', [{ src: '198.51.100.7' }], [{ src: '198.51.100.6' }, { src: '198.51.100.8' }]),
      on(
        '-s 10.1.2.0/24',
        [{ src: '10.1.2.0' }, { src: '10.1.2.255' }],
        [{ src: '10.1.1.255' }, { src: '10.1.3.0' }],
      ),
      on('! -s 10.0.0.0/8', [{ src: '9.255.255.255' }, { src: '11.0.0.0' }], [{ src: '10.0.0.0' }]),
      on('-s 0.0.0.0/0', [{}], []),
      on(
        '-s 10.0.2.0/255.0.255.0',
        [{ src: '10.9.2.1' }, { src: '10.0.2.255' }],
        [{ src: '10.9.3.1' }, { src: '11.9.2.1' }],
      ),
    ],
    { family: 4, note: 'masks may have holes' },
  ),
  match(
    '-s',
    [
      on(
        '-s 2001:db8:5::/48',
        [{ src: '2001:db8:5::' }, { src: '2001:db8:5:ffff::1' }],
        [{ src: '2001:db8:6::' }],
      ),
      on('! -s 2001:db8::/32', [{ src: '2001:db9::1' }], [{ src: '2001:db8::1' }]),
      on('-s 2001:db8:5::1/128', [{ src: '2001:db8:5::1' }], [{ src: '2001:db8:5::2' }]),
    ],
    { family: 6 },
  ),
  match(
    '-d',
    [
      on('-d 10.1.2.10', [{ dst: '10.1.2.10' }], [{ dst: '10.1.2.11' }]),
      on('! -d 192.0.2.0/25', [{ dst: '192.0.2.128' }], [{ dst: '192.0.2.127' }]),
    ],
    { family: 4 },
  ),
  match('-d', [on('-d 2001:db8:1::/64', [{ dst: '2001:db8:1::ffff' }], [{ dst: '2001:db8:1:1::' }])], {
    family: 6,
  }),
  match('-i', [
    on('-i eth0', [{ in: 'eth0' }], [{ in: 'eth1' }, { in: 'eth10' }]),
    on('-i eth1+', [{ in: 'eth1' }, { in: 'eth10' }], [{ in: 'eth0' }]),
    on('! -i eth+', [{ in: 'ppp0' }, { in: 'docker0' }], [{ in: 'eth0' }]),
    on('-i +', [{ in: 'ppp0' }], []),
  ]),
  match(
    '-o',
    [on('-o eth1', [{}], []), on('-o eth+', [{}], []), on('! -o eth1+', [], [{}]), on('! -o ppp+', [{}], [])],
    { hook: 'forward' },
  ),
  match('-o', [on('-o eth1', [{}], []), on('-o lo', [], [{}])], { hook: 'output' }),
  match('-p', [
    on('-p tcp', [tcp(80)], [udp(80), protocol(132)]),
    on('! -p udp', [tcp(80), protocol(47)], [udp(80)]),
    on('-p 47', [protocol(47)], [protocol(46), tcp(1)]),
    on('-p all', [tcp(1), protocol(253)], []),
    on('-p 132', [protocol(132)], [protocol(33)]),
  ]),
  match('-f', [on('! -f', [{}, protocol(47)], []), on('-f', [], [{}, protocol(47)])], {
    family: 4,
    note: 'a reassembled packet is no fragment; see "Facts" for fragments that are seen',
  }),
  match('-m length', [
    on('-m length --length 100', [{ length: 100 }], [{ length: 99 }, { length: 101 }]),
    on('-m length --length 60:200', [{ length: 60 }, { length: 200 }], [{ length: 201 }]),
    on('-m length ! --length 100:200', [{ length: 201 }], [{ length: 100 }, { length: 200 }]),
    on('-m length --length 1500:', [{ length: 1500 }, { length: 9000 }], [{ length: 1499 }]),
  ]),
  match(
    '-m ttl',
    [
      on('-m ttl --ttl-eq 64', [{ ttl: 64 }], [{ ttl: 63 }, { ttl: 65 }]),
      on('-m ttl ! --ttl-eq 64', [{ ttl: 63 }], [{ ttl: 64 }]),
      on('-m ttl --ttl-lt 10', [{ ttl: 9 }], [{ ttl: 10 }]),
      on('-m ttl --ttl-gt 254', [{ ttl: 255 }], [{ ttl: 254 }]),
    ],
    { family: 4, note: 'from the forward hook on it is one less than it arrived with' },
  ),
  match('-m ttl', [on('-m ttl --ttl-eq 63', [{ ttl: 64 }], [{ ttl: 63 }])], { family: 4, hook: 'forward' }),
  match(
    '-m hl',
    [
      on('-m hl --hl-eq 255', [{ ttl: 255 }], [{ ttl: 254 }]),
      on('-m hl --hl-lt 2', [{ ttl: 1 }], [{ ttl: 2 }]),
    ],
    { family: 6 },
  ),
  match('-m hl', [on('-m hl --hl-gt 62', [{ ttl: 64 }], [{ ttl: 63 }])], { family: 6, hook: 'forward' }),
  match('-m dscp', [
    on('-m dscp --dscp 0x2e', [{ tos: 0xb8 }, { tos: 0xbb }], [{ tos: 0xb4 }, {}]),
    on('-m dscp ! --dscp 0', [{ tos: 4 }], [{ tos: 3 }]),
    on('-m dscp --dscp-class AF41', [{ tos: 0x88 }], [{ tos: 0x84 }]),
  ]),
  match('-m tos', [
    on('-m tos --tos 0x10/0x3f', [{ tos: 0x10 }, { tos: 0xd0 }], [{ tos: 0x18 }, {}]),
    on('-m tos ! --tos 0x08', [{ tos: 0x09 }], [{ tos: 0x08 }]),
  ]),
  match('-m ecn', [
    on('-m ecn --ecn-ip-ect 1', [{ tos: 0xb9 }], [{ tos: 0xb8 }]),
    on('-p tcp -m ecn --ecn-tcp-ece', [tcp(80, { tcpFlags: 0x42 })], [tcp(80)]),
    on('-p tcp -m ecn ! --ecn-tcp-cwr', [tcp(80)], [tcp(80, { tcpFlags: 0x82 })]),
  ]),
  match('-m pkttype', [
    on('-m pkttype --pkt-type unicast', [{}], [{ pkttype: 'broadcast' }, { pkttype: 'multicast' }]),
    on('-m pkttype ! --pkt-type broadcast', [{}, { pkttype: 'multicast' }], [{ pkttype: 'broadcast' }]),
  ]),
  match('-m pkttype', [on('-m pkttype --pkt-type unicast', [{}], [])], { hook: 'output' }),
  match('-m mac', [
    on('-m mac --mac-source 02:00:00:00:00:01', [{ mac: MAC }], [{ mac: MAC + 1 }]),
    on('-m mac ! --mac-source 02:00:00:00:00:01', [{ mac: MAC + 1 }], [{ mac: MAC }]),
  ]),
  match(
    '-m iprange',
    [
      on(
        '-m iprange --src-range 192.0.2.9-192.0.2.77',
        [{ src: '192.0.2.9' }, { src: '192.0.2.77' }],
        [{ src: '192.0.2.8' }, { src: '192.0.2.78' }],
      ),
      on('-m iprange ! --dst-range 10.0.0.0-10.1.2.9', [{ dst: '10.1.2.10' }], [{ dst: '10.1.2.9' }]),
    ],
    { family: 4 },
  ),
  match(
    '-m iprange',
    [
      on(
        '-m iprange --src-range 2001:db8::5-2001:db8::ff',
        [{ src: '2001:db8::ff' }],
        [{ src: '2001:db8::100' }],
      ),
    ],
    { family: 6 },
  ),
  match('-m comment', [on('-m comment --comment "a \\"b\\" -j DROP"', [{}], [])]),
  match(
    '-m ipv6header',
    [
      on(
        '-m ipv6header --header hop --soft',
        [{ headers: ['hop'] }, { headers: ['hop', 'dst'] }],
        [{}, { headers: ['dst'] }],
      ),
      on('-m ipv6header --header hop,prot', [{ headers: ['hop'] }], [{}, { headers: ['hop', 'dst'] }]),
      on('-m ipv6header ! --header route --soft', [{}, { headers: ['dst'] }], [{ headers: ['route'] }]),
      on('-m ipv6header --header none --soft', [protocol(59)], [{}]),
    ],
    { family: 6 },
  ),
  match('-m hbh', [on('-m hbh', [{ headers: ['hop'] }], [{}, { headers: ['dst'] }])], { family: 6 }),
  match('-m dst', [on('-m dst', [{ headers: ['dst'] }], [{}, { headers: ['hop'] }])], { family: 6 }),
  match('-m rt', [on('-m rt', [{ headers: ['route'] }], [{}])], { family: 6 }),
  match(
    '-m icmp',
    [
      on('-p icmp -m icmp --icmp-type 8', [icmp(8)], [icmp(0), icmp(13), tcp(80)]),
      on('-p icmp -m icmp --icmp-type 3/1', [icmp(3, 1)], [icmp(3, 0), icmp(3, 2)]),
      on('-p icmp -m icmp --icmp-type network-unreachable', [icmp(3, 0)], [icmp(3, 1)]),
      on('-p icmp -m icmp ! --icmp-type echo-request', [icmp(0), icmp(3)], [icmp(8), udp(8)]),
      on('-p icmp -m icmp --icmp-type any', [icmp(0), icmp(8), icmp(11, 1)], [tcp(80)]),
    ],
    { family: 4 },
  ),
  match(
    '-m icmp6',
    [
      on('-p ipv6-icmp -m icmp6 --icmpv6-type 128', [icmp6(128)], [icmp6(129), tcp(80)]),
      on('-p ipv6-icmp -m icmp6 --icmpv6-type 1/3', [icmp6(1, 3)], [icmp6(1, 4)]),
      on('-p ipv6-icmp -m icmp6 ! --icmpv6-type echo-request', [icmp6(129), icmp6(135)], [icmp6(128)]),
      on('-p ipv6-icmp -m icmp6 --icmpv6-type neighbour-solicitation', [icmp6(135)], [icmp6(136)]),
    ],
    { family: 6 },
  ),
  match('-p icmp in the other family', [on('-p 1', [protocol(1)], [tcp(80)])], { family: 6 }),
];
