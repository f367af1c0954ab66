import { type Diagnostic, type Result, success } from '../../text/diagnostic.ts';
import { givenTwice, problemsOf } from '../exports/problems.ts';
import type { SecurityGroup } from './content.ts';

/**
 * Groups by names that are theirs alone. A name is unique in its resource group only: several of one name are called
 * `resource-group/name`, and by their ids where that is not enough.
 * (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules, networkSecurityGroups)
 * @returns an error for each group that stands twice and not in the same way
 */
export function groupsByName(given: readonly SecurityGroup[]): Result<Map<string, SecurityGroup>> {
  const errors: Diagnostic[] = [];
  const single = new Map<string, SecurityGroup>();
  for (const group of given) {
    const key = (group.id ?? group.name).toLowerCase();
    const before = single.get(key);
    if (before === undefined) single.set(key, group);
    else if (JSON.stringify(plain(before)) !== JSON.stringify(plain(group)))
      errors.push(
        givenTwice(`the network security group \`${group.name}\``, group.span, before.span, 'subscription'),
      );
  }
  if (errors.length > 0) return problemsOf(errors);
  const groups = [...single.values()];
  const [called, placed] = [countOf(groups, nameOf), countOf(groups, placedName)];
  return success(
    new Map(
      groups.map((group) => {
        const several = (called.get(nameOf(group)) ?? 0) > 1;
        const own = (placed.get(placedName(group)) ?? 0) > 1 ? (group.id ?? group.name) : placedName(group);
        const name = several ? own : group.name;
        return [name, { ...group, name }];
      }),
    ),
  );
}

const plain = ({ span: _, rules, ...rest }: SecurityGroup): object => ({
  ...rest,
  rules: rules.map(({ span: __, ...rule }) => rule),
});

/** Names are compared without regard to case. */
const nameOf = ({ name }: SecurityGroup): string => name.toLowerCase();

function placedName({ name, id }: SecurityGroup): string {
  const place = /\/resourceGroups\/([^/]+)\//i.exec(id ?? '')?.[1];
  return place === undefined ? name : `${place}/${name}`;
}

function countOf(
  groups: readonly SecurityGroup[],
  of: (group: SecurityGroup) => string,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const group of groups) counts.set(of(group), (counts.get(of(group)) ?? 0) + 1);
  return counts;
}

/** Whether a name or an id, as a deployment or a packet writes it, means the group. */
export function isCalled({ name, id }: SecurityGroup, written: string): boolean {
  const wanted = written.toLowerCase();
  const own = name.toLowerCase();
  return own === wanted || id?.toLowerCase() === wanted || own.endsWith(`/${wanted}`);
}
