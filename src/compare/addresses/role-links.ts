import type { Party, ResolvedHost } from '../../baseline/model.ts';
import { pairsOf } from '../../packet/ranges.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { partyAddresses } from '../rows/parties.ts';
import type { Link } from './link.ts';

/**
 * Addresses of roles that the deployment binds to interfaces too: what goes to them leaves by these, as far as it says. The smallest come first; what
 * several roles have is behind the interfaces of each.
 */
export function roleLinks(ruleset: Ruleset, host: ResolvedHost, family: 4 | 6): () => readonly Link[] {
  let known: readonly Link[] | undefined;
  return () => {
    known ??= newLinks(ruleset, host, family);
    return known;
  };
}

function newLinks(ruleset: Ruleset, host: ResolvedHost, family: 4 | 6): readonly Link[] {
  const found = new Map<string, Link>();
  for (const party of new Set(partiesOf(host))) {
    const names = party.interfaces.flatMap(({ name, prefix }) => (prefix ? [] : [name]));
    if (party.binding !== 'bound' || names.length === 0 || names.length < party.interfaces.length) continue;
    const addresses = (partyAddresses(ruleset, party, family) ?? []) as readonly (number | bigint)[];
    for (const [lo, hi] of pairsOf(addresses.map(BigInt))) {
      const interfaces = [...new Set([...(found.get(`${lo} ${hi}`)?.interfaces ?? []), ...names])];
      found.set(`${lo} ${hi}`, { lo, hi, interfaces });
    }
  }
  return [...found.values()].sort((a, b) => (a.hi - a.lo < b.hi - b.lo ? -1 : 1));
}

const partiesOf = ({ baselines, others = [], role: own }: ResolvedHost): readonly Party[] =>
  baselines
    .flatMap(({ rows, behind = [] }) => [
      ...rows.flatMap(({ source, destination }) => [source, destination]),
      ...behind.map(({ party }) => party),
    ])
    .concat(others.filter(({ role }) => role !== own));
