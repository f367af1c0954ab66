import { formatAddress, formatRange, isLinkLocal } from '../packet/address.ts';
import { pairsOf, type Ranges } from '../packet/ranges.ts';
import type { Ruleset } from '../rule/ruleset.ts';

/** Addresses by which other machines know the host: not those of the loopback interface or of one link. */
export function ownAddresses({ host, cloud }: Ruleset): string[] {
  const seen = (host?.addresses ?? [])
    .filter((one) => !one.loopback && !isLinkLocal(one.family, one.address))
    .map(({ family, address }) => formatAddress(family, address));
  if (host !== undefined || cloud?.own === undefined) return seen;
  const { ipv4, ipv6 } = cloud.own;
  return [...textsOf(4, ipv4), ...textsOf(6, ipv6)];
}

/** Neighbouring addresses more than these are a range that an interface has. */
const NEIGHBOURS = 64n;

/** Addresses one by one, as far as they are few: those that stand so are the host's own for certain. */
function textsOf(family: 4 | 6, ranges: Ranges<number> | Ranges<bigint>): string[] {
  return pairsOf(ranges as Ranges<bigint>).flatMap(([from, to]) => {
    const [lo, hi] = [BigInt(from), BigInt(to)];
    const count = hi - lo + 1n;
    if (count > NEIGHBOURS) return [formatRange(family, lo, hi)];
    return Array.from({ length: Number(count) }, (_, i) => formatAddress(family, lo + BigInt(i)));
  });
}
