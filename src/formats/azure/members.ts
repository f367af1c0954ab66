import type { CoverageEntry, GroupMembers } from '../../rule/ruleset.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import type { NetworkInterface, SecurityGroup } from './content.ts';

/** Members of application security groups, by the groups' names. */
export interface ApplicationMembers {
  readonly members: ReadonlyMap<string, GroupMembers>;
  /** Nothing says that there are members beside them. */
  readonly whole: boolean;
  readonly coverage: readonly CoverageEntry[];
}

/**
 * The private addresses of the IP configurations that are in each application security group. A group stays without members, and so
 * symbolic, where no exported interface is in it, and where an address of one is not said. Where groups say that they guard
 * interfaces that were not exported, nobody knows who else is in one.
 * (https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/get, NetworkInterfaceIPConfiguration,
 * `applicationSecurityGroups`)
 *
 * @param nameOf gives a group's id its name
 */
export function applicationMembers(
  groups: readonly SecurityGroup[],
  interfaces: readonly NetworkInterface[],
  nameOf: (id: string) => string,
): ApplicationMembers {
  const within = interfaces.flatMap(({ memberships }) => memberships);
  if (within.length === 0) return { members: new Map(), whole: true, coverage: [] };
  const exported = new Set(interfaces.map(({ id }) => id.toLowerCase()));
  const other = groups.find((group) => notExported(group, exported) !== undefined);
  const gathered = new Map<string, AddressGatherer>();
  const unsaid = new Set<string>();
  for (const { group, address } of within) {
    const name = nameOf(group);
    const into = gathered.get(name) ?? new AddressGatherer();
    gathered.set(name, into);
    if (address === undefined || !into.add(address)) unsaid.add(name);
  }
  const known = [...gathered].filter(([name]) => !unsaid.has(name));
  const members = new Map(known.map(([name, addresses]) => [name, addresses.members]));
  const whole = other === undefined;
  if (!whole) return { members, whole, coverage: [moreMembers(other, exported)] };
  return { members, whole, coverage: known.length === 0 ? [] : withoutScaleSets(interfaces) };
}

/** An interface that a group guards and that is not among those exported. */
function notExported({ interfaces = [] }: SecurityGroup, exported: ReadonlySet<string>): string | undefined {
  return interfaces.find((id) => !exported.has(id.toLowerCase()));
}

function moreMembers(group: SecurityGroup, exported: ReadonlySet<string>): CoverageEntry {
  const reason = `the group guards \`${notExported(group, exported)}\`, which is not among the exported interfaces: whether it is in application security groups too is not known; members beside the exported ones stay symbolic (\`az network nic list\`, and \`az vmss nic list\` for scale sets)`;
  return { span: group.span, status: 'approximated', reason };
}

const OF_SCALE_SET = /\/virtualMachineScaleSets\//i;

/** The list of interfaces has none of scale sets, which may be in the groups too. */
function withoutScaleSets(interfaces: readonly NetworkInterface[]): CoverageEntry[] {
  const first = interfaces.find(({ memberships }) => memberships.length > 0);
  if (first === undefined || interfaces.some(({ id }) => OF_SCALE_SET.test(id))) return [];
  const reason =
    'members of application security groups are taken to be those of the exported interfaces; `az network nic list` has none of scale sets (`az vmss nic list` has)';
  return [{ span: first.span, status: 'approximated', reason }];
}
