import type { Json, JsonObject, LocatedJson } from '../exports/located.ts';
import type { Span } from '../../text/source.ts';
import type { InventoryPlace } from './regions.ts';

/** An object of an export and where it stands. */
export interface Placed<T = JsonObject> {
  readonly value: T;
  readonly json: LocatedJson;
  /** The region, where the file says it beside. */
  readonly region?: string | undefined;
}

/** What one file, or all files of an account, have, by kind. */
export interface AwsContent {
  readonly groups: readonly Placed<SecurityGroup>[];
  readonly rules: readonly Placed<SecurityGroupRule>[];
  readonly interfaces: readonly Placed<NetworkInterface>[];
  readonly prefixLists: readonly Placed<PrefixList>[];
  /** Entries of a prefix list; `list` where the file says of which. */
  readonly entries: readonly Placed<{
    readonly list: string | undefined;
    readonly entries: readonly Entry[];
    /** It is a page, and says that another follows. */
    readonly followed: boolean;
  }>[];
  readonly acls: readonly Placed<NetworkAcl>[];
  readonly subnets: readonly Placed<Subnet>[];
  readonly vpcs: readonly Placed<Vpc>[];
  readonly instances: readonly Placed<Instance>[];
  /** Whether interfaces were exported at all: an empty list says that there are none. */
  readonly hasInterfaces: boolean;
  /** Whether all kinds of them were, and not only those of instances. */
  readonly hasAllInterfaces: boolean;
  readonly hasAcls: boolean;
  /** Of which regions its lists of interfaces are, where an inventory says it; undefined of an empty one that may be of any. */
  readonly interfacePlaces: readonly (InventoryPlace | undefined)[];
}

type Text = string | null;

export interface SecurityGroup {
  readonly GroupId: string;
  readonly GroupName?: Text;
  readonly OwnerId?: Text;
  readonly VpcId?: Text;
  readonly SecurityGroupArn?: Text;
  readonly IpPermissions?: readonly IpPermission[] | null;
  readonly IpPermissionsEgress?: readonly IpPermission[] | null;
}

/** A list that is null (some tools write so what they have not read) is taken to be left out. */
export interface IpPermission {
  readonly IpProtocol: string | number;
  readonly FromPort?: number | null;
  readonly ToPort?: number | null;
  readonly IpRanges?: readonly { readonly CidrIp: string }[] | null;
  readonly Ipv6Ranges?: readonly { readonly CidrIpv6: string }[] | null;
  readonly PrefixListIds?: readonly { readonly PrefixListId: string }[] | null;
  readonly UserIdGroupPairs?: readonly GroupReference[] | null;
}

export interface GroupReference {
  readonly GroupId?: Text;
  readonly GroupName?: Text;
  readonly UserId?: Text;
  readonly VpcId?: Text;
  readonly VpcPeeringConnectionId?: Text;
  readonly PeeringStatus?: Text;
}

export interface SecurityGroupRule {
  readonly GroupId: string;
  readonly GroupOwnerId?: Text;
  readonly SecurityGroupRuleArn?: Text;
  readonly IsEgress: boolean;
  readonly IpProtocol: string | number;
  readonly FromPort?: number | null;
  readonly ToPort?: number | null;
  readonly CidrIpv4?: Text;
  readonly CidrIpv6?: Text;
  readonly PrefixListId?: Text;
  readonly ReferencedGroupInfo?: GroupReference | null;
}

export interface NetworkInterface {
  readonly NetworkInterfaceId: string;
  readonly OwnerId?: Text;
  readonly SubnetId?: Text;
  readonly VpcId?: Text;
  readonly AvailabilityZone?: Text;
  readonly PrivateIpAddress?: Text;
  readonly PrivateIpAddresses?: readonly { readonly PrivateIpAddress?: Text }[] | null;
  readonly Ipv6Addresses?: readonly { readonly Ipv6Address?: Text }[] | null;
  readonly Ipv4Prefixes?: readonly { readonly Ipv4Prefix?: Text }[] | null;
  readonly Ipv6Prefixes?: readonly { readonly Ipv6Prefix?: Text }[] | null;
  readonly Groups?: readonly { readonly GroupId: string; readonly GroupName?: Text }[] | null;
  readonly Attachment?: { readonly InstanceId?: Text } | null;
}

export interface PrefixList {
  readonly PrefixListId: string;
  readonly PrefixListName?: Text;
  readonly AddressFamily?: Text;
  /** `describe-prefix-lists` has the networks of the provider's own lists. */
  readonly Cidrs?: readonly string[] | null;
}

export interface Entry {
  readonly Cidr?: Text;
}

export interface NetworkAcl {
  readonly NetworkAclId: string;
  readonly Associations?: readonly { readonly SubnetId?: Text }[] | null;
  readonly Entries: readonly AclEntry[];
  readonly IsDefault?: boolean | null;
  readonly VpcId?: Text;
}

export interface AclEntry {
  readonly CidrBlock?: Text;
  readonly Ipv6CidrBlock?: Text;
  readonly Egress: boolean;
  readonly IcmpTypeCode?: { readonly Code?: number; readonly Type?: number } | null;
  readonly PortRange?: { readonly From?: number; readonly To?: number } | null;
  readonly Protocol: string | number;
  readonly RuleAction: 'allow' | 'deny';
  readonly RuleNumber: number;
}

export interface Vpc {
  readonly VpcId: string;
  /** The primary network: where the resolver is. */
  readonly CidrBlock?: Text;
}

export interface Subnet {
  readonly SubnetId: string;
  readonly VpcId?: Text;
  readonly CidrBlock?: Text;
  readonly Ipv6CidrBlockAssociationSet?:
    | readonly {
        readonly Ipv6CidrBlock?: Text;
        readonly Ipv6CidrBlockState?: { readonly State?: Text } | null;
      }[]
    | null;
}

export interface Instance {
  readonly InstanceId: string;
  readonly Placement?: { readonly AvailabilityZone?: Text } | null;
  readonly NetworkInterfaces?: readonly NetworkInterface[] | null;
}

/** The span of an object, with what a report shows of it: JSON's own lines say little. */
export function labelled(json: LocatedJson, object: object, label: string): Span {
  return { ...json.place(object), label };
}

/** The objects of a list that stands under a name. */
export function itemsOf<T>(
  json: LocatedJson,
  list: Json | undefined,
  regionOf: (item: object) => string | undefined,
): Placed<T>[] {
  return Array.isArray(list)
    ? list.map((value) => ({ value: value as T, json, region: regionOf(value as object) }))
    : [];
}
