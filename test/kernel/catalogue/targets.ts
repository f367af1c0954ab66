import { entry, filter, mangled, table } from './tables.ts';
import { icmp, protocol, type RulesEntry, tcp, udp } from './types.ts';

/** Verdicts, jumps and policies. */
export const VERDICT_TARGETS: readonly RulesEntry[] = [
  entry(
    'ACCEPT, DROP',
    filter('INPUT -p tcp --dport 22 -j DROP', 'INPUT -p tcp -j ACCEPT'),
    [tcp(80)],
    [tcp(22), udp(80)],
  ),
  entry(
    'REJECT',
    table(
      'filter',
      'INPUT=ACCEPT',
      'INPUT -p tcp --dport 22 -j REJECT --reject-with tcp-reset',
      'INPUT -p udp -j REJECT --reject-with icmp-port-unreachable',
    ),
    [tcp(80)],
    [tcp(22), udp(1)],
  ),
  entry(
    'jump, RETURN',
    table(
      'filter',
      'INPUT=DROP a b',
      'INPUT -j a',
      'INPUT -p tcp --dport 80 -j ACCEPT',
      'a -p tcp --dport 22 -j b',
      'a -p udp -j ACCEPT',
      'b -s 192.0.2.0/24 -j RETURN',
      'b -j ACCEPT',
    ),
    [tcp(22), udp(1), tcp(80)],
    [tcp(22, { src: '192.0.2.1' })],
  ),
  entry(
    'goto',
    table(
      'filter',
      'INPUT=DROP a b',
      'INPUT -j a',
      'INPUT -p tcp --dport 80 -j ACCEPT',
      'a -p tcp -g b',
      'a -j ACCEPT',
      'b -p tcp --dport 22 -j ACCEPT',
    ),
    [tcp(22), tcp(80), udp(1)],
    [tcp(81)],
    { note: 'the end of the target chain returns to where the present chain would return' },
  ),
  entry(
    'RETURN in a built-in chain',
    table('filter', 'INPUT=DROP', 'INPUT -p tcp --dport 22 -j RETURN', 'INPUT -p tcp -j ACCEPT'),
    [tcp(80)],
    [tcp(22)],
    { note: 'the policy decides' },
  ),
  entry('policy', table('filter', 'INPUT=DROP FORWARD=ACCEPT'), [], [tcp(80), udp(1), icmp(8)]),
  entry('no target', filter('INPUT -p tcp', 'INPUT -p tcp --dport 80 -j ACCEPT'), [tcp(80)], [tcp(81)]),
  entry(
    'LOG, NFLOG, TRACE',
    table('raw', 'PREROUTING=ACCEPT', 'PREROUTING -p udp -j TRACE') +
      filter('INPUT -j LOG --log-prefix "a b: "', 'INPUT -j NFLOG --nflog-group 3', 'INPUT -p tcp -j ACCEPT'),
    [tcp(80)],
    [udp(80)],
    { note: 'no effect on the verdict' },
  ),
  entry(
    'every table has a say',
    table('raw', 'PREROUTING=ACCEPT', 'PREROUTING -p tcp --dport 1 -j DROP') +
      table(
        'mangle',
        'PREROUTING=ACCEPT INPUT=ACCEPT',
        'PREROUTING -p tcp --dport 2 -j DROP',
        'INPUT -p tcp --dport 3 -j DROP',
      ) +
      table('filter', 'INPUT=ACCEPT', 'INPUT -p tcp --dport 4 -j DROP', 'INPUT -p tcp --dport 5 -j ACCEPT') +
      table('security', 'INPUT=ACCEPT', 'INPUT -p tcp --dport 5 -j DROP'),
    [tcp(6)],
    [tcp(1), tcp(2), tcp(3), tcp(4), tcp(5)],
    { note: '`ACCEPT` ends one table only' },
  ),
];

