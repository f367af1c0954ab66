import { isLinkLocalIPv6 } from '../../packet/address.ts';
import { normalise, type Ranges } from '../../packet/ranges.ts';
import type { HostAddress, Ruleset } from '../../rule/ruleset.ts';

/** The host's addresses as `ip -j addr` lists them, but for those of its loopback interface and those that are good on one link alone. */
export function wideAddresses({ host }: Pick<Ruleset, 'host'>, family: 4 | 6): readonly HostAddress[] {
  return (host?.addresses ?? []).filter(
    (one) => one.family === family && !one.loopback && !(family === 6 && isLinkLocalIPv6(one.address)),
  );
}

/** Addresses of one family as a set. */
export function addressSet(
  addresses: readonly HostAddress[],
  family: 4 | 6,
): Ranges<number> | Ranges<bigint> {
  const all = normalise(addresses.map(({ address }) => [address, address] as const));
  return family === 6 ? all : all.map(Number);
}
