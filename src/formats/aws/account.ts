import { givenTwice, badAddress, problemsOf } from '../exports/problems.ts';
import type { GroupMembers } from '../../rule/ruleset.ts';
import { type Diagnostic, type Result, success } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import { listFamiliesOf, listsOf } from './prefix-lists.ts';
import {
  type AclEntry,
  type AwsContent,
  labelled,
  type NetworkAcl,
  type NetworkInterface,
  type Placed,
  type Subnet,
  type Vpc,
} from './content.ts';
import { type Group, groupsOf } from './groups.ts';
import { type Shown, shownBy } from './shown.ts';

/** An interface with what guards it. */
export interface Interface {
  readonly id: string;
  /** The number of the account that it is of. */
  readonly owner: string | undefined;
  readonly groups: readonly string[];
  readonly subnet: string | undefined;
  readonly vpc: string | undefined;
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

/** A network ACL with its entries, in the order of the export. */
export interface Acl {
  readonly id: string;
  readonly entries: readonly { readonly value: AclEntry; readonly place: Span }[];
  readonly span: Span;
}

/** An account's exports, put together and looked up by id: what is taken of them, so that their JSON need not be kept. */
export interface AwsModel extends Shown {
  readonly groups: ReadonlyMap<string, Group>;
  readonly interfaces: readonly Interface[];
  readonly hasAcls: boolean;
  /** Networks of prefix lists whose entries were given. */
  readonly lists: ReadonlyMap<string, GroupMembers>;
  /** The family of lists, where the export of lists was given. */
  readonly listFamilies: ReadonlyMap<string, 4 | 6>;
  /** The list that guards a subnet. */
  readonly aclOf: ReadonlyMap<string, Acl>;
  readonly subnets: ReadonlyMap<string, Subnet>;
  readonly vpcs: ReadonlyMap<string, Vpc>;
  /** Members' addresses of every group of the account; empty without interfaces. */
  readonly members: ReadonlyMap<string, GroupMembers>;
  /** Groups whose members may have addresses that the export leaves out. */
  readonly unsaid: ReadonlySet<string>;
}

/** Puts the files of one account together. What is given twice must say the same, or one of the two is wrong. */
export function buildModel(contents: readonly AwsContent[]): Result<AwsModel> {
  const errors: Diagnostic[] = [];
  const all = <T>(pick: (content: AwsContent) => readonly T[]): T[] => contents.flatMap(pick);
  const groups = groupsOf(
    unique(
      all((c) => c.groups),
      (group) => group.GroupId,
      'the security group',
      errors,
    ),
    all((c) => c.rules),
    errors,
  );
  const { listed, named } = interfacesOf(contents, errors);
  const interfaces = [...listed, ...named];
  const acls = unique(
    all((c) => c.acls),
    (acl) => acl.NetworkAclId,
    'the network ACL',
    errors,
  );
  const model: AwsModel = {
    groups,
    interfaces,
    hasInterfaces: contents.some((content) => content.hasInterfaces),
    hasAllInterfaces: contents.some((content) => content.hasAllInterfaces),
    hasAcls: contents.some((content) => content.hasAcls),
    lists: listsOf(contents, errors),
    listFamilies: listFamiliesOf(contents),
    aclOf: associations(acls, errors),
    ...networksOf(contents, errors),
    members: membersOf(groups, interfaces),
    unsaid: new Set(interfaces.flatMap(({ unsaid, groups: own }) => (unsaid.length === 0 ? [] : own))),
    ...shownBy(listed, named),
  };
  return errors.length > 0 ? problemsOf(errors) : success(model);
}

/** Subnets and VPCs by their ids. */
function networksOf(
  contents: readonly AwsContent[],
  errors: Diagnostic[],
): Pick<AwsModel, 'subnets' | 'vpcs'> {
  const subnets = unique(
    contents.flatMap((content) => content.subnets),
    (subnet) => subnet.SubnetId,
    'the subnet',
    errors,
  );
  const vpcs = unique(
    contents.flatMap((content) => content.vpcs),
    (vpc) => vpc.VpcId,
    'the VPC',
    errors,
  );
  return {
    subnets: new Map(subnets.map(({ value }) => [value.SubnetId, value])),
    vpcs: new Map(vpcs.map(({ value }) => [value.VpcId, value])),
  };
}

/** Things by id; the same thing in two files (pages that overlap) once, and an error where the two differ. */
function unique<T extends object>(
  items: readonly Placed<T>[],
  id: (item: T) => string,
  what: string,
  errors: Diagnostic[],
): Placed<T>[] {
  const found = new Map<string, Placed<T>>();
  for (const item of items) {
    const key = id(item.value);
    const before = found.get(key);
    if (before === undefined) found.set(key, item);
    else if (JSON.stringify(before.value) !== JSON.stringify(item.value))
      errors.push(givenTwice(`${what} \`${key}\``, placeOf(item), placeOf(before), 'account'));
  }
  return [...found.values()];
}

const placeOf = ({ json, value }: Placed<object>): Span => json.place(value);

/** Interfaces of their own export, and those that only instances name. */
function interfacesOf(
  contents: readonly AwsContent[],
  errors: Diagnostic[],
): Record<'listed' | 'named', Interface[]> {
  const own = contents.flatMap((content) => content.interfaces);
  const named = contents.flatMap((content) =>
    content.instances.flatMap(({ value, json }) =>
      (value.NetworkInterfaces ?? []).map((one) => ({
        json,
        value: { ...one, Attachment: { InstanceId: value.InstanceId } },
        at: one,
      })),
    ),
  );
  const exported = unique(own, (one) => one.NetworkInterfaceId, 'the network interface', errors);
  const known = new Set(exported.map(({ value }) => value.NetworkInterfaceId));
  const rest = named.filter(({ value }) => !known.has(value.NetworkInterfaceId));
  return {
    listed: exported.map((one) => interfaceOf(one, one.json.place(one.value), errors)),
    named: rest.map((one) => interfaceOf(one, one.json.place(one.at), errors)),
  };
}

function interfaceOf({ value }: Placed<NetworkInterface>, place: Span, errors: Diagnostic[]): Interface {
  const id = value.NetworkInterfaceId;
  const texts = [
    value.PrivateIpAddress,
    ...(value.PrivateIpAddresses ?? []).map((one) => one.PrivateIpAddress),
    ...(value.Ipv6Addresses ?? []).map((one) => one.Ipv6Address),
    ...(value.Ipv4Prefixes ?? []).map((one) => one.Ipv4Prefix),
    ...(value.Ipv6Prefixes ?? []).map((one) => one.Ipv6Prefix),
  ];
  const addresses = new AddressGatherer();
  // The primary address stands twice.
  for (const text of new Set(texts))
    if (text !== undefined && text !== null && !addresses.add(text)) errors.push(badAddress(text, place));
  return {
    id,
    owner: value.OwnerId ?? undefined,
    groups: (value.Groups ?? []).map(({ GroupId }) => GroupId).sort(),
    subnet: value.SubnetId ?? undefined,
    vpc: value.VpcId ?? undefined,
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

/** A subnet has one list at a time. (https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html) */
function associations(acls: readonly Placed<NetworkAcl>[], errors: Diagnostic[]): Map<string, Acl> {
  const found = new Map<string, Acl>();
  for (const { value, json } of acls) {
    const entries = value.Entries.map((entry) => ({ value: entry, place: json.place(entry) }));
    const span = labelled(json, value, value.NetworkAclId);
    const acl: Acl = { id: value.NetworkAclId, entries, span };
    for (const { SubnetId } of value.Associations ?? []) {
      if (SubnetId === undefined || SubnetId === null) continue;
      const before = found.get(SubnetId);
      if (before === undefined) found.set(SubnetId, acl);
      else
        errors.push(
          givenTwice(`the network ACL of the subnet \`${SubnetId}\``, span, before.span, 'account'),
        );
    }
  }
  return found;
}

/** A reference to a group means the private addresses of the interfaces that carry it. */
function membersOf(
  groups: ReadonlyMap<string, Group>,
  interfaces: readonly Interface[],
): Map<string, GroupMembers> {
  const gathered = new Map<string, AddressGatherer>(
    [...groups.keys()].map((id) => [id, new AddressGatherer()]),
  );
  for (const { groups: carried, addresses } of interfaces)
    for (const id of carried) {
      const into = gathered.get(id) ?? new AddressGatherer();
      gathered.set(id, into);
      into.addAll(addresses);
    }
  return new Map([...gathered].map(([id, addresses]) => [id, addresses.members]));
}
