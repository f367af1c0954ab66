import type { Party, ResolvedRow } from '../../baseline/model.ts';
import { normalise, pairsOf, type Ranges } from '../../packet/ranges.ts';
import type { NamedGroup, Ruleset } from '../../rule/ruleset.ts';
import { isLoopback, ofFamily, unicast, without } from '../addresses/addresses.ts';
import { hasAddresses, setAddresses } from '../addresses/set-addresses.ts';
import { addressSet, wideAddresses } from '../addresses/wide-addresses.ts';

/** What binds an end of a row and of whose addresses no config of the host says anything: a set, or a group of nobody known. */
export interface UnknownBinding {
  readonly role: string;
  readonly kind: 'set' | NamedGroup['key'];
  readonly name: string;
}

/** The first set or group that an end of the row is bound to and that no config of the host says anything about. */
export function unknownBinding(ruleset: Ruleset, row: ResolvedRow): UnknownBinding | undefined {
  for (const { role, sets, groups } of [row.source, row.destination]) {
    for (const name of sets) if (!hasAddresses(ruleset, name)) return { role, kind: 'set', name };
    for (const { key, name } of groups) {
      const id = groupId(ruleset, { key, name });
      const { members, symbolic } = ruleset.cloud ?? {};
      if (id === undefined || (members?.has(id) !== true && symbolic?.includes(id) !== true))
        return { role, kind: key, name };
    }
  }
  return undefined;
}

/** The first end of the row whose role has loopback addresses alone: it is the machine that asks. */
export function loopbackEnd(ruleset: Ruleset, { source, destination }: ResolvedRow): Party | undefined {
  return [source, destination].find((party) => {
    const [four, six] = ([4, 6] as const).map((family) => partyAddresses(ruleset, party, family));
    if (four === undefined || six === undefined || four.length + six.length === 0) return false;
    return isLoopback(4, four) && isLoopback(6, six);
  });
}

/** A group's id; a deployment may name it by its name. Undefined where what is called so is something else than the deployment says. */
export function groupId({ cloud }: Ruleset, { key, name }: NamedGroup): string | undefined {
  const short = cloud?.shortened?.(name) ?? name;
  const id = cloud?.ids.get(short) ?? short;
  return cloud?.namedBy(id).includes(key) === true ? id : undefined;
}

/** The keys under which a role may name what the exports have by the name; none where they have nothing of it. */
export function keysOf({ cloud }: Ruleset, name: string): readonly NamedGroup['key'][] {
  const id = cloud?.ids.get(name) ?? name;
  const isKnown = cloud?.members.has(id) === true || cloud?.symbolic.includes(id) === true;
  return isKnown || cloud?.knows?.(id) !== undefined ? (cloud?.namedBy(id) ?? []) : [];
}

/** The groups that bind a party and whose members nobody gave, as values of the diagram's `peerGroup`. */
export function partyGroups(ruleset: Ruleset, party: Party): Ranges<number> {
  const { cloud } = ruleset;
  if (cloud === undefined || party.groups.length === 0) return [];
  const numbers = party.groups.flatMap((group) => {
    const index = cloud.symbolic.indexOf(groupId(ruleset, group) ?? '');
    return index < 0 ? [] : [[index + 1, index + 1] as const];
  });
  return normalise(numbers);
}

/** The groups that are a provider's name for the Internet and whose members nobody gave, as values of `peerGroup`. */
export function publicGroups({ cloud }: Ruleset): Ranges<number> {
  const names = cloud?.publicGroups ?? [];
  const numbers = names.map((name) => (cloud?.symbolic.indexOf(name) ?? -1) + 1).filter((one) => one > 0);
  return normalise(numbers.map((one): [number, number] => [one, one]));
}

/** The groups of machines of somebody's own networks whose members nobody gave, as values of `peerGroup`. */
export function machineGroups({ cloud }: Ruleset): Ranges<number> {
  const numbers = (cloud?.machineGroups ?? []).map((name) => (cloud?.symbolic.indexOf(name) ?? -1) + 1);
  return normalise(numbers.filter((one) => one > 0).map((one): [number, number] => [one, one]));
}

/** What decides whether packets that members of {@link listGroups} alone may send come from the Internet. */
export const PUBLIC_MEMBERS = 'which addresses the members of groups have that nobody gave';

/** Lists and tags of addresses that nobody gave: neither the Internet by name nor groups of machines. */
export function listGroups(ruleset: Ruleset): Ranges<number> {
  const { cloud } = ruleset;
  const others = new Set([...(cloud?.machineGroups ?? []), ...(cloud?.publicGroups ?? [])]);
  const numbers = (cloud?.symbolic ?? []).flatMap((name, i): [number, number][] =>
    others.has(name) ? [] : [[i + 1, i + 1]],
  );
  return normalise(numbers);
}

/**
 * The addresses that bind a party in a family; undefined where nothing binds its addresses. An empty set means that it
 * has none in this family.
 */
