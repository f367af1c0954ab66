import { type Random, randomOf } from './random.ts';

/** How large an account is to be. */
export interface AccountSize {
  readonly groups: number;
  /** Rules in all: ranges and references, each a rule as AWS counts them. */
  readonly rules: number;
  readonly interfaces: number;
}

/** The exports of an account, as `aws ec2 describe-security-groups` and `describe-network-interfaces` print them. */
export interface AccountFiles {
  readonly groups: string;
  readonly interfaces: string;
}

const PORTS = [22, 80, 123, 389, 443, 1433, 3306, 3389, 4001, 5432, 5500, 5577, 6379, 8080, 8443, 9100];
const TEAMS = ['billing', 'registry', 'ops', 'backup', 'monitoring', 'partner', 'audit', 'ci'];
/** Of so many rules one names a group in place of a range. */
const REFERENCE_EVERY = 8;

/**
 * An account in which most interfaces carry a group of their service and one that many share.
 *
 * @param seed the same seed and size give the same text
 */
export function accountFiles(size: AccountSize, seed: number): AccountFiles {
  const random = randomOf(seed + size.rules);
  const each = size.rules / size.groups;
  const groups = Array.from({ length: size.groups }, (_, i) =>
    groupOf(i, size.groups, Math.round((i + 1) * each) - Math.round(i * each), random),
  );
  const interfaces = Array.from({ length: size.interfaces }, (_, i) => interfaceOf(i, size.groups, random));
  return {
    groups: `${JSON.stringify({ SecurityGroups: groups }, null, 1)}\n`,
    interfaces: `${JSON.stringify({ NetworkInterfaces: interfaces }, null, 1)}\n`,
  };
}

const idOf = (kind: string, number: number): string => `${kind}-${number.toString(16).padStart(17, '0')}`;

function groupOf(index: number, groups: number, rules: number, random: Random): object {
  const permissions: object[] = [];
  for (let left = rules - 1; left > 0; ) {
    const ranges = Math.min(left, 1 + random.below(4));
    left -= ranges;
    permissions.push(permissionOf(ranges, groups, random));
  }
  return {
    GroupId: idOf('sg', index),
    IpPermissionsEgress: [
      {
        IpProtocol: '-1',
        UserIdGroupPairs: [],
        IpRanges: [{ CidrIp: '0.0.0.0/0' }],
        Ipv6Ranges: [],
        PrefixListIds: [],
      },
    ],
    VpcId: 'vpc-0123456789abcdef0',
    OwnerId: '123456789012',
    GroupName: `${random.pick(TEAMS)}-${index}`,
    Description: 'made by the benchmark',
    IpPermissions: permissions,
  };
}

function permissionOf(ranges: number, groups: number, random: Random): object {
  const from = random.chance(70) ? random.pick(PORTS) : 1024 + random.below(60_000);
  const to = random.chance(85) ? from : from + random.below(100);
  const references = random.below(REFERENCE_EVERY) === 0 ? ranges : 0;
  const pair = (): object => ({ UserId: '123456789012', GroupId: idOf('sg', random.below(groups)) });
  const range = (): object => ({
    CidrIp: network(random),
    Description: `${random.pick(TEAMS)}: ticket ${10_000 + random.below(90_000)}`,
  });
  return {
    IpProtocol: random.chance(85) ? 'tcp' : 'udp',
    FromPort: from,
    ToPort: to,
    UserIdGroupPairs: Array.from({ length: references }, pair),
    IpRanges: Array.from({ length: ranges - references }, range),
    Ipv6Ranges: [],
    PrefixListIds: [],
  };
}

function network(random: Random): string {
  const third = `10.${random.below(256)}.${random.below(256)}`;
  return random.chance(70) ? `${third}.${1 + random.below(254)}/32` : `${third}.0/24`;
}

function interfaceOf(index: number, groups: number, random: Random): object {
  const own = index % groups;
  const shared = Math.floor(own / 50) * 50;
  const carried = [...new Set(random.chance(5) ? [own, random.below(groups)] : [own, shared])];
  const address = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
  return {
    Attachment: {
      AttachmentId: idOf('eni-attach', index),
      DeviceIndex: 0,
      InstanceId: idOf('i', index),
      Status: 'attached',
    },
    AvailabilityZone: 'eu-north-1a',
    Description: '',
    Groups: carried.map((one) => ({ GroupId: idOf('sg', one) })),
    InterfaceType: 'interface',
    Ipv6Addresses: [],
    NetworkInterfaceId: idOf('eni', index),
    OwnerId: '123456789012',
    PrivateIpAddress: address,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: address }],
    Status: 'in-use',
    SubnetId: idOf('subnet', index >> 8),
    TagSet: [],
    VpcId: 'vpc-0123456789abcdef0',
  };
}
