import type { HostAddress, HostFacts } from '../rule/ruleset.ts';
import { type AddressDomain, type Domain, without } from './domain.ts';
import { addressIsIn } from './narrow.ts';
import type { Pending } from './question.ts';
import type { Walk } from './walk.ts';

/**
 * The interface on whose link the packet's destination is; undefined where it is on none, or on those of several. Of networks that hold each
 * other the longest prefix counts (net/ipv4/fib_semantics.c, net/ipv6/addrconf.c).
 */
export function linkInterface(walk: Walk): string | undefined | Pending {
  const { ruleset, packet } = walk.setting;
  const { host } = ruleset;
  if (host === undefined) return undefined;
  const as = { kind: 'routing' as const, text: 'on which link the translated destination is' };
  for (const name of host.interfaces) {
    const there = addressIsIn(walk, 'dst', onLinkOf(host, name, packet.family), as);
    if (typeof there === 'object') return there;
    if (there) return name;
  }
  return undefined;
}

/** Addresses on the link of an interface, without those of longer prefixes, and of the same one, of others. */
function onLinkOf(host: HostFacts, name: string, family: 4 | 6): AddressDomain {
  const usable = host.addresses.filter((one) => hasLink(one, family));
  let found: Domain<bigint> = [];
  for (const own of usable.filter((one) => one.interface === name)) {
    const better = usable.filter((one) => one.interface !== name && one.prefixLength >= own.prefixLength);
    const left = better.reduce<Domain<bigint>>((domain, one) => without(domain, network(one)), network(own));
    found = joined(found, left);
  }
  return family === 4 ? found.map(Number) : found;
}

function hasLink(one: HostAddress, family: 4 | 6): boolean {
  // Each interface has fe80::/10 (RFC 4291, section 2.5.6).
  const isNarrow = one.loopback || (family === 6 && one.address >> 118n === 0x3fan);
  return one.family === family && !isNarrow && one.down !== true && one.prefixLength < widthOf(family);
}

const widthOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);

function network({ address, peer, prefixLength, family }: HostAddress): Domain<bigint> {
  const size = 1n << BigInt(widthOf(family) - prefixLength);
  const first = ((peer ?? address) / size) * size;
  return [first, first + size - 1n];
}

function joined(a: Domain<bigint>, b: Domain<bigint>): Domain<bigint> {
  const rest = without(b, a);
  const pairs: [bigint, bigint][] = [];
  for (const domain of [a, rest])
    for (let at = 0; at < domain.length; at += 2)
      pairs.push([domain[at] as bigint, domain[at + 1] as bigint]);
  pairs.sort(([x], [y]) => (x < y ? -1 : 1));
  const made: bigint[] = [];
  for (const [lo, hi] of pairs)
    if (made.length > 0 && made[made.length - 1] === lo - 1n) made[made.length - 1] = hi;
    else made.push(lo, hi);
  return made;
}
