import type { Party, ResolvedRow } from '../baseline/model.ts';
import { complement, intersection, normalise, pairsOf, type Ranges } from '../packet/ranges.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { everyAddress } from './addresses.ts';
import { setAddresses } from './set-addresses.ts';

/** A set that an end of the row is bound to and that no config of the host has. */
export function unknownSet(
  ruleset: Ruleset,
  row: ResolvedRow,
): { readonly role: string; readonly set: string } | undefined {
  for (const { role, sets } of [row.source, row.destination])
    for (const set of sets) if (!ruleset.sets.has(set)) return { role, set };
  return undefined;
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
  const sets = party.sets.map((name) => setAddresses(ruleset, name, family));
  if (sets.some((values) => values === undefined)) return undefined;
  const own = family === 4 ? party.ipv4 : party.ipv6;
  const other = family === 4 ? party.ipv6 : party.ipv4;
  if (own === undefined && other === undefined && sets.length === 0) return undefined;
  const lists = [own ?? [], ...(sets as (Ranges<number> | Ranges<bigint>)[])] as Ranges<bigint>[];
  const all = normalise(lists.flatMap((values) => pairsOf(values)));
  const others = (party.exceptSets ?? []).map(
    (name) => (setAddresses(ruleset, name, family) ?? []) as Ranges<bigint>,
  );
  return others.reduce((rest, taken) => without(rest, taken, family), all);
}

function without(values: Ranges<bigint>, taken: Ranges<bigint>, family: 4 | 6): Ranges<bigint> {
  const [lo, hi] = everyAddress(family) as Ranges<bigint>;
  return intersection(values, complement(taken, lo as bigint, hi as bigint));
}
