import { addressBits, isLinkLocalIPv6 } from '../packet/address.ts';
import { normalise, type Ranges } from '../packet/ranges.ts';
import type { HostAddress, HostFacts } from '../rule/ruleset.ts';
import { kept } from '../text/kept.ts';

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

interface Network {
  readonly lo: bigint;
  readonly hi: bigint;
  /** Undefined: several interfaces have it. */
  readonly name: string | undefined;
}

/**
 * What is on the links of the host's interfaces by its addresses' prefixes, of which the longest counts (net/ipv4/fib_frontend.c,
 * fib_add_ifaddr; net/ipv6/addrconf.c, addrconf_prefix_route). What has the same network on several interfaces is on none that is known.
 */
export function ownLinks(host: HostFacts, family: 4 | 6): readonly OwnLink[] {
  const ofHost = kept(LINKS, host, (): { 4?: readonly OwnLink[]; 6?: readonly OwnLink[] } => ({}));
  ofHost[family] ??= newLinks(host, family);
  return ofHost[family];
}

const LINKS = new WeakMap<HostFacts, { 4?: readonly OwnLink[]; 6?: readonly OwnLink[] }>();

function newLinks(host: HostFacts, family: 4 | 6): readonly OwnLink[] {
  const networks = networksOf(host, family);
  const ends = [...new Set(networks.flatMap(({ lo, hi }) => [lo, hi + 1n]))].sort((a, b) => (a < b ? -1 : 1));
  const parts = new Map<string, [bigint, bigint][]>();
  for (const [at, lo] of ends.slice(0, -1).entries()) {
    const name = networks.find((one) => one.lo <= lo && lo <= one.hi)?.name;
    if (name === undefined) continue;
    const own = parts.get(name) ?? [];
    own.push([lo, (ends[at + 1] as bigint) - 1n]);
    parts.set(name, own);
  }
  return [...parts].map(([name, own]) => ({ name, addresses: normalise(own), parts: own }));
}

/** The smallest first. */
function networksOf(host: HostFacts, family: 4 | 6): readonly Network[] {
  const bits = addressBits(family);
  const found = new Map<string, Network>();
  for (const one of host.addresses) {
    if (!isOnLink(one, family) || one.prefixLength >= bits) continue;
    const rest = (1n << BigInt(bits - one.prefixLength)) - 1n;
    const lo = (one.peer ?? one.address) & ~rest;
    const key = `${lo}/${one.prefixLength}`;
    const before = found.get(key);
    const name = before === undefined || before.name === one.interface ? one.interface : undefined;
    found.set(key, { lo, hi: lo | rest, name });
  }
  return [...found.values()].sort((a, b) => (a.hi - a.lo < b.hi - b.lo ? -1 : 1));
}

const isOnLink = (one: HostAddress, family: 4 | 6): boolean =>
  one.family === family &&
  !one.loopback &&
  one.down !== true &&
  !(family === 6 && isLinkLocalIPv6(one.address));
