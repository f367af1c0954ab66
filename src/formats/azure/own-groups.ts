import type { GroupMembers } from '../../rule/ruleset.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import type { NetworkInterface, SecurityGroup } from './content.ts';

/** An interface with the groups that guard it, the subnet's first, and its application security groups by name. */
export interface Guarded {
  readonly one: NetworkInterface;
  readonly groups: readonly SecurityGroup[];
  readonly applicationGroups: readonly string[];
  /** By the same names, as the point has them. */
  readonly nameOf: (id: string) => string;
}

/** Whether two lists have the same, in any order; neither has anything twice. */
export const hasJust = <T>(have: readonly T[], wanted: readonly T[]): boolean =>
  have.length === wanted.length && wanted.every((one) => have.includes(one));

/** Interfaces that just these groups guard, in any order, and that are in just these application security groups. */
export function membersOfAll(
  guarded: readonly Guarded[],
  groups: readonly SecurityGroup[],
  names: readonly string[],
): Guarded[] {
  return guarded.filter((each) => hasJust(each.groups, groups) && hasJust(each.applicationGroups, names));
}

/** Application security groups that some IP configurations of the interfaces are in, and others are not: the addresses of the former. */
export function partlyIn(alike: readonly Guarded[]): Map<string, GroupMembers | undefined> {
  const found = new Map<string, GroupMembers | undefined>();
  for (const name of new Set(
    alike.flatMap(({ one, nameOf }) => one.outside.map(({ group }) => nameOf(group))),
  )) {
    const inside = alike.flatMap(({ one, nameOf }) =>
      one.memberships.filter(({ group }) => nameOf(group) === name),
    );
    const addresses = new AddressGatherer();
    const isSaid = inside.every(({ address }) => address !== undefined && addresses.add(address));
    found.set(name, isSaid ? addresses.members : undefined);
  }
  return found;
}