export function partyAddresses(
  ruleset: Ruleset,
  party: Party,
  family: 4 | 6,
): Ranges<number> | Ranges<bigint> | undefined {
  if (party.binding === 'unbound' || party.binding === 'any') return undefined;
  let known = KNOWN[family].get(party);
  if (known?.ruleset !== ruleset) {
    known = { ruleset, addresses: addressesOf(ruleset, party, family) };
    KNOWN[family].set(party, known);
  }
  return known.addresses;
}

/** Machines' addresses of which an unbound party has one; undefined where it may be any, or is bound. */
export function unboundAmong(
  { binding, needed }: Party,
  family: 4 | 6,
): Ranges<number> | Ranges<bigint> | undefined {
  const within = ofFamily(needed, family);
  return binding === 'unbound' && within !== undefined ? unicast(family, within) : undefined;
}

interface Known {
  readonly ruleset: Ruleset;
  readonly addresses: Ranges<number> | Ranges<bigint> | undefined;
}

/** What each party was found to have in the rule set that asked last: each row's ends are asked for many times. */
const KNOWN = { 4: new WeakMap<Party, Known>(), 6: new WeakMap<Party, Known>() } as const;

function addressesOf(
  ruleset: Ruleset,
  party: Party,
  family: 4 | 6,
): Ranges<number> | Ranges<bigint> | undefined {
  const sets = party.sets.map((name) => setAddresses(ruleset, name, family));
  if (sets.some((values) => values === undefined)) return undefined;
  const own = ofFamily(party, family);
  const other = family === 4 ? party.ipv6 : party.ipv4;
  const members = memberAddresses(ruleset, party, family);
  if (own === undefined && other === undefined && sets.length === 0 && members.length === 0)
    return party.binding === 'self' && party.needed === undefined && lacksFamily(ruleset, family)
      ? []
      : undefined;
  const lists = [own ?? [], ...(sets as (Ranges<number> | Ranges<bigint>)[]), ...members] as Ranges<bigint>[];
  const all = normalise(lists.flatMap((values) => pairsOf(values)));
  const others = [
    ...(party.exceptSets ?? []).map((name) => setAddresses(ruleset, name, family) ?? []),
    ...addressesOfMembers(ruleset, party.exceptGroups ?? [], family),
  ] as Ranges<bigint>[];
  return others.reduce<Ranges<number> | Ranges<bigint>>((rest, taken) => without(family, rest, taken), all);
}

/**
 * Whether `ip -j addr` says that the host has no address of the family but on its loopback interface or for its link
 * alone (RFC 4291, 2.5.6). A list without any address of the family says nothing: `ip -4` prints such lists.
 */
function lacksFamily(ruleset: Ruleset, family: 4 | 6): boolean {
  const isListed = ruleset.host?.addresses.some((one) => one.family === family) === true;
  return isListed && wideAddresses(ruleset, family).length === 0;
}

/** The host's own addresses: those that the deployment gives, else those of `ip -j addr`; undefined where nobody says. */
export function hostAddresses(
  ruleset: Ruleset,
  own: Party,
  family: 4 | 6,
): Ranges<number> | Ranges<bigint> | undefined {
  const bound = partyAddresses(ruleset, own, family);
  if (bound !== undefined || ruleset.host === undefined) return bound;
  const listed = listedAddresses(ruleset, family);
  return listed.length === 0 ? undefined : listed;
}

/** The addresses that `ip -j addr` gives the host, but for those of its loopback interface. */
export function listedAddresses(
  { host }: Pick<Ruleset, 'host'>,
  family: 4 | 6,
): Ranges<number> | Ranges<bigint> {
  const listed = host?.addresses.filter((one) => one.family === family && !one.loopback) ?? [];
  return addressSet(listed, family);
}

/** Whether the party is the host, and no addresses bind it. */
export const isUnnamed = ({ binding, ipv4, ipv6 }: Party): boolean =>
  binding === 'self' && ipv4 === undefined && ipv6 === undefined;

/**
 * Addresses of members of the party's groups. Where the exports have those of the host itself, it has these alone, whatever groups its
 * role is bound to: other members are its peers.
 */
function memberAddresses(
  ruleset: Ruleset,
  party: Party,
  family: 4 | 6,
): readonly (Ranges<number> | Ranges<bigint>)[] {
  const { cloud } = ruleset;
  if (cloud === undefined) return [];
  const addresses = isUnnamed(party) ? ofFamily(cloud.own, family) : undefined;
  // An export that has none, and does not say that there is none, leaves it open.
  const isUnsaid = addresses?.length === 0 && cloud.ownUnsaid?.includes(family) === true;
  if (addresses !== undefined && !isUnsaid) return [addresses];
  return addressesOfMembers(ruleset, party.groups, family);
}

/** Addresses of members of groups, as far as the exports say who these are. */
function addressesOfMembers(
  ruleset: Ruleset,
  groups: readonly NamedGroup[],
  family: 4 | 6,
): readonly (Ranges<number> | Ranges<bigint>)[] {
  const { members } = ruleset.cloud ?? {};
  return groups.flatMap((group) => {
    const addresses = ofFamily(members?.get(groupId(ruleset, group) ?? ''), family);
    return addresses === undefined ? [] : [addresses];
  });
}
