import type { Party, ResolvedHost } from '../../baseline/model.ts';
import { pairsOf } from '../../packet/ranges.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { partyAddresses } from '../rows/parties.ts';
import { apart, type Link } from '../../symbolic/own-links.ts';

/** Bits of the most addresses that usually are on one link: a role of more names a part of the world rather, with many links. */
const WIDEST = { 4: 16n, 6: 64n } as const;

/**
 * Addresses of roles that the deployment binds to interfaces too: what goes to them leaves by these, as far as it says. Of roles that have
 * an address the smallest counts, which may be bound to none; what several of the same addresses have is behind the interfaces of each.
 */
export function roleLinks(ruleset: Ruleset, host: ResolvedHost, family: 4 | 6): () => readonly Link[] {
  let known: readonly Link[] | undefined;
  return () => {
    known ??= newLinks(ruleset, host, family);
    return known;
  };
}

function newLinks(ruleset: Ruleset, host: ResolvedHost, family: 4 | 6): readonly Link[] {
  const parties = [...new Set(partiesOf(host))].filter(({ binding }) => binding === 'bound');
  if (parties.every((party) => namesOf(party).length === 0)) return [];
  const found = new Map<string, Link>();
  for (const party of parties) {
    const addresses = (partyAddresses(ruleset, party, family) ?? []) as readonly (number | bigint)[];
    for (const [lo, hi] of pairsOf(addresses.map(BigInt))) {
      const names = hi - lo < 1n << WIDEST[family] ? namesOf(party) : [];
      const interfaces = [...new Set([...(found.get(`${lo} ${hi}`)?.interfaces ?? []), ...names])];
      found.set(`${lo} ${hi}`, { lo, hi, interfaces });
    }
  }
  return apart([...found.values()]).filter(({ interfaces }) => interfaces.length > 0);
}

/** The interfaces to which a party is bound; none, where they are not all told by name. */
const namesOf = ({ interfaces }: Party): readonly string[] =>
  interfaces.some(({ prefix }) => prefix) ? [] : interfaces.map(({ name }) => name);

const partiesOf = ({ baselines, others = [], role: own }: ResolvedHost): readonly Party[] =>
  baselines
    .flatMap(({ rows, behind = [] }) => [
      ...rows.flatMap(({ source, destination }) => [source, destination]),
      ...behind.map(({ party }) => party),
    ])
    .concat(others.filter(({ role }) => role !== own));
