import fc from 'fast-check';
import type { InputFile } from '../../../src/api.ts';
import type { Group, Port, Project, Rule } from '../brute/openstack.ts';

export const NETWORKS = [
  '0.0.0.0/0',
  '0.0.0.0/1',
  '128.0.0.0/1',
  '10.0.0.0/8',
  '10.0.0.0/28',
  '203.0.113.7/32',
];
export const NETWORKS6 = ['::/0', '2001:db8::/32', '2001:db8:0:1::/64'];
const GROUPS = ['sg-1', 'sg-2', 'sg-3'];
/** `sg-9` is of another project. */
export const REFERENCES = [...GROUPS, 'sg-9'];
const LISTS = ['ag-given', 'ag-not-given'];
export const PORTS = [0, 22, 67, 68, 80, 443, 546, 547, 65535];

const some = <T>(of: readonly T[], maxLength = 2): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fc.constantFrom(...of), { maxLength });
const range = fc
  .tuple(fc.constantFrom(...PORTS), fc.constantFrom(...PORTS))
  .map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]);
type Pair = readonly [number | null, number | null];
const ALL: Pair = [null, null];

const traffic: fc.Arbitrary<{ protocol: string | null; pair: Pair }> = fc.oneof(
  fc.constantFrom(null, 'any', 'gre', '50', 'ipip').map((protocol) => ({ protocol, pair: ALL })),
  fc.record({ protocol: fc.constantFrom('tcp', 'udp', '6'), pair: fc.option(range, { nil: ALL, freq: 4 }) }),
  fc.record({
    protocol: fc.constantFrom('icmp', 'icmpv6'),
    pair: fc.constantFrom<Pair>(ALL, [8, null], [8, 0], [3, 4], [0, null], [128, null]),
  }),
);

const remote = fc.oneof(
  fc.constant({}),
  fc.record({ prefix: fc.tuple(fc.constantFrom(...NETWORKS), fc.constantFrom(...NETWORKS6)) }),
  fc.record({ prefix: fc.tuple(fc.constantFrom(...NETWORKS), fc.constantFrom(...NETWORKS6)) }),
  fc.record({ group: fc.constantFrom(...REFERENCES) }),
  fc.record({ list: fc.constantFrom(...LISTS) }),
) as fc.Arbitrary<{ prefix?: [string, string]; group?: string; list?: string }>;

const rule: fc.Arbitrary<Rule> = fc
  .record({
    direction: fc.constantFrom('ingress' as const, 'egress' as const),
    ethertype: fc.constantFrom('IPv4' as const, 'IPv4' as const, 'IPv6' as const),
    traffic,
    remote,
  })
  .map(({ traffic: { protocol, pair }, remote: { prefix, group, list }, ...rest }) => ({
    ...rest,
    protocol,
    port_range_min: pair[0],
    port_range_max: pair[1],
    remote_ip_prefix: prefix?.[rest.ethertype === 'IPv6' ? 1 : 0] ?? null,
    remote_group_id: group ?? null,
    remote_address_group_id: list ?? null,
  }));

const group = (id: string): fc.Arbitrary<Group> =>
  fc.record({
    id: fc.constant(id),
    stateful: fc.constantFrom(true, true, false),
    rules: fc.array(rule, { maxLength: 4 }),
  });

const ADDRESSES = [['10.0.0.5', '2001:db8:0:1::5'], ['10.0.0.6'], ['203.0.113.7']] as const;
const ports: fc.Arbitrary<Port[]> = fc
  .tuple(
    ...ADDRESSES.map((addresses) =>
      fc.record({
        addresses: fc.constant(addresses as readonly string[]),
        pairs: fc.constantFrom([], [], ['10.0.0.0/28'], ['2001:db8::/32']),
        groups: fc.uniqueArray(fc.constantFrom(...GROUPS), { minLength: 1, maxLength: 2 }),
        security: fc.constantFrom(true, true, true, false),
      }),
    ),
  )
  // Port security cannot be switched off while there are groups.
  .map((list) => list.map((port) => ({ ...port, groups: port.security ? [...port.groups].sort() : [] })));

export const project: fc.Arbitrary<Project> = fc.record({
  groups: fc.tuple(...GROUPS.map(group)),
  ports: fc.option(ports, { nil: undefined, freq: 2 }),
  addressGroups: some([...NETWORKS, ...NETWORKS6], 3).map((addresses) => ({ 'ag-given': addresses })),
});

/** The project as the API has it. */
export function exportsOf({ groups, ports: carried, addressGroups }: Project): InputFile[] {
  const file = (path: string, value: unknown): InputFile => ({
    path,
    bytes: Buffer.from(JSON.stringify(value)),
  });
  const exported = groups.map(({ rules, ...rest }) => ({
    ...rest,
    name: `${rest.id}-name`,
    security_group_rules: rules.map((one, i) => ({
      id: `${rest.id}-${i}`,
      security_group_id: rest.id,
      ...one,
    })),
  }));
  const lists = Object.entries(addressGroups).map(([id, addresses]) => ({
    id,
    name: `${id}-name`,
    addresses,
  }));
  const files = [
    file('groups.json', { security_groups: exported }),
    file('lists.json', { address_groups: lists }),
  ];
  return carried === undefined ? files : [...files, file('ports.json', { ports: carried.map(portOf) })];
}

const portOf = ({ addresses, pairs, groups, security }: Port, i: number): object => ({
  id: `port-${i}`,
  name: '',
  mac_address: `fa:16:3e:00:00:0${i}`,
  fixed_ips: addresses.map((ip_address) => ({ subnet_id: 's', ip_address })),
  allowed_address_pairs: pairs.map((ip_address) => ({ ip_address })),
  security_groups: groups,
  port_security_enabled: security,
  device_id: `vm-${i}`,
  device_owner: 'compute:nova',
});

export interface Place {
  readonly groups: readonly string[];
  readonly security: boolean;
  readonly own: string;
}

/** Who is asked about: each port at each of its addresses, or each group by itself. */
export function places({ ports: carried }: Project): Place[] {
  if (carried === undefined)
    return GROUPS.flatMap((one) =>
      ['10.0.0.5', '2001:db8:0:1::5'].map((own) => ({ groups: [one], security: true, own })),
    );
  // A packet cannot name a port without groups; fixtures/clouds/openstack/port-security-disabled does.
  const guarded = carried.filter(({ security }) => security);
  const at = guarded.length > 0 ? guarded : [];
  return at.flatMap(({ groups, security, addresses }) => addresses.map((own) => ({ groups, security, own })));
}
