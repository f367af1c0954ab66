import fc from 'fast-check';
import type { InputFile } from '../../../src/api.ts';
import type { Account, Entry, Group, Interface, Permission } from '../brute/aws.ts';

export const NETWORKS = [
  '0.0.0.0/0',
  '0.0.0.0/1',
  '128.0.0.0/1',
  '10.0.0.0/8',
  '10.0.0.0/24',
  '10.0.1.0/28',
  '10.0.0.128/28',
  '203.0.113.7/32',
];
export const NETWORKS6 = ['::/0', '2001:db8::/32', '2001:db8:0:1::/64', '2001:db8:0:1::5/128'];
const GROUPS = ['sg-1', 'sg-2', 'sg-3'];
/** `sg-9` is of another account. */
export const REFERENCES = [...GROUPS, 'sg-9'];
const GIVEN_LIST = 'pl-0123456789abcdef0';
const LISTS = [GIVEN_LIST, 'pl-0fedcba9876543210'];
export const PORTS = [0, 21, 22, 23, 80, 443, 1023, 1024, 65535];

const some = <T>(of: readonly T[], maxLength = 2): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fc.constantFrom(...of), { maxLength });
const range = fc
  .tuple(fc.constantFrom(...PORTS), fc.constantFrom(...PORTS))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
const icmp = fc.constantFrom([-1, -1], [8, -1], [8, 0], [3, 4], [128, -1]);

/** Protocol with ports or type and code as both kinds of rules have them; GRE's are nothing. */
const traffic = fc.oneof(
  fc.record({ protocol: fc.constant('-1'), pair: fc.constant(undefined) }),
  fc.record({ protocol: fc.constantFrom('tcp', 'udp'), pair: fc.option(range, { nil: [-1, -1], freq: 4 }) }),
  fc.record({ protocol: fc.constantFrom('icmp', 'icmpv6'), pair: icmp }),
  fc.record({ protocol: fc.constantFrom('47', '50'), pair: fc.option(range, { nil: undefined }) }),
);

const permission: fc.Arbitrary<Permission> = fc
  .record({
    traffic,
    four: some(NETWORKS),
    six: some(NETWORKS6, 1),
    lists: some(LISTS, 1),
    references: some(REFERENCES, 1),
  })
  .map(({ traffic: { protocol, pair }, four, six, lists, references }) => ({
    IpProtocol: protocol,
    ...(pair === undefined ? {} : { FromPort: pair[0] as number, ToPort: pair[1] as number }),
    IpRanges: four.map((CidrIp) => ({ CidrIp })),
    Ipv6Ranges: six.map((CidrIpv6) => ({ CidrIpv6 })),
    PrefixListIds: lists.map((PrefixListId) => ({ PrefixListId })),
    UserIdGroupPairs: references.map((GroupId) => ({ GroupId, UserId: '123456789012' })),
  }));

const permissions = fc.array(permission, { maxLength: 3 });
const group = (GroupId: string): fc.Arbitrary<Group> =>
  fc.record({ GroupId: fc.constant(GroupId), IpPermissions: permissions, IpPermissionsEgress: permissions });

const NUMBERS: Readonly<Record<string, string>> = { tcp: '6', udp: '17', icmp: '1', icmpv6: '58' };

const entry: fc.Arbitrary<Entry> = fc
  .record({
    RuleNumber: fc.integer({ min: 1, max: 9 }),
    Egress: fc.boolean(),
    RuleAction: fc.constantFrom('allow' as const, 'deny' as const),
    traffic,
    cidr: fc.constantFrom(...NETWORKS, ...NETWORKS6),
  })
  .map(({ traffic: { protocol, pair }, cidr, ...rest }) => ({
    ...rest,
    Protocol: NUMBERS[protocol] ?? protocol,
    ...(cidr.includes(':') ? { Ipv6CidrBlock: cidr } : { CidrBlock: cidr }),
    ...(pair === undefined
      ? {}
      : protocol.startsWith('icmp')
        ? { IcmpTypeCode: { Type: pair[0] as number, Code: pair[1] as number } }
        : { PortRange: { From: pair[0] as number, To: pair[1] as number } }),
  }));

/** Numbers are used once in a direction; two entries of one number are no ACL. */
const entries = fc.uniqueArray(entry, {
  maxLength: 6,
  selector: ({ RuleNumber, Egress }) => `${RuleNumber} ${Egress}`,
});

const SUBNETS = [
  ['subnet-1', ['10.0.0.0/24', '2001:db8:0:1::/64']],
  ['subnet-2', ['10.0.1.0/28']],
] as const;

