import type { GroupMembers } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import { badAddress } from '../exports/problems.ts';
import type { AwsContent, NetworkInterface, Placed } from './content.ts';
import { regionOfZone } from './regions.ts';
import { unique } from './unique.ts';

/** An interface with what guards it. */
export interface Interface {
  readonly id: string;
  /** The number of the account that it is of. */
  readonly owner: string | undefined;
  readonly groups: readonly string[];
  readonly subnet: string | undefined;
  readonly vpc: string | undefined;
  /** Where the export says it. */
  readonly region: string | undefined;
  readonly instance: string | undefined;
  readonly addresses: GroupMembers;
  /** The family that the interface has no address of, where the export says so. */
  readonly lacks: 4 | 6 | undefined;
  /** Families of which the export says no address where it may have some. */
  readonly unsaid: readonly (4 | 6)[];
  /** Lists of addresses that the export does not have of it. */
  readonly leftOut: readonly string[];
  readonly span: Span;
}

/**
 * Interfaces of their own export, and those that only instances name.
 * @param ownerOf the account of the groups that an interface carries, where the export does not say its own
 */
export function interfacesOf(
  contents: readonly AwsContent[],
  errors: Diagnostic[],
  ownerOf: OwnerOf,
): Record<'listed' | 'named', Interface[]> {
  const own = contents.flatMap((content) => content.interfaces);
  const named = contents.flatMap((content) =>
    content.instances.flatMap(({ value, json, region }) =>
      (value.NetworkInterfaces ?? []).map((one) => ({
        json,
        value: { ...one, Attachment: { InstanceId: value.InstanceId } },
        region: region ?? regionOfZone(value.Placement?.AvailabilityZone),
        at: one,
      })),
    ),
  );
  const exported = unique(own, (one) => one.NetworkInterfaceId, 'the network interface', errors);
  const known = new Set(exported.map(({ value }) => value.NetworkInterfaceId));
  const rest = named.filter(({ value }) => !known.has(value.NetworkInterfaceId));
  return {
    listed: exported.map((one) => interfaceOf(one, one.json.place(one.value), ownerOf, errors)),
    named: rest.map((one) => interfaceOf(one, one.json.place(one.at), ownerOf, errors)),
  };
}

type OwnerOf = (groups: readonly string[]) => string | undefined;

function interfaceOf(
  { value, region }: Placed<NetworkInterface>,
  place: Span,
  ownerOf: OwnerOf,
  errors: Diagnostic[],
): Interface {
  const id = value.NetworkInterfaceId;
  const texts = [
    value.PrivateIpAddress,
    ...(value.PrivateIpAddresses ?? []).map((one) => one.PrivateIpAddress),
    ...(value.Ipv6Addresses ?? []).map((one) => one.Ipv6Address),
    ...(value.Ipv4Prefixes ?? []).map((one) => one.Ipv4Prefix),
    ...(value.Ipv6Prefixes ?? []).map((one) => one.Ipv6Prefix),
  ];
  const groups = (value.Groups ?? []).map(({ GroupId }) => GroupId).sort();
  const addresses = new AddressGatherer();
  // The primary address stands twice.
  for (const text of new Set(texts))
    if (text !== undefined && text !== null && !addresses.add(text)) errors.push(badAddress(text, place));
  return {
    id,
    owner: value.OwnerId ?? ownerOf(groups),
    groups,
    subnet: value.SubnetId ?? undefined,
    vpc: value.VpcId ?? undefined,
    region: region ?? regionOfZone(value.AvailabilityZone),
    instance: value.Attachment?.InstanceId || undefined,
    addresses: addresses.members,
    lacks: lackedIn(value, addresses.members),
    unsaid: unsaidOf(value),
    leftOut: (['PrivateIpAddresses', 'Ipv6Addresses'] as const).filter((name) => !value[name]),
    span: { ...place, label: id },
  };
}

/** The command prints both lists of an interface's addresses always, empty ones too; a query may leave one out. */
function lackedIn(value: NetworkInterface, { ipv4, ipv6 }: GroupMembers): 4 | 6 | undefined {
  if (ipv4.length > 0 && ipv6.length === 0 && value.Ipv6Addresses?.length === 0) return 6;
  return ipv4.length === 0 && ipv6.length > 0 && value.PrivateIpAddresses?.length === 0 ? 4 : undefined;
}

/**
 * Families of which a query left all addresses out. An interface of which one address is given has those that are given, which is told:
 * examples in the reference, and exports of old, have no list that would be empty.
 */
function unsaidOf({ PrivateIpAddress, PrivateIpAddresses, Ipv6Addresses }: NetworkInterface): (4 | 6)[] {
  if (PrivateIpAddress || PrivateIpAddresses || (Ipv6Addresses ?? []).length > 0) return [];
  return Ipv6Addresses ? [4] : [4, 6];
}
