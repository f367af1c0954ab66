import { match, type MatchEntry, on, protocol, tcp, udp } from './types.ts';

const flags = (tcpFlags: number) => tcp(80, { tcpFlags, state: tcpFlags === 2 ? 'new' : 'invalid' });

/** Matches on ports and flags. */
export const TRANSPORT_MATCHES: readonly MatchEntry[] = [
  match('-m tcp --dport', [
    on('-p tcp -m tcp --dport 80', [tcp(80)], [tcp(79), tcp(81), udp(80)]),
    on('-p tcp -m tcp --dport 1024:', [tcp(1024), tcp(65535)], [tcp(1023)]),
    on('-p tcp -m tcp --dport :1023', [tcp(0), tcp(1023)], [tcp(1024)]),
    on('-p tcp -m tcp ! --dport 22:80', [tcp(21), tcp(81)], [tcp(22), tcp(80), udp(21)]),
    on('-p tcp --dport ssh', [tcp(22)], [tcp(23)]),
  ]),
  match('-m tcp --sport', [
    on(
      '-p tcp -m tcp --sport 1024:65535 --dport 80',
      [tcp(80, { sport: 1024 })],
      [tcp(80, { sport: 1023 }), tcp(81)],
    ),
    on('-p tcp -m tcp ! --sport 53', [tcp(80)], [tcp(80, { sport: 53 })]),
  ]),
  match('-m udp', [
    on('-p udp -m udp --dport 53', [udp(53)], [udp(54), tcp(53)]),
    on('-p udp -m udp ! --sport 53', [udp(1)], [udp(1, { sport: 53 }), tcp(1)]),
  ]),
  match(
    '-m sctp',
    [
      on(
        '-p sctp -m sctp --dport 2905',
        [protocol(132, { dport: 2905 })],
        [protocol(132, { dport: 2904 }), tcp(2905)],
      ),
      on('-p sctp -m sctp ! --sport 1:9', [protocol(132, { sport: 10 })], [protocol(132, { sport: 9 })]),
    ],
    { note: '`--chunk-types` is opaque' },
  ),
  match(
    '-m dccp',
    [
      on(
        '-p dccp -m dccp --dport 5000:5010',
        [protocol(33, { dport: 5010 })],
        [protocol(33, { dport: 5011 })],
      ),
    ],
    { note: '`--dccp-types` and `--dccp-option` are opaque' },
  ),
  match('-m multiport', [
    on(
      '-p tcp -m multiport --dports 22,80,8000:8010',
      [tcp(22), tcp(80), tcp(8000), tcp(8010)],
      [tcp(23), tcp(8011), udp(22)],
    ),
    on('-p udp -m multiport --sports 53,123', [udp(1, { sport: 123 })], [udp(123)]),
    on('-p tcp -m multiport --ports 80,443', [tcp(443), tcp(1, { sport: 80 })], [tcp(1)]),
    on('-p tcp -m multiport ! --ports 80,443', [tcp(1)], [tcp(443), tcp(1, { sport: 80 })]),
    on(
      '-p udplite -m multiport --dports 9',
      [protocol(136, { dport: 9 })],
      [protocol(136, { dport: 8 }), udp(9)],
    ),
    on('-p sctp -m multiport ! --dports 9', [protocol(132, { dport: 8 })], [protocol(132, { dport: 9 })]),
    on('-p dccp -m multiport --sports 1:9', [protocol(33, { sport: 9 })], [protocol(33, { sport: 10 })]),
  ]),
  match('-m tcp --tcp-flags', [
    on('-p tcp -m tcp --tcp-flags SYN,ACK SYN', [flags(2), flags(3)], [flags(18), flags(16), udp(80)]),
    on('-p tcp -m tcp --tcp-flags ALL NONE', [flags(0)], [flags(2)]),
    on('-p tcp -m tcp ! --tcp-flags FIN,SYN FIN,SYN', [flags(2), flags(1)], [flags(3), flags(63)]),
    on('-p tcp -m tcp --tcp-flags SYN FIN', [], [flags(2), flags(1)]),
  ]),
  match('-m tcp --syn', [
    on('-p tcp -m tcp --syn', [flags(2), flags(2 | 64)], [flags(18), flags(3), flags(6)]),
    on('-p tcp -m tcp ! --syn', [flags(18), flags(4)], [flags(2), udp(80)]),
  ]),
];