const INTERFACES = [
  ['subnet-1', ['10.0.0.5', '2001:db8:0:1::5']],
  // A prefix is delegated to it: all of its addresses are the interface’s.
  ['subnet-1', ['10.0.0.6', '10.0.0.128/28', '2001:db8:0:1:5::/80']],
  ['subnet-2', ['10.0.1.5', '10.0.1.9']],
] as const;

const interfaces: fc.Arbitrary<Interface[]> = fc
  .tuple(...INTERFACES.map(() => fc.uniqueArray(fc.constantFrom(...GROUPS), { minLength: 1, maxLength: 2 })))
  .map((carried) =>
    INTERFACES.map(([subnet, addresses], i) => ({
      subnet,
      addresses,
      groups: [...(carried[i] ?? [])].sort(),
    })),
  );

export const account: fc.Arbitrary<Account> = fc
  .record({
    groups: fc.tuple(...GROUPS.map(group)),
    interfaces: fc.option(interfaces, { nil: undefined, freq: 2 }),
    acls: fc.tuple(entries, entries),
    list: some([...NETWORKS, ...NETWORKS6], 3),
  })
  .map(({ groups, interfaces: carried, acls, list }) => ({
    groups,
    interfaces: carried,
    lists: { [GIVEN_LIST]: list },
    // Without interfaces nobody knows the subnet of a group.
    subnets:
      carried === undefined
        ? {}
        : Object.fromEntries(SUBNETS.map(([id, cidrs], i) => [id, { cidrs, entries: acls[i] ?? [] }])),
  }));

/** The account as the `aws ec2` commands print it. */
export function exportsOf({ groups, interfaces: carried, lists, subnets }: Account): InputFile[] {
  const file = (path: string, value: unknown): InputFile => ({
    path,
    bytes: Buffer.from(JSON.stringify(value)),
  });
  const files = [file('groups.json', { SecurityGroups: groups })];
  for (const [id, cidrs] of Object.entries(lists))
    files.push(file(`${id}.json`, { Entries: cidrs.map((Cidr) => ({ Cidr })) }));
  if (carried === undefined) return files;
  const exported = carried.map(({ addresses, groups: own, subnet }, i) => ({
    NetworkInterfaceId: `eni-${i}`,
    Attachment: { InstanceId: `i-${i}` },
    SubnetId: subnet,
    Groups: own.map((GroupId) => ({ GroupId })),
    PrivateIpAddresses: addresses
      .filter((one) => !/[:/]/.test(one))
      .map((PrivateIpAddress) => ({ PrivateIpAddress })),
    Ipv6Addresses: addresses
      .filter((one) => one.includes(':') && !one.includes('/'))
      .map((Ipv6Address) => ({ Ipv6Address })),
    Ipv4Prefixes: addresses.filter((one) => /^[^:]*\//.test(one)).map((Ipv4Prefix) => ({ Ipv4Prefix })),
    Ipv6Prefixes: addresses.filter((one) => /:.*\//.test(one)).map((Ipv6Prefix) => ({ Ipv6Prefix })),
  }));
  const named = Object.entries(subnets);
  const described = named.map(([SubnetId, { cidrs }]) => ({
    SubnetId,
    CidrBlock: cidrs.find((cidr) => !cidr.includes(':')),
    Ipv6CidrBlockAssociationSet: cidrs
      .filter((cidr) => cidr.includes(':'))
      .map((Ipv6CidrBlock) => ({ Ipv6CidrBlock })),
  }));
  const acls = named.map(([SubnetId, { entries: list }], i) => ({
    NetworkAclId: `acl-${i}`,
    Associations: [{ SubnetId }],
    Entries: list,
  }));
  return [
    ...files,
    file('interfaces.json', { NetworkInterfaces: exported }),
    file('subnets.json', { Subnets: described }),
    file('acls.json', { NetworkAcls: acls }),
  ];
}

/** Who is asked about: each set of groups at each address that carries it, or each group by itself. */
export function places({ interfaces: carried }: Account): { groups: readonly string[]; own: string }[] {
  if (carried === undefined)
    return GROUPS.flatMap((one) => ['10.0.0.5', '2001:db8:0:1::5'].map((own) => ({ groups: [one], own })));
  // Of a prefix its first address.
  return carried.flatMap(({ groups, addresses }) =>
    addresses.map((own) => ({ groups, own: own.replace(/\/.*/, '') })),
  );
}
