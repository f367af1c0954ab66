import { icmp6, match, type MatchEntry, on, protocol, type Sketch, tcp, udp } from './types.ts';

const NEW: Sketch = { state: 'new' };
const ESTABLISHED: Sketch = { state: 'established' };
const INVALID: Sketch = { state: 'invalid' };
const UNTRACKED: Sketch = { state: 'untracked' };
const RELATED_4: Sketch = { state: 'related', protocol: 1, icmpType: 3, icmpCode: 3 };
const RELATED_6: Sketch = { state: 'related', protocol: 58, icmpType: 1, icmpCode: 4, length: 120 };

const STATE_CASES = [
  on('-m conntrack --ctstate NEW', [NEW, udp(53), protocol(47)], [ESTABLISHED, INVALID, UNTRACKED]),
  on(
    '-m conntrack --ctstate RELATED,ESTABLISHED',
    [ESTABLISHED, udp(53, ESTABLISHED)],
    [NEW, INVALID, UNTRACKED],
  ),
  on('-m conntrack --ctstate INVALID', [INVALID, udp(1, INVALID)], [NEW, ESTABLISHED, UNTRACKED]),
  on('-m conntrack --ctstate UNTRACKED', [UNTRACKED], [NEW, INVALID, ESTABLISHED]),
  on('-m conntrack ! --ctstate NEW,INVALID', [ESTABLISHED, UNTRACKED], [NEW, INVALID]),
  on('-m conntrack --ctstate DNAT', [], [NEW, INVALID, UNTRACKED]),
  on('-m state --state NEW,UNTRACKED', [NEW, UNTRACKED], [ESTABLISHED, INVALID]),
  on('-m state ! --state INVALID', [NEW, ESTABLISHED, UNTRACKED], [INVALID]),
];

/** Matches on what conntrack knows, and on marks. */
export const CONNECTION_MATCHES: readonly MatchEntry[] = [
  match('-m conntrack --ctstate, -m state', STATE_CASES),
  match('--ctstate RELATED', [on('-m conntrack --ctstate RELATED', [RELATED_4], [NEW, ESTABLISHED])], {
    family: 4,
    note: 'an ICMP error about a connection that is known',
  }),
  match(
    '--ctstate RELATED',
    [
      on('-m conntrack --ctstate RELATED', [RELATED_6], [NEW]),
      on('-m conntrack --ctstate UNTRACKED', [icmp6(135), icmp6(143)], [icmp6(128)]),
      on('-m conntrack --ctstate INVALID', [icmp6(1), icmp6(129)], [icmp6(128), icmp6(134)]),
    ],
    { family: 6, note: 'neighbour discovery is untracked, an unsolicited error invalid' },
  ),
  match(
    '--ctorigsrc, --ctorigdst',
    [
      on('-m conntrack --ctorigsrc 198.51.100.0/24', [{}], [{ src: '192.0.2.1' }, UNTRACKED, INVALID]),
      on('-m conntrack ! --ctorigdst 10.1.2.10', [{ dst: '10.1.2.11' }], [{}, UNTRACKED, INVALID]),
      on(
        '-m conntrack --ctstate NEW,INVALID --ctorigsrc 198.51.100.7',
        [{}, INVALID, { ...INVALID, src: '192.0.2.1' }],
        [{ src: '192.0.2.1' }, UNTRACKED],
      ),
    ],
    {
      family: 4,
      note: 'exact for a first packet; without a connection nothing matches, negated or not, unless `--ctstate` stands beside it: then that alone decides',
    },
  ),
  match(
    '--ctorigsrcport, --ctorigdstport',
    [
      on('-m conntrack --ctorigdstport 80', [tcp(80), udp(80)], [tcp(81), { ...INVALID, dport: 80 }]),
      on('-m conntrack ! --ctorigsrcport 1:1023', [tcp(80)], [tcp(80, { sport: 1023 }), UNTRACKED]),
    ],
    { note: 'exact for a first packet of TCP, UDP, UDP-Lite and SCTP' },
  ),
  match('--ctproto', [
    on('-m conntrack --ctproto tcp', [tcp(1), tcp(1, ESTABLISHED)], [udp(1), tcp(1, INVALID)]),
    on('-m conntrack ! --ctproto 17', [tcp(1), protocol(47)], [udp(1), protocol(47, UNTRACKED)]),
  ]),
  match('--ctdir, --ctstatus', [
    on('-m conntrack --ctdir ORIGINAL', [NEW], [INVALID, UNTRACKED]),
    on('-m conntrack --ctdir REPLY', [], [NEW, INVALID]),
    on('-m conntrack --ctstatus SEEN_REPLY', [ESTABLISHED], [NEW, INVALID]),
  ]),
  match('-m connmark', [
    on(
      '-m connmark --mark 0x5',
      [{ ...ESTABLISHED, ctmark: 5 }],
      [{ ...ESTABLISHED, ctmark: 4 }, NEW, INVALID],
    ),
    on(
      '-m connmark --mark 0x10/0xf0',
      [{ ...ESTABLISHED, ctmark: 0x1f }],
      [{ ...ESTABLISHED, ctmark: 0x2f }],
    ),
    on(
      '-m connmark ! --mark 0x5',
      [NEW, { ...ESTABLISHED, ctmark: 4 }],
      [INVALID, UNTRACKED, { ...ESTABLISHED, ctmark: 5 }],
    ),
  ]),
];
