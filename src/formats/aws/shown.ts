import type { GroupMembers } from '../../rule/ruleset.ts';
import type { Group } from './groups.ts';
import type { InventoryPlace } from './regions.ts';

/** Whose a group or an interface is, and in which network. */
type Placed = Pick<Group, 'owner' | 'vpc' | 'region'>;
type InRegion = Pick<Group, 'owner' | 'region'>;

/** Of which accounts and networks the exports have the interfaces. */
export interface Shown {
  readonly hasInterfaces: boolean;
  /** Whether any export is of interfaces of all kinds, and not only of instances. */
  readonly hasAllInterfaces: boolean;
  /** Accounts of which any interfaces were given. */
  readonly accounts: ReadonlySet<string>;
  /** Accounts of which the export of interfaces has some, and not only that of instances. */
  readonly listed: ReadonlySet<string>;
  /** Networks of accounts, where instances have interfaces that no export of interfaces has: it is of another region, or of a part. */
  readonly partly: ReadonlySet<string>;
  /** Regions of which any interfaces, or none that there are, were given; undefined where it is not said of all. */
  readonly regions: readonly InventoryPlace[] | undefined;
}

/** The regions that the interfaces are in, and those that an inventory has a list of them for. */
export function regionsShown(
  interfaces: readonly InRegion[],
  lists: readonly (InventoryPlace | undefined)[],
): Shown['regions'] {
  const found = new Map<string, InventoryPlace>();
  for (const { owner: account, region } of [
    ...interfaces,
    ...lists.map((place) => ({ ...place, owner: place?.account })),
  ]) {
    if (region === undefined) return undefined;
    found.set(`${account} ${region}`, { account, region });
  }
  return [...found.values()];
}

/** Whether interfaces were given of the region of a group. */
export function isOfShownRegion({ regions }: Pick<Shown, 'regions'>, { owner, region }: InRegion): boolean {
  if (region === undefined || regions === undefined) return true;
  return regions.some((one) => one.region === region && (one.account ?? owner) === (owner ?? one.account));
}

/** A network of an account: several accounts may share one. */
const placeOf = ({ owner = '', vpc = '' }: Pick<Placed, 'owner' | 'vpc'>): string => `${owner} ${vpc}`;

/**
 * @param listed the interfaces of their own export
 * @param named those besides that only instances name
 */
export function shownBy(
  listed: readonly Placed[],
  named: readonly Placed[],
): Pick<Shown, 'accounts' | 'listed' | 'partly'> {
  const owners = (interfaces: readonly Placed[]): string[] => interfaces.flatMap(({ owner }) => owner ?? []);
  return {
    accounts: new Set([...owners(listed), ...owners(named)]),
    listed: new Set(owners(listed)),
    partly: new Set(named.map(placeOf)),
  };
}

/**
 * Whether the exports have all interfaces of the account in the network. Load balancers, databases and functions have some too,
 * which stand in no export of instances.
 */
export function showsAll(
  { hasAllInterfaces, accounts, listed, partly, regions }: Shown,
  { owner, vpc, region }: Placed,
): boolean {
  if (!isOfShownRegion({ regions }, { owner, region })) return false;
  if (owner === undefined || accounts.size === 0) return hasAllInterfaces && partly.size === 0;
  if (!listed.has(owner)) return false;
  return vpc === undefined ? !isPartly(partly, owner) : !partly.has(placeOf({ owner, vpc }));
}

const isPartly = (partly: ReadonlySet<string>, owner: string): boolean =>
  [...partly].some((place) => place.startsWith(`${owner} `));

/** Accounts and networks of which only instances' interfaces were given, as messages name them; none where that is so of all. */
export function partlyShown({ hasAllInterfaces, listed, partly }: Shown): string[] {
  if (!hasAllInterfaces) return [];
  const names = [...partly].map((place) => {
    const [owner = '', vpc = ''] = place.split(' ');
    if (owner !== '' && !listed.has(owner)) return `the account ${owner}`;
    return vpc === '' ? 'the account' : `\`${vpc}\``;
  });
  return [...new Set(names)].sort();
}

/** Whether interfaces were given of a group's account and region: those of several accounts may be of some, and say nothing about others. */
export function isOfShown(shown: Shown, group: Placed): boolean {
  const { accounts } = shown;
  const { owner } = group;
  return (owner === undefined || accounts.size === 0 || accounts.has(owner)) && isOfShownRegion(shown, group);
}

/** Whether the exports show who carries a group: who else does is left open where they don't have all (showsAll). */
export function showsMembers(
  model: Shown & { readonly members: ReadonlyMap<string, GroupMembers> },
  group: Group,
): boolean {
  if (!model.hasInterfaces) return false;
  if (isOfShown(model, group) && showsAll(model, group)) return true;
  const known = model.members.get(group.id);
  return known !== undefined && known.ipv4.length + known.ipv6.length > 0;
}
