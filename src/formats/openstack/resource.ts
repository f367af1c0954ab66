import type { JsonObject } from '../exports/located.ts';
import { isServer } from './read-server.ts';

/** The resources, each with its own schema. */
export const RESOURCES = ['Rule', 'Group', 'Port', 'AddressGroup', 'Server'] as const;
export type Resource = (typeof RESOURCES)[number];

/** Fields of a row of `security group list`; other lists have others beside them. */
const GROUP_ROW: ReadonlySet<string> = new Set([
  'id',
  'name',
  'description',
  'project',
  'project_id',
  'tenant_id',
  'tags',
  'shared',
  'stateful',
  'is_shared',
]);

/** Fields of rules that no other resource has. */
const RULE_FIELDS = [
  ...['ethertype', 'ether_type', 'Ethertype', 'protocol', 'security_group_id', 'Security Group'],
  ...['port_range_max', 'remote_group_id', 'remote_address_group_id', 'Remote Security Group', 'Port Range'],
];

/** Which resource an object is, by fields that only this one has. */
export function resourceOf(object: JsonObject): Resource | undefined {
  const has = (...names: string[]): boolean => names.some((name) => name in object);
  if (isServer(object)) return 'Server';
  if (has('fixed_ips', 'Fixed IP Addresses')) return 'Port';
  if (has('security_group_rules') && has('id', 'name')) return 'Group';
  if (has('rules') && has('id', 'name')) return 'Group';
  if (has('IP Protocol', 'port_range_min', 'remote_ip_prefix', 'IP Range')) return 'Rule';
  // A rule about everything has neither ports nor remotes, and a filter of the API's answer (`?fields=`) leaves the rest out.
  if (has('direction', 'Direction') && has(...RULE_FIELDS)) return 'Rule';
  if (has('addresses', 'Addresses') && has('id', 'ID')) return 'AddressGroup';
  const keys = Object.keys(object).map((key) => key.toLowerCase());
  return keys.includes('id') && keys.includes('name') && keys.every((key) => GROUP_ROW.has(key))
    ? 'Group'
    : undefined;
}
