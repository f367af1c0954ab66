import fc from 'fast-check';
import { parseAddressRange } from '../../../src/packet/address.ts';

/** A random site in which every packet that rules and rows can tell apart is enumerated, both ways and in both families. */
export type Family = 4 | 6;

export type Direction = 'in' | 'out';

/** The host's own addresses; a site's host has the first of a family, or both. */
export const OWN = { 4: ['10.1.2.10', '10.1.2.11'], 6: ['2001:db8::10', '2001:db8::11'] } as const;

/** An address on either side of every bound of the networks below, and of what nobody on the Internet has. */
export const REMOTE = {
  4: [
    '10.0.0.1',
    '10.0.0.2',
    '10.0.0.200',
    '10.1.2.77',
    '192.168.7.7',
    '9.9.9.9',
    '8.8.4.4',
    '100.64.1.1',
    '77.1.2.3',
    '150.1.2.3',
  ],
  6: ['2001:db8:1::1', '2001:db8:1::2', '2600::1', '2600::2', '2a00::1', 'fd00::7'],
} as const;

const NETWORKS = {
  4: [
    '10.0.0.1',
    '10.0.0.0/30',
    '10.0.0.0/24',
    '10.1.2.0/24',
    '9.9.9.9',
    '192.168.7.7',
    '8.8.4.0/24',
    '100.64.0.0/10',
  ],
  6: ['2001:db8:1::1', '2001:db8:1::/64', '2600::1', '2600::/16', 'fd00::/8'],
} as const;

const LARGE = { 4: ['10.0.0.0/8', '0.0.0.0/1', '8.0.0.0/7'], 6: ['2000::/3', 'fd00::/8'] } as const;
const OWN_NETWORKS = {
  4: [...OWN[4], '10.1.2.0/24', '10.1.3.0/24'],
  6: [...OWN[6], '2001:db8::/64', '2001:db8:7::/64'],
} as const;

export const INTERFACES = ['eth0', 'eth1', 'eth7', 'wg0', 'zz9'] as const;
export const PORTS = [22, 80, 443, 8080] as const;
export const SOURCE_PORTS = [53, 1023, 1024, 40000] as const;
/** Echo requests, and another type that begins a connection or that conntrack leaves alone. */
export const TYPES = { 4: [8, 13], 6: [128, 130] } as const;

const known = new Map<string, boolean>();

/** Whether an address is in a network, or is it. */
export function isIn(address: string, network: string): boolean {
  const key = `${address} ${network}`;
  let is = known.get(key);
  if (is === undefined) {
    is = address.includes(':') === network.includes(':') && isBetween(address, network);
    known.set(key, is);
  }
  return is;
}

function isBetween(address: string, network: string): boolean {
  const [one, all] = [parseAddressRange(address), parseAddressRange(network)];
  return one !== undefined && all !== undefined && all.lo <= one.lo && one.hi <= all.hi;
}

/** A role of the deployment. */
export interface Role {
  /** `unbound`: some address. */
  readonly addresses: readonly string[] | 'unbound' | 'internet';
  readonly on: string | undefined;
}

/** A row about the host: one end is the host, the other one a role of the site, anybody or the Internet. */
export interface Row {
  readonly id: string;
  readonly direction: Direction;
  readonly peer: 'r0' | 'r1' | 'r2' | 'any' | 'internet';
  readonly traffic:
    | {
        readonly protocols: readonly ('tcp' | 'udp')[];
        readonly ports: readonly number[];
        readonly choice: readonly number[];
        readonly sourcePorts: readonly number[] | undefined;
      }
    | { readonly icmp: Family; readonly types: readonly number[] };
  readonly level: 'required' | 'optional' | 'prohibited';
  readonly family: Family | undefined;
}

/** What a rule asks for, or for what it does not. */
export interface Negatable {
  readonly value: string;
  readonly negated: boolean;
}

/** A rule of iptables or ip6tables. */
export interface Rule {
  readonly chain: 'INPUT' | 'OUTPUT' | 'user';
  /** The other end: the source of what comes in, and the destination of what goes out. In the user's chain it is the source. */
  readonly remote: Negatable | undefined;
  readonly own: Negatable | undefined;
  readonly device: Negatable | undefined;
  readonly protocol: 'tcp' | 'udp' | 'icmp' | undefined;
  readonly ports: readonly [number, number] | undefined;
  readonly sourcePorts: readonly [number, number] | undefined;
  readonly type: number | undefined;
  /** A match of which only the kernel knows what it says. */
  readonly unknown: string | undefined;
  readonly target: 'ACCEPT' | 'DROP' | 'user' | 'RETURN';
}

export interface Site {
  readonly families: readonly Family[];
  readonly twoAddresses: boolean;
  readonly roles: readonly Role[];
  readonly rows: readonly Row[];
  readonly closed: { readonly in: boolean; readonly out: boolean };
  readonly rules: Readonly<Record<Family, readonly Rule[]>>;
  readonly policies: { readonly INPUT: 'ACCEPT' | 'DROP'; readonly OUTPUT: 'ACCEPT' | 'DROP' };
}

/** One in so many times nothing. */
export const sometimes = <T>(one: fc.Arbitrary<T>, of: number): fc.Arbitrary<T | undefined> =>
  fc.option(one, { nil: undefined, freq: of });

const addresses = fc.uniqueArray(fc.constantFrom(...NETWORKS[4], ...NETWORKS[6]), {
  minLength: 1,
  maxLength: 2,
});

