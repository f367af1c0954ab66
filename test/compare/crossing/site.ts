import fc from 'fast-check';
import { type Negatable, negatable, sometimes } from '../sites/site.ts';

/** A random firewall between zones, in which every packet that rules and rows can tell apart is enumerated. */
export const ADDRESSES = [
  '10.1.0.5',
  '10.1.0.6',
  '10.1.0.99',
  '10.2.0.10',
  '10.2.0.11',
  '10.2.0.99',
  '10.3.0.7',
  '192.168.9.9',
  '9.9.9.9',
  '150.1.1.1',
];
export const INTERFACES = ['eth0', 'eth1', 'eth2', 'zz9'];
export const PORTS = [22, 80, 443];
export const SOURCE_PORTS = [1023, 40000];

/** A role: addresses, on interfaces or nobody knows where. */
export interface Role {
  readonly addresses: readonly string[];
  readonly on: readonly string[] | undefined;
}

export type RoleName = 'r0' | 'r1' | 'r2';

export interface Row {
  readonly id: string;
  readonly source: RoleName | 'any';
  readonly destination: RoleName | 'any';
  readonly protocol: 'tcp' | 'udp';
  readonly ports: readonly number[];
  readonly choice: readonly number[];
  readonly level: 'required' | 'optional' | 'prohibited';
}

export interface Rule {
  readonly chain: 'FORWARD' | 'user';
  readonly source: Negatable | undefined;
  readonly destination: Negatable | undefined;
  readonly comes: Negatable | undefined;
  readonly leaves: Negatable | undefined;
  readonly protocol: 'tcp' | 'udp' | undefined;
  readonly ports: readonly [number, number] | undefined;
  readonly unknown: string | undefined;
  readonly target: 'ACCEPT' | 'DROP' | 'user' | 'RETURN';
}

export interface Site {
  readonly roles: readonly Role[];
  readonly rows: readonly Row[];
  readonly protects: readonly RoleName[];
  readonly closed: { readonly forward: boolean; readonly in: boolean; readonly out: boolean };
  readonly rules: readonly Rule[];
  readonly policy: 'ACCEPT' | 'DROP';
}

const ROLES = ['r0', 'r1', 'r2'] as const;

const role = (networks: readonly string[], on: readonly (readonly string[])[]): fc.Arbitrary<Role> =>
  fc.record({
    addresses: fc.uniqueArray(fc.constantFrom(...networks), { minLength: 1, maxLength: 2 }),
    on: sometimes(fc.constantFrom(...on), 4),
  });

const ends = fc.constantFrom<Row['source']>('r0', 'r1', 'r2', 'any');

const row = (id: string): fc.Arbitrary<Row> =>
  fc
    .record({
      source: ends,
      destination: ends,
      protocol: fc.constantFrom<Row['protocol']>('tcp', 'tcp', 'udp'),
      ports: fc.shuffledSubarray(PORTS, { minLength: 1, maxLength: 3 }),
      level: fc.constantFrom<Row['level']>('required', 'required', 'required', 'optional', 'prohibited'),
      split: fc.boolean(),
    })
    .map(({ destination, ports, split, ...made }) => {
      // Of three ports two may be a choice; a prohibition has none.
      const hasChoice = split && ports.length > 2 && made.level !== 'prohibited';
      return {
        ...made,
        id,
        destination: made.source === 'any' && destination === 'any' ? 'r1' : destination,
        ports: hasChoice ? ports.slice(0, 1) : ports,
        choice: hasChoice ? ports.slice(1) : [],
      };
    });

const NETWORKS = [
  '10.1.0.5',
  '10.1.0.0/24',
  '10.2.0.0/24',
  '10.2.0.10',
  '10.0.0.0/8',
  '0.0.0.0/1',
  '10.3.0.7',
];
const DEVICES = ['eth0', 'eth1', 'eth2', 'eth+'];

const rule = (hasUser: boolean): fc.Arbitrary<Rule> =>
  fc
    .record({
      chain: fc.constantFrom<Rule['chain']>('FORWARD', 'FORWARD', hasUser ? 'user' : 'FORWARD'),
      source: sometimes(negatable(NETWORKS), 2),
      destination: sometimes(negatable(NETWORKS), 2),
      comes: sometimes(negatable(DEVICES), 2),
      leaves: sometimes(negatable(DEVICES), 2),
      protocol: fc.constantFrom('tcp', 'tcp', 'tcp', 'udp', undefined),
      ports: sometimes(
        fc.constantFrom<[number, number]>([22, 22], [80, 443], [443, 443], [0, 1023], [22, 80]),
        6,
      ),
      unknown: sometimes(fc.constant('-m limit --limit 3/min'), 12),
      target: fc.constantFrom<Rule['target']>('ACCEPT', 'ACCEPT', 'ACCEPT', 'DROP', 'user'),
    })
    .map(({ target, ...made }) => {
      const other = made.chain === 'user' ? 'RETURN' : hasUser ? 'user' : 'DROP';
      const ports = made.protocol === undefined ? undefined : made.ports;
      return { ...made, ports, target: target === 'user' ? other : target };
    });

/** Random sites. */
export const sites: fc.Arbitrary<Site> = fc.record({
  roles: fc.tuple(
    role(['10.1.0.5', '10.1.0.6', '10.1.0.0/24'], [['eth1']]),
    role(['10.2.0.10', '10.2.0.11', '10.2.0.0/24'], [['eth2'], ['eth1']]),
    role(['10.3.0.7', '192.168.9.9'], [['eth0'], ['eth1', 'eth2']]),
  ),
  rows: fc.tuple(row('first'), row('second'), row('third'), row('fourth')),
  protects: fc.shuffledSubarray([...ROLES], { minLength: 1, maxLength: 2 }),
  closed: fc.constantFrom(
    { forward: true, in: false, out: false },
    { forward: true, in: true, out: true },
    { forward: false, in: true, out: false },
    { forward: false, in: false, out: true },
    { forward: false, in: true, out: true },
  ),
  rules: fc.boolean().chain((hasUser) => fc.array(rule(hasUser), { maxLength: 10 })),
  policy: fc.constantFrom('DROP', 'DROP', 'DROP', 'ACCEPT'),
});
