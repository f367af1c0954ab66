import { givenTwice, problemsOf } from '../exports/problems.ts';
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
  type Placed,
  type Subnet,
  type Vpc,
} from './content.ts';
import { type Group, groupsOf } from './groups.ts';
import { type Interface, interfacesOf } from './interfaces.ts';
import { regionsShown, type Shown, shownBy } from './shown.ts';
import { unique } from './unique.ts';

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
  const { listed, named } = interfacesOf(contents, errors, (own) => saidOf('owner', own, groups));
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
    regions: regionsShown(
      interfaces.map(({ owner, region, groups: own }) => ({
        owner,
        region: region ?? saidOf('region', own, groups),
      })),
      all((c) => c.interfacePlaces),
    ),
  };
  return errors.length > 0 ? problemsOf(errors) : success(model);
}

/**
 * Of which account or region an interface is that does not say it: that of the groups that it carries, which are of one VPC, and so in one
 * region.
 */
function saidOf(
  what: 'owner' | 'region',
  own: readonly string[],
  groups: ReadonlyMap<string, Group>,
): string | undefined {
  return own.flatMap((id) => groups.get(id)?.[what] ?? [])[0];
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