const role: fc.Arbitrary<Role> = fc
  .record({
    addresses: fc.oneof(
      { weight: 4, arbitrary: addresses },
      { weight: 1, arbitrary: fc.constant('unbound' as const) },
      { weight: 1, arbitrary: fc.constant('internet' as const) },
    ),
    on: fc.constantFrom(undefined, undefined, undefined, undefined, 'eth0', 'wg0'),
  })
  .map((made) => (made.addresses === 'internet' ? { ...made, on: undefined } : made));

const ports = fc
  .tuple(fc.shuffledSubarray([...PORTS]), fc.constantFrom(1, 1, 2), fc.constantFrom(0, 0, 0, 2))
  .map(([some, count, choice]) => {
    const all = [...some, ...PORTS.filter((port) => !some.includes(port))];
    return { ports: all.slice(0, count), choice: all.slice(count, count + choice) };
  });

const connections = fc
  .record({
    protocols: fc.constantFrom<readonly ('tcp' | 'udp')[]>(['tcp'], ['tcp'], ['udp'], ['tcp', 'udp']),
    ports,
    sourcePorts: fc.constantFrom(undefined, undefined, undefined, undefined, [53], [1023, 1024]),
  })
  .map(({ ports: numbers, ...rest }) => ({ ...numbers, ...rest }));

const messages = fc.constantFrom<Family>(4, 6).chain((icmp) =>
  fc.record({
    icmp: fc.constant(icmp),
    types: fc.uniqueArray(fc.constantFrom(...TYPES[icmp]), { minLength: 1 }),
  }),
);

const row = (id: string): fc.Arbitrary<Row> =>
  fc
    .record({
      id: fc.constant(id),
      direction: fc.constantFrom<Direction>('in', 'in', 'out'),
      peer: fc.constantFrom<Row['peer']>('r0', 'r1', 'r2', 'r0', 'r1', 'r2', 'any', 'internet'),
      traffic: fc.oneof({ weight: 5, arbitrary: connections }, { weight: 1, arbitrary: messages }),
      level: fc.constantFrom<Row['level']>('required', 'required', 'required', 'optional', 'prohibited'),
      family: fc.constantFrom<Family | undefined>(undefined, undefined, undefined, undefined, 4, 6),
    })
    .map((made) => {
      const { traffic, level } = made;
      if ('icmp' in traffic) return { ...made, family: undefined };
      // A prohibition has no choice.
      return level === 'prohibited' ? { ...made, traffic: { ...traffic, choice: [] } } : made;
    });

export const negatable = (values: readonly string[]): fc.Arbitrary<Negatable> =>
  fc.record({ value: fc.constantFrom(...values), negated: fc.constantFrom(false, false, false, true) });

const rule = (family: Family, hasUser: boolean): fc.Arbitrary<Rule> =>
  fc
    .record({
      chain: fc.constantFrom<Rule['chain']>('INPUT', 'INPUT', 'OUTPUT', hasUser ? 'user' : 'INPUT'),
      remote: sometimes(negatable([...NETWORKS[family], ...LARGE[family]]), 2),
      own: sometimes(negatable(OWN_NETWORKS[family]), 4),
      device: sometimes(negatable(['eth0', 'eth1', 'wg0', 'eth+']), 3),
      protocol: fc.constantFrom('tcp', 'tcp', 'tcp', 'udp', 'icmp', undefined),
      ports: sometimes(
        fc.constantFrom<[number, number]>([22, 22], [80, 443], [443, 443], [0, 1023], [22, 80], [80, 8080]),
        6,
      ),
      sourcePorts: sometimes(fc.constantFrom<[number, number]>([1024, 65535], [0, 1023]), 8),
      type: sometimes(fc.constantFrom(...TYPES[family]), 3),
      unknown: sometimes(fc.constantFrom('-m recent --name a --rcheck', '-m limit --limit 3/min'), 12),
      target: fc.constantFrom<Rule['target']>('ACCEPT', 'ACCEPT', 'ACCEPT', 'DROP', 'user'),
    })
    .map(({ chain, target, ...made }) => {
      const other = chain === 'user' ? 'RETURN' : hasUser ? 'user' : 'DROP';
      const isPort = made.protocol === 'tcp' || made.protocol === 'udp';
      return {
        ...made,
        chain,
        target: target === 'user' ? other : target,
        ports: isPort ? made.ports : undefined,
        sourcePorts: isPort ? made.sourcePorts : undefined,
        type: made.protocol === 'icmp' ? made.type : undefined,
      };
    });

const rules = (family: Family): fc.Arbitrary<readonly Rule[]> =>
  fc.boolean().chain((hasUser) => fc.array(rule(family, hasUser), { maxLength: 9 }));

const policy = fc.constantFrom<'ACCEPT' | 'DROP'>('DROP', 'DROP', 'DROP', 'ACCEPT');

/** Random sites. */
export const sites: fc.Arbitrary<Site> = fc.record({
  families: fc.constantFrom<readonly Family[]>([4], [6], [4, 6], [4, 6]),
  twoAddresses: fc.boolean(),
  roles: fc.tuple(role, role, role),
  rows: fc.tuple(row('first'), row('second'), row('third'), row('fourth')),
  closed: fc.constantFrom({ in: true, out: true }, { in: true, out: false }, { in: false, out: true }),
  rules: fc.record({ 4: rules(4), 6: rules(6) }),
  policies: fc.record({ INPUT: policy, OUTPUT: policy }),
});

/** The addresses that the host has in a family. */
export function ownAddresses({ twoAddresses }: Site, family: Family): readonly string[] {
  return OWN[family].slice(0, twoAddresses ? 2 : 1);
}