/** Targets that change the packet or its connection. */
export const CHANGING_TARGETS: readonly RulesEntry[] = [
  entry(
    'MARK --set-xmark',
    mangled('-j MARK --set-xmark 0x5/0xff', '-m mark --mark 0x105'),
    [{ mark: 0x1aa }, { mark: 0x100 }],
    [{ mark: 5 }, { mark: 0x205 }],
    { note: '`mark & ~mask ^ value`' },
  ),
  entry(
    'MARK --set-mark',
    mangled('-p tcp -j MARK --set-mark 0x10/0xf0', '-m mark --mark 0x13'),
    [{ mark: 0x23 }, { mark: 3 }],
    [{ mark: 4 }, udp(1, { mark: 0x23 })],
  ),
  entry(
    'MARK --or-mark',
    mangled('-j MARK --or-mark 0x1', '-m mark --mark 0x3'),
    [{ mark: 2 }, { mark: 3 }],
    [{ mark: 4 }],
  ),
  entry(
    'MARK --and-mark',
    mangled('-j MARK --and-mark 0xfe', '-m mark --mark 0x2'),
    [{ mark: 3 }, { mark: 0x102 }],
    [{ mark: 1 }],
  ),
  entry(
    'MARK --xor-mark',
    mangled('-j MARK --xor-mark 0x3', '-m mark --mark 0x1'),
    [{ mark: 2 }],
    [{ mark: 1 }],
  ),
  entry(
    '-m mark',
    filter('INPUT -m mark --mark 0x1/0xff -j ACCEPT', 'INPUT -m mark ! --mark 0x0/0xf00 -j ACCEPT'),
    [{ mark: 0x1001 }, { mark: 0x100 }],
    [{ mark: 2 }, {}, { mark: 0xf0000000 }],
  ),
  entry(
    'CONNMARK --set-mark, --save-mark, --restore-mark',
    table(
      'mangle',
      'PREROUTING=ACCEPT INPUT=ACCEPT',
      'PREROUTING -p tcp -j CONNMARK --set-mark 0x7',
      'PREROUTING -p udp -j CONNMARK --save-mark',
      'INPUT -j CONNMARK --restore-mark',
    ) + filter('INPUT -m mark --mark 0x7 -j ACCEPT'),
    [tcp(1), udp(1, { mark: 7 })],
    [udp(1), { protocol: 47, mark: 7 }, tcp(1, { state: 'invalid' })],
    { note: 'nothing happens where there is no connection' },
  ),
  entry(
    'CONNMARK --save-mark with masks',
    table('mangle', 'PREROUTING=ACCEPT', 'PREROUTING -j CONNMARK --save-mark --nfmask 0xf --ctmask 0xff') +
      filter('INPUT -m connmark --mark 0x105 -j ACCEPT'),
    [{ state: 'established', ctmark: 0x1aa, mark: 0x35 }],
    [{ state: 'established', ctmark: 0xaa, mark: 0x35 }],
  ),
  entry('TTL', mangled('-j TTL --ttl-set 9', '-m ttl --ttl-eq 9'), [{ ttl: 64 }], []),
  entry(
    'TTL --ttl-inc, --ttl-dec',
    mangled('-j TTL --ttl-dec 5', '-m ttl --ttl-eq 0') +
      table('security', 'INPUT=ACCEPT', 'INPUT -m ttl ! --ttl-eq 0 -j DROP'),
    [{ ttl: 5 }, { ttl: 1 }],
    [{ ttl: 6 }, { ttl: 255 }],
    { note: 'never below 0 and never above 255' },
  ),
  entry(
    'TTL --ttl-inc at its limit',
    mangled('-j TTL --ttl-inc 5', '-m ttl --ttl-eq 255'),
    [{ ttl: 250 }, { ttl: 255 }],
    [{ ttl: 249 }],
  ),
  entry('HL', mangled('-j HL --hl-dec 1', '-m hl --hl-eq 9'), [{ ttl: 10 }], [{ ttl: 9 }], { family: 6 }),
  entry('DSCP', mangled('-j DSCP --set-dscp 0x2e', '-m tos --tos 0xb9'), [{ tos: 1 }], [{ tos: 0 }]),
  entry('TOS', mangled('-j TOS --set-tos 0x10/0x3f', '-m tos --tos 0xd0'), [{ tos: 0xc7 }], [{ tos: 0x10 }]),
  entry(
    'TOS --or-tos, --and-tos, --xor-tos',
    mangled('-j TOS --or-tos 0x04', '-m tos --tos 0x0c'),
    [{ tos: 8 }],
    [{ tos: 0 }],
  ),
  entry(
    'NOTRACK, CT --notrack',
    table('raw', 'PREROUTING=ACCEPT', 'PREROUTING -p udp -j CT --notrack', 'PREROUTING -p sctp -j NOTRACK') +
      filter('INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT'),
    [udp(1), protocol(132)],
    [tcp(1)],
    { note: 'untracked from there on, in the raw table too' },
  ),
];
