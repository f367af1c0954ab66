import { addressBits, isLinkLocalIPv6 } from '../packet/address.ts';
import { ascending, normalise, type Ranges } from '../packet/ranges.ts';
import type { HostAddress, HostFacts } from '../rule/ruleset.ts';
import { groupBy } from '../text/group-by.ts';
import { kept } from '../text/kept.ts';

/** Addresses that are on the same link of the host's. */
export interface Link {
  readonly lo: bigint;
  readonly hi: bigint;
  /** The interface of that link; several where they have the same network. */
  readonly interfaces: readonly string[];
}

/** An interface and the addresses that are on its link and on no other one's. */
export interface OwnLink {
  readonly name: string;
  readonly addresses: Ranges<bigint>;
  readonly parts: readonly (readonly [lo: bigint, hi: bigint])[];
}

/** The links that have some of the addresses, and whether the first has all of them. */
export function linksWith(
  links: readonly OwnLink[],
  lo: bigint,
  hi: bigint,
): { readonly some: readonly OwnLink[]; readonly isWhole: boolean } {
  const some = links.filter(({ parts }) => parts.some((part) => part[0] <= hi && lo <= part[1]));
  const isWhole = some[0]?.parts.some((part) => part[0] <= lo && hi <= part[1]) === true;
  return { some, isWhole };
}

/** What is on the links of the host's interfaces. What has the same network on several interfaces is on none that is known. */
export function ownLinks(host: HostFacts, family: 4 | 6): readonly OwnLink[] {
  const ofHost = kept(LINKS, host, (): { 4?: readonly OwnLink[]; 6?: readonly OwnLink[] } => ({}));
  ofHost[family] ??= newLinks(host, family);
  return ofHost[family];
}

const LINKS = new WeakMap<HostFacts, { 4?: readonly OwnLink[]; 6?: readonly OwnLink[] }>();

function newLinks(host: HostFacts, family: 4 | 6): readonly OwnLink[] {
  const single = linksOfHost(host, family).filter(({ interfaces }) => interfaces.length === 1);
  return [...groupBy(single, ({ interfaces }) => interfaces[0] as string)].map(([name, own]) => {
    const parts = own.map(({ lo, hi }) => [lo, hi] as const);
    return { name, addresses: normalise(parts), parts };
  });
}

/**
 * What the host's interfaces have on their links, apart from each other: by the prefixes of their addresses, of which the longest counts
 * (net/ipv4/fib_frontend.c, fib_add_ifaddr; net/ipv6/addrconf.c, addrconf_prefix_route). Somebody may have added other routes, which
 * `ip -j addr` does not list.
 */
export function linksOfHost(host: HostFacts | undefined, family: 4 | 6): readonly Link[] {
  const bits = addressBits(family);
  const addresses = (host?.addresses ?? []).filter((one) => isOnLink(one, family) && one.prefixLength < bits);
  const groups = groupBy(addresses, (one) => `${networkOf(one, bits).lo}/${one.prefixLength}`);
  return apart(
    [...groups.values()].map((group) => ({
      ...networkOf(group[0] as HostAddress, bits),
      interfaces: [...new Set(group.map((one) => one.interface))],
    })),
  );
}

const isOnLink = (one: HostAddress, family: 4 | 6): boolean =>
  one.family === family &&
  !one.loopback &&
  one.down !== true &&
  !(family === 6 && isLinkLocalIPv6(one.address));

/** What is on the link of an address. */
export function networkOf(
  { address: own, peer, prefixLength }: HostAddress,
  bits: number,
): { lo: bigint; hi: bigint } {
  const hosts = (1n << BigInt(bits - prefixLength)) - 1n;
  const address = peer ?? own;
  return { lo: address & ~hosts, hi: address | hosts };
}

/** Networks apart from each other: of several that have an address the smallest counts. */
export function apart(networks: readonly Link[]): readonly Link[] {
  const bySize = [...networks].sort((a, b) => (a.hi - a.lo < b.hi - b.lo ? -1 : 1));
  const ends = [...new Set(networks.flatMap(({ lo, hi }) => [lo, hi + 1n]))].sort(ascending);
  return ends.flatMap((lo, at) => {
    const next = ends[at + 1];
    const network = bySize.find((one) => one.lo <= lo && lo <= one.hi);
    return network === undefined || next === undefined
      ? []
      : [{ lo, hi: next - 1n, interfaces: network.interfaces }];
  });
}
