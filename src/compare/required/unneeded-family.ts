import { ofFamily, without } from '../addresses/addresses.ts';
import type { ResolvedHost } from '../../baseline/model.ts';
import { formatRange, isLinkLocal } from '../../packet/address.ts';
import { normalise, pairsOf, type Ranges } from '../../packet/ranges.ts';
import type { CoverageEntry, Ruleset } from '../../rule/ruleset.ts';
import { listedAddresses, partyAddresses } from '../rows/parties.ts';
import { isCloud } from '../../symbolic/stages.ts';

/**
 * What is told where the deployment gives a host addresses of one family, and the configs show that it has some of the other: no
 * row needs anything there, and that nothing is missing says nothing.
 */
export function unneededFamilies(host: ResolvedHost, ruleset: Ruleset): CoverageEntry[] {
  const own = ([4, 6] as const).map((family) => partyAddresses(ruleset, host.own, family));
  if (own.every((addresses) => addresses?.length === 0)) return [];
  return ([4, 6] as const).flatMap((family, i): CoverageEntry[] => {
    const [first, more] = own[i]?.length === 0 ? shownAddresses(ruleset, family) : [];
    if (first === undefined || !ruleset.families.has(family)) return [];
    const shown = `${formatRange(family, ...first)}${more === undefined ? '' : ' and others'}`;
    const reason = `this shows that the host has ${shown}, and the deployment gives it no IPv${family} address: no row is judged in IPv${family}`;
    return [{ span: spanOf(ruleset), status: 'approximated', reason }];
  });
}

/**
 * What is told where a role has several addresses, of which `ip -j addr` lists some alone, and the host does not say which are its own: they
 * may be other machines', and those are parties of no row then.
 */
export function unlistedAddresses({ own, ownOfRole }: ResolvedHost, ruleset: Ruleset): CoverageEntry[] {
  const { host } = ruleset;
  if (ownOfRole !== true || host === undefined) return [];
  return ([4, 6] as const).flatMap((family): CoverageEntry[] => {
    const bound = (partyAddresses(ruleset, own, family) ?? []) as Ranges<bigint>;
    const rest = without(family, bound, listedAddresses(ruleset, family)) as Ranges<bigint>;
    const [first, more] = pairsOf(rest);
    if (first === undefined || String(rest) === String(bound)) return [];
    const [lo, hi] = first.map(BigInt) as [bigint, bigint];
    const unlisted = `${formatRange(family, lo, hi)}${more === undefined ? '' : ' and others'}`;
    const reason = `this does not list ${unlisted} of the role \`${own.role}\`, which is taken for the host’s too: where another machine has it, write \`addresses:\` beside the host, so that rows between the two are judged`;
    return [{ span: host.origin, status: 'approximated', reason }];
  });
}

/** Whether the configs show the host's addresses, and none of the family but on its links. */
export function showsNoAddress(ruleset: Ruleset, family: 4 | 6): boolean {
  const { host, cloud } = ruleset;
  const shows =
    host?.addresses.some((one) => one.family === family) || ofFamily(cloud?.own, family) !== undefined;
  return shows && shownAddresses(ruleset, family).length === 0;
}

/** Addresses that the configs show, but for those of a loopback interface and of one link. */
function shownAddresses(ruleset: Ruleset, family: 4 | 6): (readonly [bigint, bigint])[] {
  const { cloud } = ruleset;
  const all = normalise([
    ...pairsOf(listedAddresses(ruleset, family) as Ranges<bigint>),
    ...pairsOf((ofFamily(cloud?.own, family) ?? []) as Ranges<bigint>),
  ]);
  return pairsOf(all)
    .map(([lo, hi]) => [BigInt(lo), BigInt(hi)] as const)
    .filter(([lo]) => !isLinkLocal(family, lo));
}

function spanOf({ host, chains }: Ruleset): CoverageEntry['span'] {
  const cloud = chains.find(({ base }) => base !== undefined && isCloud(base.hook));
  return host?.origin ?? (cloud as Ruleset['chains'][number]).origin;
}
