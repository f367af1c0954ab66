import fc from 'fast-check';

/** A small host: every packet that its rules and rows can tell apart is enumerated. */
export const HOST = '10.1.2.10';
export const ELSEWHERE = '10.9.9.9';
export const PEERS = ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '9.9.9.9'] as const;
export const INTERFACES = ['eth0', 'eth1', 'wg0'] as const;
const PROTOCOLS = ['tcp', 'udp'] as const;
/** Ports of the peers that ask, and of the services. */
const ASKING = [1023, 1024, 40000] as const;
const SERVICES = [1, 2, 3, 4, 5] as const;
/** Only prohibited rows have it. */
const PROHIBITED = 5;

type Protocol = (typeof PROTOCOLS)[number];

/** A first packet, in or out. `port` is the service's, `asking` the other end's. */
export interface Packet {
  readonly direction: 'in' | 'out';
  readonly name: string;
  readonly peer: string;
  readonly protocol: Protocol;
  readonly asking: number;
  readonly port: number;
}

/** Every first packet of the world. */
export const PACKETS: readonly Packet[] = (['in', 'out'] as const).flatMap((direction) =>
  PEERS.flatMap((peer) =>
    INTERFACES.flatMap((name) =>
      PROTOCOLS.flatMap((protocol) =>
        ASKING.flatMap((asking) =>
          SERVICES.map((port) => ({ direction, name, peer, protocol, asking, port })),
        ),
      ),
    ),
  ),
);

/** Indices into PEERS, or unbound; on an interface, or not. */
export interface Role {
  readonly peers: readonly [number, number] | undefined;
  readonly on: string | undefined;
}

export interface Row {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly role: number;
  readonly protocol: Protocol;
  readonly ports: readonly number[];
  readonly choice: readonly number[];
  readonly level: 'required' | 'optional' | 'prohibited';
}

interface Rule {
  readonly table: 'raw' | 'mangle' | 'nat' | 'filter';
  readonly text: string;
}

export interface World {
  readonly roles: readonly Role[];
  readonly rows: readonly Row[];
  readonly rules: readonly Rule[];
  readonly replies: readonly string[];
}

const span = fc.tuple(fc.nat(4), fc.nat(4)).map(([a, b]): [number, number] => (a <= b ? [a, b] : [b, a]));
export const addresses = ([a, b]: readonly [number, number]): string => `${PEERS[a]}-${PEERS[b]}`;
const needed = fc.constantFrom(...SERVICES.filter((port) => port !== PROHIBITED));

const role: fc.Arbitrary<Role> = fc.record({
  peers: fc.option(span, { nil: undefined, freq: 3 }),
  on: fc.option(fc.constantFrom('eth0', 'eth1'), { nil: undefined, freq: 2 }),
});

function row(id: string, level: fc.Arbitrary<Row['level']>, port: fc.Arbitrary<number>): fc.Arbitrary<Row> {
  return fc.record({
    id: fc.constant(id),
    direction: fc.constantFrom('in' as const, 'out' as const),
    role: fc.nat(1),
    protocol: fc.constantFrom(...PROTOCOLS),
    ports: fc.uniqueArray(port, { minLength: 1, maxLength: 2 }),
    choice:
      id === 'prohibited'
        ? fc.constant([])
        : fc.oneof(fc.constant([]), fc.uniqueArray(port, { minLength: 2, maxLength: 2 })),
    level,
  });
}

const required = fc.constantFrom<Row['level']>('required', 'required', 'optional');

/** A text half of the time, or one time in `weight`. */
const perhaps = (text: fc.Arbitrary<string>, weight = 2): fc.Arbitrary<string> =>
  fc.oneof({ weight: weight - 1, arbitrary: fc.constant('') }, { weight: 1, arbitrary: text });

const CHAINS: readonly (readonly [table: Rule['table'], chain: string, weight: number])[] = [
  ['filter', 'INPUT', 3],
  ['filter', 'OUTPUT', 3],
  ['filter', 'FORWARD', 3],
  ['filter', 'user', 2],
  ['raw', 'PREROUTING', 1],
  ['raw', 'OUTPUT', 1],
  ['mangle', 'PREROUTING', 1],
  ['mangle', 'INPUT', 1],
  ['mangle', 'FORWARD', 1],
  ['mangle', 'OUTPUT', 1],
  ['mangle', 'POSTROUTING', 1],
  ['nat', 'PREROUTING', 2],
  ['nat', 'POSTROUTING', 1],
];

const service = fc.constantFrom(...SERVICES);

