import schema from '../../../grammars/azure/export.schema.json' with { type: 'json' };
import { AddressGatherer } from '../exports/addresses.ts';
import { type ExportSchema, ShapeChecker } from '../exports/check-shape.ts';
import { type Json, type JsonObject, objectsOf } from '../exports/located.ts';
import { badAddress } from '../exports/problems.ts';
import {
  field,
  labelled,
  nameOfId,
  type NetworkInterface,
  type PrivateLink,
  propertiesOf,
  textsOf,
  typeOf,
} from './content.ts';
import type { Gathered } from './gathered.ts';

const CHECKER = new ShapeChecker(
  { ...(schema as ExportSchema), $ref: '#/$defs/NetworkInterface' },
  { anySpelling: true },
);

/**
 * Whether an object is an interface as `az network nic list` and `az vmss nic list` print them; a template's has no addresses yet,
 * and expressions in the place of ids.
 */
export function isInterface(object: JsonObject): boolean {
  if (textsOf(field(object, 'apiVersion')).length > 0) return false;
  const own = propertiesOf(object);
  if (!Array.isArray(field(own, 'ipConfigurations'))) return false;
  return typeOf(object).endsWith('/networkinterfaces') || field(own, 'enableIPForwarding') !== undefined;
}

/** (https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/get#networkinterface) */
export function takeInterface(object: JsonObject, gathered: Gathered): void {
  gathered.found = true;
  gathered.errors.push(...CHECKER.problems(gathered.json, object as Json));
  const own = propertiesOf(object);
  const idOf = (name: string): string | undefined => referenceOf(field(own, name));
  const id = textsOf(field(object, 'id'))[0] ?? '';
  const name = textsOf(field(object, 'name'))[0] ?? nameOfId(id);
  const span = labelled(gathered.json, object, `interface ${name}`);
  const configurations = objectsOf(field(own, 'ipConfigurations')).map((one) => propertiesOf(one));
  const addresses = configurations.flatMap((one) => textsOf(field(one, 'privateIPAddress')));
  for (const text of addresses)
    if (!new AddressGatherer().add(text)) gathered.errors.push(badAddress(text, span));
  const subnets = configurations.flatMap((one) => objectsOf([field(one, 'subnet') ?? null]));
  const machine = idOf('virtualMachine');
  const { memberships, outside } = membershipsOf(configurations);
  gathered.interfaces.push({
    name,
    id,
    machine: machine === undefined ? undefined : nameOfId(machine),
    machineId: machine?.toLowerCase(),
    group: idOf('networkSecurityGroup'),
    subnets: distinct(subnets.flatMap((one) => textsOf(field(one, 'id')))),
    subnetGroups: distinct(
      subnets.flatMap((one) => referenceOf(field(propertiesOf(one), 'networkSecurityGroup')) ?? []),
    ),
    applicationGroups: distinct(memberships.map(({ group }) => group)),
    memberships,
    outside,
    addresses,
    forwards: forwardsOf(field(own, 'enableIPForwarding')),
    // PowerShell writes texts.
    untracked: /^true$/i.test(String(field(own, 'disableTcpStateTracking'))),
    lacks: addresses.length < configurations.length ? undefined : lackedIn(addresses),
    link: linkOf(own, subnets),
    span,
  });
}

/**
 * "All IPConfigurations on a Network Interface should reference the same set of Application Security Groups", Azure says to who
 * writes another (AllIpConfigurationsOnANicMustBelongToTheSameApplicationSecurityGroups). Interfaces from before it did, and those with
 * addresses of both families, may have another.
 */
function membershipsOf(
  configurations: readonly JsonObject[],
): Pick<NetworkInterface, 'memberships' | 'outside'> {
  const read = configurations.map((one) => {
    const [address] = textsOf(field(one, 'privateIPAddress'));
    const named = objectsOf(field(one, 'applicationSecurityGroups'));
    return { address, groups: named.flatMap((group) => textsOf(field(group, 'id'))) };
  });
  const memberships = read.flatMap(({ address, groups }) => groups.map((group) => ({ group, address })));
  // Ids are compared without regard to case.
  const all = new Map(memberships.map(({ group }) => [group.toLowerCase(), group]));
  const outside = read.flatMap(({ address, groups }) => {
    const own = new Set(groups.map((id) => id.toLowerCase()));
    return [...all].filter(([id]) => !own.has(id)).map(([, group]) => ({ group, address }));
  });
  return { memberships, outside };
}

/**
 * "By default, network policies are disabled for a subnet": then groups do not filter what a private endpoint in it gets. To a
 * private link service's own addresses they never apply.
 * (https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy,
 * …/disable-private-link-service-network-policy)
 */
function linkOf(own: JsonObject, subnets: readonly JsonObject[]): PrivateLink {
  const has = (name: string): boolean => objectsOf([field(own, name) ?? null]).length > 0;
  if (has('privateLinkService')) return 'not filtered';
  if (!has('privateEndpoint')) return 'none';
  const policies = subnets.flatMap((one) =>
    textsOf(field(propertiesOf(one), 'privateEndpointNetworkPolicies')),
  );
  if (policies.length < subnets.length || policies.length === 0) return 'not said';
  return policies.every((one) => /^(?:networksecuritygroup)?enabled$/i.test(one))
    ? 'filtered'
    : 'not filtered';
}

const forwardsOf = (value: Json | undefined): boolean | undefined =>
  typeof value === 'boolean' ? value : undefined;

function lackedIn(addresses: readonly string[]): 4 | 6 | undefined {
  const six = addresses.filter((one) => one.includes(':')).length;
  if (addresses.length === 0) return undefined;
  return six === 0 ? 6 : six === addresses.length ? 4 : undefined;
}

function referenceOf(value: JsonObject[string]): string | undefined {
  const [object] = objectsOf([value ?? null]);
  return object === undefined ? undefined : textsOf(field(object, 'id'))[0];
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].sort();
