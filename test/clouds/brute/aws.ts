import { isInside, type Question } from './question.ts';

/*
 * AWS's documented evaluation order, written from its pages alone: slow, plain, and without anything of the product.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
 */

export interface Permission {
  readonly IpProtocol: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
  readonly IpRanges: readonly { readonly CidrIp: string }[];
  readonly Ipv6Ranges: readonly { readonly CidrIpv6: string }[];
  readonly PrefixListIds: readonly { readonly PrefixListId: string }[];
  readonly UserIdGroupPairs: readonly { readonly GroupId: string }[];
}

export interface Group {
  readonly GroupId: string;
  readonly IpPermissions: readonly Permission[];
  readonly IpPermissionsEgress: readonly Permission[];
}

export interface Entry {
  readonly RuleNumber: number;
  readonly Egress: boolean;
  readonly RuleAction: 'allow' | 'deny';
  readonly Protocol: string;
  readonly CidrBlock?: string;
  readonly Ipv6CidrBlock?: string;
  readonly PortRange?: { readonly From: number; readonly To: number };
  readonly IcmpTypeCode?: { readonly Type: number; readonly Code: number };
}

export interface Interface {
  readonly addresses: readonly string[];
  readonly groups: readonly string[];
  readonly subnet: string;
}

export interface Account {
  readonly groups: readonly Group[];
  /** Undefined where they were not exported: nobody knows who is a member of a group. */
  readonly interfaces: readonly Interface[] | undefined;
  /** Networks of prefix lists that were exported. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly subnets: Readonly<
    Record<string, { readonly cidrs: readonly string[]; readonly entries: readonly Entry[] }>
  >;
}

/** "Security groups do not filter" and "network ACLs can't block": link-local services, and the subnet's router and resolver. */
function isReserved(address: string, cidrs: readonly string[]): boolean {
  if (['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::/32'].some((one) => isInside(address, one))) return true;
  return cidrs.some((cidr) => {
    const [a = '', b = '', c = '', d = ''] = (cidr.split('/')[0] ?? '').split('.');
    return [1, 2].some((offset) => address === `${a}.${b}.${c}.${Number(d) + offset}`);
  });
}

const NAMES: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 };

/** -1 is all; TCP and UDP have destination ports, ICMP a type and a code where -1 is all; nothing else has ports. */
function isTraffic(q: Question, protocol: string, from: number, to: number): boolean {
  if (protocol === '-1') return true;
  const number = NAMES[protocol] ?? Number(protocol);
  if (number !== q.protocol) return false;
  if (number === 6 || number === 17) return (from === -1 && to === -1) || (from <= q.dport && q.dport <= to);
  if (number === 1 || number === 58)
    return from === -1 || (from === q.icmpType && (to === -1 || to === q.icmpCode));
  return true;
}

/** A reference means the private addresses of the interfaces that carry the group. */
function isMember(account: Account, q: Question, group: string): boolean {
  const known = account.interfaces !== undefined && account.groups.some(({ GroupId }) => GroupId === group);
  if (!known) return q.peerGroups.includes(group);
  return (account.interfaces ?? []).some(
    ({ groups, addresses }) => groups.includes(group) && addresses.some((one) => isInside(q.peer, one)),
  );
}

function isPermitted(account: Account, q: Question, one: Permission): boolean {
  if (!isTraffic(q, one.IpProtocol, one.FromPort ?? -1, one.ToPort ?? -1)) return false;
  const lists = one.PrefixListIds.map(({ PrefixListId }) => PrefixListId);
  return (
    one.IpRanges.some(({ CidrIp }) => isInside(q.peer, CidrIp)) ||
    one.Ipv6Ranges.some(({ CidrIpv6 }) => isInside(q.peer, CidrIpv6)) ||
    lists.some(
      (id) => account.lists[id]?.some((cidr) => isInside(q.peer, cidr)) ?? q.peerGroups.includes(id),
    ) ||
    one.UserIdGroupPairs.some(({ GroupId }) => isMember(account, q, GroupId))
  );
}

/** The union of the interface's groups; replies pass. */
function passesGroups(account: Account, groups: readonly string[], q: Question): boolean {
  if (q.established) return true;
  const own = account.groups.filter(({ GroupId }) => groups.includes(GroupId));
  const list = own.flatMap((g) => (q.direction === 'ingress' ? g.IpPermissions : g.IpPermissionsEgress));
  return list.some((one) => isPermitted(account, q, one));
}

/** The lowest number that matches decides; without a match, no. It knows no connections, and nothing inside its subnet. */
function passesAcl(account: Account, subnet: string | undefined, q: Question): boolean {
  const acl = account.subnets[subnet ?? ''];
  if (acl === undefined || acl.cidrs.some((cidr) => isInside(q.peer, cidr))) return true;
  const ordered = acl.entries
    .filter(({ Egress }) => Egress === (q.direction === 'egress'))
    .sort((a, b) => a.RuleNumber - b.RuleNumber);
  const first = ordered.find((entry) => {
    const icmp = ['1', '58'].includes(entry.Protocol);
    const from = icmp ? entry.IcmpTypeCode?.Type : entry.PortRange?.From;
    const to = icmp ? entry.IcmpTypeCode?.Code : entry.PortRange?.To;
    return (
      isInside(q.peer, entry.CidrBlock ?? entry.Ipv6CidrBlock ?? '') &&
      isTraffic(q, entry.Protocol, from ?? -1, to ?? -1)
    );
  });
  return first?.RuleAction === 'allow';
}

/** Whether the packet passes the interface with these groups that has the question's own address, and whether AWS looks at it. */
export function askAws(
  account: Account,
  groups: readonly string[],
  q: Question,
): { readonly passes: boolean; readonly unfiltered: boolean } {
  const carrying = (account.interfaces ?? []).filter((one) => one.groups.join() === groups.join());
  const own = carrying.find(({ addresses }) => addresses.some((one) => isInside(q.own, one)));
  // AWS keeps the routers' and resolvers' addresses of all subnets for itself; those where the groups are used are known.
  const cidrs = carrying.flatMap(({ subnet }) => account.subnets[subnet]?.cidrs ?? []);
  const unfiltered = isReserved(q.peer, cidrs);
  const passes = passesGroups(account, groups, q) && passesAcl(account, own?.subnet, q);
  return { passes: unfiltered || passes, unfiltered };
}
