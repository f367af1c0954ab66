import { addressBits } from '../../packet/address.ts';
import { normalise, type Ranges } from '../../packet/ranges.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { wideAddresses } from './wide-addresses.ts';

/**
 * The host's own links as `ip -j addr` has them: addresses with their prefix lengths, which are those of the routes to the link unless
 * somebody says otherwise (`noprefixroute`). Undefined where nobody gives them, or where an interface has single addresses alone, as
 * DHCPv6 gives them: what is on its link routers tell, and no listing of addresses.
 */
export function ownLinks(ruleset: Pick<Ruleset, 'host'>, family: 4 | 6): Ranges<bigint> | undefined {
  const bits = addressBits(family);
  const wide = wideAddresses(ruleset, family);
  const links = wide.filter(({ prefixLength }) => prefixLength < bits);
  const named = new Set(links.map((one) => one.interface));
  if (links.length === 0 || wide.some((one) => !named.has(one.interface))) return undefined;
  return normalise(
    links.map(({ address, prefixLength }): readonly [bigint, bigint] => {
      const hosts = (1n << BigInt(bits - prefixLength)) - 1n;
      return [address & ~hosts, address | hosts];
    }),
  );
}
