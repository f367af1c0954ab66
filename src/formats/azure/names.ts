import type { NamedGroup } from '../../rule/ruleset.ts';
import { type Diagnostic, type Result, success } from '../../text/diagnostic.ts';
import { givenTwice, problemsOf } from '../exports/problems.ts';
import { nameOfId, type SecurityGroup } from './content.ts';
import { readPrefixes } from './language.ts';
import { isBare, whoseRule } from './loose-rules.ts';
import { together } from './same-group.ts';

/**
 * Groups by names that are theirs alone. A name is unique in its resource group only: several of one name are called
 * `resource-group/name`, and by their ids where that is not enough.
 * (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules, networkSecurityGroups)
 * @returns an error for each group that stands twice and not in the same way
 */
export function groupsByName(given: readonly SecurityGroup[]): Result<Map<string, SecurityGroup>> {
  const errors: Diagnostic[] = [];
  const single = new Map<string, SecurityGroup>();
  // Which rules a group has is asked of all files that have some of them together.
  const looseFirst = [...given.filter(isLoose), ...given.filter((group) => !isLoose(group))];
  for (const group of looseFirst) {
    const key = keyOf(group);
    const before = single.get(key);
    const both = before === undefined ? group : together(before, group);
    if (before !== undefined && [before, group].every(isBareList)) errors.push(whoseRule(group.span));
    else if (both !== undefined) single.set(key, both);
    else if (before !== undefined)
      errors.push(
        givenTwice(`the network security group \`${group.name}\``, group.span, before.span, 'subscription'),
      );
  }
  if (errors.length > 0) return problemsOf(errors);
  const groups = [...new Set(given.map(keyOf))].flatMap((key) => single.get(key) ?? []);
  const [called, placed] = [countOf(groups, nameOf), countOf(groups, placeOf)];
  return success(
    new Map(
      groups.map((group) => {
        const several = (called.get(nameOf(group)) ?? 0) > 1;
        const own = (placed.get(placeOf(group)) ?? 0) > 1 ? (group.id ?? group.name) : placedName(group);
        const name = several ? own : group.name;
        return [name, { ...group, name }];
      }),
    ),
  );
}

/**
 * The keys under which a role may name an application security group, or a service tag. What is also the name of a network security
 * group means that one as a security group: its machines are no peer of a rule.
 */
export function namedBy(isApplicationGroup: boolean, isNetworkGroup: boolean): readonly NamedGroup['key'][] {
  if (!isApplicationGroup) return ['tags'];
  return isNetworkGroup ? ['applicationSecurityGroups'] : ['applicationSecurityGroups', 'securityGroups'];
}

const keyOf = ({ id, name }: SecurityGroup): string => (id ?? name).toLowerCase();

/** Of two files nothing says that they are about one group. */
const isBareList = (group: SecurityGroup): boolean => isLoose(group) && isBare(group);

const isLoose = (group: SecurityGroup): boolean => group.isLoose === true;

/**
 * Groups whose rules name application security groups by names that are theirs alone, as {@link groupsByName} names groups.
 * @param carried ids of those that interfaces are members of
 * @returns also the names, what gives an id its name, and what may be written for it
 */
export function withApplicationNames(
  groups: ReadonlyMap<string, SecurityGroup>,
  carried: readonly string[],
): {
  readonly groups: ReadonlyMap<string, SecurityGroup>;
  readonly names: ReadonlySet<string>;
  readonly nameOf: (id: string) => string;
  /** What a deployment may write for a name, in lower case: an id, or a name that is of one group alone. */
  readonly written: ReadonlyMap<string, string>;
} {
  const rules = [...groups.values()].flatMap((group) => group.rules);
  const named = rules.flatMap(({ sourceGroups, destinationGroups }) => [
    ...sourceGroups,
    ...destinationGroups,
  ]);
  const ids = [...named, ...carried];
  const ways = [nameOfId, placedId].map((of) => ({ of, called: idsBy(ids, of) }));
  // Ids are compared without regard to case: what is first spelled so is called so everywhere.
  const spelled = new Map<string, string>();
  const name = (id: string): string => {
    const alone = ways.find(({ of, called }) => called.get(of(id).toLowerCase())?.size === 1);
    const written = alone?.of(id) ?? id;
    const first = spelled.get(written.toLowerCase()) ?? written;
    spelled.set(written.toLowerCase(), first);
    return first;
  };
  const renamed = new Map(
    [...groups].map(([key, group]) => [
      key,
      {
        ...group,
        rules: group.rules.map((rule) => ({
          ...rule,
          sourceGroups: rule.sourceGroups.map(name),
          destinationGroups: rule.destinationGroups.map(name),
        })),
      },
    ]),
  );
  const written = new Map<string, string>();
  for (const id of ids) {
    written.set(id.toLowerCase(), name(id));
    for (const { of, called } of ways)
      if (called.get(of(id).toLowerCase())?.size === 1) written.set(of(id).toLowerCase(), name(id));
  }
  return { groups: renamed, names: new Set(ids.map(name)), nameOf: name, written };
}

/** The groups, by their ids in lower case, that are called so. */
function idsBy(ids: readonly string[], of: (id: string) => string): Map<string, Set<string>> {
  const called = new Map<string, Set<string>>();
  for (const id of ids) {
    const name = of(id).toLowerCase();
    const alike = called.get(name) ?? new Set();
    called.set(name, alike.add(id.toLowerCase()));
  }
  return called;
}

const placedId = (id: string): string => placedName({ name: nameOfId(id), id });

/** Service tags are named without regard to case: all groups call one by the spelling with the first capitals, as Microsoft does. */
export function tagNamesOf(groups: Iterable<SecurityGroup>): Map<string, string> {
  const spelled = new Map<string, string>();
  for (const { rules } of groups)
    for (const { sourcePrefixes, destinationPrefixes } of rules)
      for (const text of [...sourcePrefixes, ...destinationPrefixes])
        for (const name of tagsIn(text)) {
          const before = spelled.get(name.toLowerCase());
          if (before === undefined || name < before) spelled.set(name.toLowerCase(), name);
        }
  return spelled;
}

/** Most prefixes are networks, which have no letter: they need no look. */
function tagsIn(text: string): string[] {
  if (!/[a-z]/i.test(text)) return [];
  return (readPrefixes(text) ?? []).flatMap((item) => (item.kind === 'tag' ? [item.name] : []));
}

/** Names are compared without regard to case. */
const nameOf = ({ name }: SecurityGroup): string => name.toLowerCase();

const placeOf = (group: SecurityGroup): string => placedName(group).toLowerCase();

function placedName({ name, id }: Pick<SecurityGroup, 'name' | 'id'>): string {
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
export function isCalled({ name, id }: Pick<SecurityGroup, 'name' | 'id'>, written: string): boolean {
  const wanted = written.toLowerCase();
  const own = name.toLowerCase();
  // A group is called by its id where its name and its resource group are another's too: these mean both then.
  return (
    own === wanted ||
    id?.toLowerCase() === wanted ||
    own.endsWith(`/${wanted}`) ||
    placedId(own).toLowerCase() === wanted
  );
}
