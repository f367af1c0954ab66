import type { Json, JsonObject } from '../exports/located.ts';

/** What tells the items of a list apart, where they stand by themselves: fields that only they have all of. */
const ITEMS: readonly (readonly [list: string, ...fields: string[]])[] = [
  ['SecurityGroupRules', 'SecurityGroupRuleId', 'GroupId'],
  ['Reservations', 'ReservationId', 'Instances'],
  ['Instances', 'InstanceId', 'InstanceType'],
  ['Instances', 'InstanceId', 'NetworkInterfaces'],
  ['NetworkInterfaces', 'NetworkInterfaceId', 'Groups'],
  ['NetworkAcls', 'NetworkAclId', 'Entries'],
  ['Subnets', 'SubnetId', 'CidrBlock'],
  // One that has IPv6 only.
  ['Subnets', 'SubnetId', 'SubnetArn'],
  ['Vpcs', 'VpcId', 'DhcpOptionsId'],
  ['PrefixLists', 'PrefixListId', 'PrefixListName'],
  ['SecurityGroups', 'GroupId', 'GroupName'],
  // What queries kept.
  ['SecurityGroups', 'GroupId', 'IpPermissions'],
  ['SecurityGroups', 'GroupId', 'IpPermissionsEgress'],
  ['SecurityGroupRules', 'GroupId', 'IsEgress'],
];

/**
 * The documents of an export: pages, one after the other or in an array. Items without the list around them, as
 * `--query 'SecurityGroups[]'` prints them or as one a line, are gathered into the list that they are of.
 * (https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-filter.html)
 */
export function documentsOf(values: readonly Json[]): Json[] {
  const documents: Json[] = [];
  const gathered = new Map<string, JsonObject[]>();
  // In a list they are what a query kept of interfaces.
  const answers = new Set(values.filter(isGroupsOfInterface));
  for (const value of unwrapped(values)) {
    const list = answers.has(value) ? GROUPS_OF_ONE : listOf(value);
    if (list === undefined) {
      documents.push(value);
      continue;
    }
    const items = gathered.get(list) ?? [];
    gathered.set(list, items);
    items.push(value as JsonObject);
  }
  for (const [list, items] of gathered) documents.push(documentOf(list, items));
  return documents;
}

/**
 * `describe-network-interface-attribute --attribute groupSet` tells the groups of one interface, and so does not list them all, as an
 * export of instances does not. (https://docs.aws.amazon.com/cli/latest/reference/ec2/describe-network-interface-attribute.html)
 */
const GROUPS_OF_ONE = 'groups of one interface';

function isGroupsOfInterface(value: Json): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(value).sort().join() === 'Groups,NetworkInterfaceId';
}

function documentOf(list: string, items: readonly JsonObject[]): JsonObject {
  if (list === GROUPS_OF_ONE)
    // Of which instance it is the answer does not say.
    return { Reservations: [{ Instances: [{ InstanceId: '', NetworkInterfaces: items }] }] };
  return list === 'Instances' ? { Reservations: [{ Instances: items }] } : { [list]: items };
}

/** Lists may stand in lists: `--query 'Reservations[*].Instances[*]'` prints one for each reservation. */
function unwrapped(values: readonly Json[]): Json[] {
  return values.flatMap((one) => (Array.isArray(one) ? unwrapped(one as Json[]) : [one]));
}

function listOf(value: Json): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const object = value as JsonObject;
  return ITEMS.find(([, ...fields]) => fields.every((name) => object[name] !== undefined))?.[0];
}
