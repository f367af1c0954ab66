import type { NamedGroup } from '../rule/ruleset.ts';
import { kept } from '../text/kept.ts';
import {
  ALL_ADDRESSES,
  type AddressSets,
  isEmpty,
  meet,
  NO_ADDRESSES,
  PUBLIC,
  ROUTABLE,
  subtract,
  unite,
} from './addresses.ts';
import { ANY, type Baseline, INTERNET } from './baseline.ts';
import type { Binding, Settings } from './deployment.ts';
import type { Party } from './model.ts';

/** Who stands behind the names of a row, for one host's settings. */
export interface Parties {
  /** The party of a role (or `any`, `internet`) as the deployment binds it; for roles of their own, as the baseline does. */
  of(role: string, baseline: Baseline): Party;
  /** The same in a prohibited row: of the Internet only the public addresses. */
  prohibited(role: string, baseline: Baseline): Party;
  /** Every role that the deployment binds to something, whether rows name it or not. */
  readonly bound: readonly Party[];
}

/**
 * The parties of a deployment. Computed once for all hosts that change no role, because the Internet is everything
 * that the other roles are not.
 */
export function createParties(roles: Settings['roles']): Parties {
  const general = new Map<string, Party>();
  const elsewhere = everyRole(roles);
  const newParty = (role: string, baseline: Baseline): Party => {
    const binding = roles.get(role);
    const own = binding === undefined ? baseline.roles.get(role) : undefined;
    if (own?.addresses !== undefined) return wellKnown(role, own.addresses);
    const party = kept(general, role, () => partyOf(role, binding, elsewhere));
    const within = party.binding === 'unbound' ? baseline.roles.get(role)?.within : undefined;
    const dns = own?.dns ?? [];
    if (dns.length === 0 && within === undefined) return party;
    return { ...party, dns: dns.length === 0 ? party.dns : dns, needed: within ?? party.needed };
  };
  const ofBaseline = new Map<Baseline, Map<string, Party>>();
  const of = (role: string, baseline: Baseline): Party =>
    kept(
      kept(ofBaseline, baseline, () => new Map()),
      role,
      () => newParty(role, baseline),
    );
  const forbidden = new Map<Party, Party>();
  const prohibited = (role: string, baseline: Baseline): Party => {
    const party = of(role, baseline);
    return kept(forbidden, party, () => publicOnly(party));
  };
  let bound: readonly Party[] | undefined;
  return {
    of,
    prohibited,
    get bound() {
      bound ??= [...roles].flatMap(([role, binding]) =>
        binding.kind === 'bound' ? [kept(general, role, () => partyOf(role, binding, elsewhere))] : [],
      );
      return bound;
    },
  };
}

/** The party of a row that forbids: everything of it is forbidden, of the Internet what is public. */
function publicOnly(party: Party): Party {
  const { binding, needed, ipv4, ipv6 } = party;
  if (binding !== 'internet') return { ...party, needed: undefined };
  return { ...party, needed: undefined, ipv4: needed?.ipv4 ?? ipv4, ipv6: needed?.ipv6 ?? ipv6 };
}

/** Every part is set, in one order, also what is left out: rows ask thousands of parties for their parts. */
function partyWith(parts: Partial<Party> & Pick<Party, 'role' | 'binding'>): Party {
  return {
    role: parts.role,
    binding: parts.binding,
    ipv4: parts.ipv4,
    ipv6: parts.ipv6,
    singles: parts.singles,
    interfaces: parts.interfaces ?? [],
    everywhere: parts.everywhere,
    needed: parts.needed,
    exceptSets: parts.exceptSets,
    exceptGroups: parts.exceptGroups,
    exceptRoles: parts.exceptRoles,
    dns: parts.dns,
    sets: parts.sets ?? [],
    groups: parts.groups ?? [],
  };
}

const orAbsent = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);

interface Elsewhere {
  readonly addresses: AddressSets;
  readonly sets: readonly string[];
  readonly groups: readonly NamedGroup[];
  readonly roles: readonly Party[];
}

