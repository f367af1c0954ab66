import { entry, filter, table } from './tables.ts';
import { type RulesEntry, tcp, udp } from './types.ts';

/** Address translation. */
export const NAT_TARGETS: readonly RulesEntry[] = [
  entry(
    'DNAT',
    table(
      'nat',
      'PREROUTING=ACCEPT',
      'PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 192.0.2.9:80',
    ) + filter('INPUT -d 192.0.2.9 -p tcp --dport 80 -j ACCEPT'),
    [tcp(8080)],
    [tcp(80), tcp(8080, { state: 'invalid' }), udp(8080)],
    { delivered: { dst: '192.0.2.9', dport: 80 }, note: 'later hooks see the translated packet' },
  ),
  entry(
    'DNAT seen by --ctstate DNAT and --ctorigdst',
    table('nat', 'PREROUTING=ACCEPT', 'PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 192.0.2.9') +
      filter('INPUT -m conntrack --ctstate DNAT --ctorigdst 10.1.2.10 --ctorigdstport 8080 -j ACCEPT'),
    [tcp(8080)],
    [tcp(80), tcp(8080, { dst: '10.1.2.11' })],
    { delivered: { dst: '192.0.2.9' } },
  ),
  entry(
    'the first translation counts',
    table(
      'nat',
      'PREROUTING=ACCEPT',
      'PREROUTING -p tcp --dport 1 -j ACCEPT',
      'PREROUTING -p tcp --dport 1:2 -j DNAT --to-destination 192.0.2.1',
      'PREROUTING -p tcp -j DNAT --to-destination 192.0.2.2',
    ) + filter('INPUT -d 192.0.2.1 -j ACCEPT'),
    [tcp(2)],
    [tcp(1), tcp(3)],
    { delivered: { dst: '192.0.2.1' } },
  ),
  entry(
    'REDIRECT',
    table('nat', 'PREROUTING=ACCEPT', 'PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 3128') +
      table('filter', 'INPUT=DROP FORWARD=DROP', 'INPUT -p tcp --dport 3128 -j ACCEPT'),
    [tcp(80)],
    [tcp(81)],
    {
      hook: 'forward',
      facts: true,
      note: 'to the host itself, whoever it was for; the address is the incoming interface’s first one',
    },
  ),
  entry(
    'REDIRECT at OUTPUT',
    table('nat', 'OUTPUT=ACCEPT', 'OUTPUT -p tcp --dport 80 -j REDIRECT --to-ports 3128') +
      table('mangle', 'POSTROUTING=ACCEPT', 'POSTROUTING ! -o lo -j DROP'),
    [tcp(80)],
    [tcp(81)],
    { hook: 'output', facts: true, delivered: { dst: '127.0.0.1', dport: 3128 } },
  ),
  entry(
    'NETMAP',
    table('nat', 'PREROUTING=ACCEPT', 'PREROUTING -d 10.1.2.0/24 -j NETMAP --to 192.0.2.0/24') +
      filter('INPUT -d 192.0.2.10 -j ACCEPT'),
    [tcp(80)],
    [tcp(80, { dst: '10.1.2.11' }), tcp(80, { dst: '10.1.3.10' })],
    { delivered: { dst: '192.0.2.10' } },
  ),
  entry(
    'SNAT, MASQUERADE',
    table(
      'nat',
      'POSTROUTING=ACCEPT',
      'POSTROUTING -p tcp -j SNAT --to-source 192.0.2.1',
      'POSTROUTING -j MASQUERADE',
    ) + table('filter', 'FORWARD=DROP', 'FORWARD -s 198.51.100.7 -j ACCEPT'),
    [tcp(80), udp(80)],
    [tcp(80, { src: '192.0.2.1' })],
    { hook: 'forward', note: 'after every filter chain, so verdicts see the old source' },
  ),
];