function targets(table: Rule['table'], chain: string): fc.Arbitrary<string> {
  if (table === 'raw') return fc.constantFrom('DROP', 'ACCEPT', 'CT --notrack', 'CT --notrack');
  if (table === 'mangle') return fc.constantFrom('DROP', 'ACCEPT');
  if (table === 'nat' && chain === 'POSTROUTING')
    return fc.constantFrom('MASQUERADE', `SNAT --to-source ${HOST}`);
  if (table === 'nat')
    return fc.oneof(
      service.map((port) => `REDIRECT --to-ports ${port}`),
      service.map((port) => `DNAT --to-destination ${HOST}:${port}`),
      service.map((port) => `DNAT --to-destination ${ELSEWHERE}:${port}`),
      fc.constant(`DNAT --to-destination ${ELSEWHERE}`),
    );
  if (chain === 'user') return fc.constantFrom('ACCEPT', 'ACCEPT', 'DROP', 'RETURN');
  return fc.constantFrom('ACCEPT', 'ACCEPT', 'DROP', 'REJECT', 'user');
}

/** Interfaces and peers, as the packets of a chain have them; of a user chain both ways come. */
function ends(chain: string): fc.Arbitrary<string> {
  if (chain === 'user') return fc.constant('');
  const arriving = ['PREROUTING', 'INPUT', 'FORWARD'].includes(chain);
  const sides = chain === 'FORWARD' ? ['i', 'o'] : [arriving ? 'i' : 'o'];
  const name = fc
    .tuple(fc.constantFrom(...sides), fc.constantFrom('eth0', 'eth1'), fc.constantFrom('', '! '))
    .map(([side, device, not]) => `${not}-${side} ${device}`);
  const peers = span.map((pair) => `-m iprange --${arriving ? 'src' : 'dst'}-range ${addresses(pair)}`);
  return fc.tuple(perhaps(name), perhaps(peers)).map((parts) => parts.join(' '));
}

const ports = perhaps(
  fc.oneof(
    span.map(([a, b]) => `--dport ${a + 1}:${b + 1}`),
    span.map(([a, b]) => `--sport ${a + 1}:${b + 1}`),
    fc.constantFrom('--sport 1024:65535', '--dport 1024:65535'),
  ),
);
const transport = fc
  .tuple(fc.constantFrom(...PROTOCOLS), ports)
  .map(([protocol, text]) => `-p ${protocol} -m ${protocol} ${text}`);
const states = fc
  .constantFrom('ESTABLISHED', 'NEW', 'INVALID', 'UNTRACKED', 'RELATED,ESTABLISHED')
  .map((state) => `-m conntrack --ctstate ${state}`);
const unknown = fc.constantFrom(
  '-m limit --limit 3/min',
  '-m string --string x --algo bm',
  '-m recent --name a --rcheck',
);

const rule: fc.Arbitrary<Rule> = fc
  .oneof(...CHAINS.map(([table, chain, weight]) => ({ weight, arbitrary: fc.constant({ table, chain }) })))
  .chain(({ table, chain }) =>
    fc
      .tuple(
        ends(chain),
        // Without a protocol nothing is translated to a port.
        table === 'nat' ? transport : perhaps(transport),
        table === 'mangle' || table === 'filter' ? perhaps(states) : fc.constant(''),
        perhaps(unknown, 6),
        targets(table, chain).map((target) => `-j ${target}`),
      )
      .map((parts) => ({ table, text: ['-A', chain, ...parts].filter((part) => part !== '').join(' ') })),
  );

/** What lets replies through: everything, some, or nothing. */
const replies = (chain: string): fc.Arbitrary<string> =>
  fc
    .constantFrom(
      '-m conntrack --ctstate ESTABLISHED',
      '-p tcp -m conntrack --ctstate RELATED,ESTABLISHED',
      '-m conntrack --ctstate ESTABLISHED --ctdir REPLY',
      '-m conntrack --ctstate ESTABLISHED --ctdir ORIGINAL',
      '',
    )
    .map((match) => (match === '' ? '' : `-A ${chain} ${match} -j ACCEPT`));

/** Random roles, rows and rules. */
export const worlds: fc.Arbitrary<World> = fc.record({
  roles: fc.tuple(role, role),
  rows: fc.tuple(
    row('first', required, needed),
    row('second', required, needed),
    row('third', required, needed),
    row('prohibited', fc.constant('prohibited'), fc.constant(PROHIBITED)),
  ),
  rules: fc.array(rule, { minLength: 3, maxLength: 14 }),
  replies: fc.tuple(replies('INPUT'), replies('OUTPUT'), replies('FORWARD')),
});