const NOBODY: Elsewhere = { addresses: NO_ADDRESSES, sets: [], groups: [], roles: [] };

function everyRole(roles: Settings['roles']): Elsewhere {
  let addresses = NO_ADDRESSES;
  const sets = new Set<string>();
  const groups = new Map<string, NamedGroup>();
  for (const binding of roles.values()) {
    if (binding.addresses !== undefined) addresses = unite(addresses, binding.addresses);
    for (const set of binding.sets) sets.add(set);
    for (const group of binding.groups) groups.set(`${group.name} ${group.key}`, group);
  }
  const bound = [...roles].filter(
    ([, binding]) => binding.addresses !== undefined || binding.sets.length + binding.groups.length > 0,
  );
  return {
    addresses,
    sets: [...sets].sort(),
    groups: [...groups.keys()].sort().map((key) => groups.get(key) as NamedGroup),
    roles: bound.map(([role, binding]) => partyOf(role, binding, NOBODY)),
  };
}

function partyOf(role: string, binding: Binding | undefined, elsewhere: Elsewhere): Party {
  if (role === ANY)
    return partyWith({ role, binding: 'any', ...ALL_ADDRESSES, needed: ROUTABLE, everywhere: true });
  if (binding?.kind === 'internet' || (binding === undefined && role === INTERNET))
    return partyWith({
      role,
      binding: 'internet',
      ...subtract(ALL_ADDRESSES, elsewhere.addresses),
      needed: subtract(PUBLIC, elsewhere.addresses),
      exceptSets: orAbsent(elsewhere.sets),
      exceptGroups: orAbsent(elsewhere.groups),
      exceptRoles: elsewhere.roles,
    });
  if (binding === undefined || binding.kind === 'unbound') return partyWith({ role, binding: 'unbound' });
  const { addresses, interfaces, sets, groups } = binding;
  return partyWith({
    role,
    binding: 'bound',
    ...addresses,
    interfaces,
    sets,
    groups,
    dns: orAbsent(binding.dns),
  });
}

function wellKnown(role: string, addresses: AddressSets): Party {
  return partyWith({ role, binding: 'bound', ...addresses, everywhere: true });
}

/** The host itself, with its addresses where they are known. */
export function selfParty(
  role: string,
  addresses: AddressSets | undefined,
  singles: AddressSets | undefined,
  groups: readonly NamedGroup[],
): Party {
  return partyWith({ role, binding: 'self', groups, ...addresses, singles });
}

/** The host on its loopback interface: 127.0.0.1 and ::1 are needed, any address is documented. */
export function loopbackParty(self: Party): Party {
  return kept(LOOPBACK, self, () =>
    partyWith({ role: self.role, binding: 'self', needed: LOOPBACK_ADDRESSES }),
  );
}

/** One for each host, of whom many rows ask. */
const LOOPBACK = new WeakMap<Party, Party>();
const LOOPBACK_ADDRESSES: AddressSets = { ipv4: [0x7f000001, 0x7f000001], ipv6: [1n, 1n] };

/** The peers of a role that the host itself has: its other machines. Undefined where there is no other. */
export function others(party: Party, own: AddressSets | undefined): Party | undefined {
  if (own === undefined || party.ipv4 === undefined || party.ipv6 === undefined) return party;
  const rest = subtract({ ipv4: party.ipv4, ipv6: party.ipv6 }, own);
  const alone = isEmpty(rest) && party.binding === 'bound' && party.sets.length + party.groups.length === 0;
  return alone ? undefined : { ...party, ...rest };
}

/** A peer whose addresses hold some of these as well (the host's own, say) does not need those. */
export function notNeeding(party: Party, addresses: AddressSets | undefined): Party {
  if (addresses === undefined || party.ipv4 === undefined || party.ipv6 === undefined) return party;
  const needed: AddressSets = {
    ipv4: party.needed?.ipv4 ?? party.ipv4,
    ipv6: party.needed?.ipv6 ?? party.ipv6,
  };
  if (isEmpty(meet(needed, addresses))) return party;
  return { ...party, needed: subtract(needed, addresses) };
}
