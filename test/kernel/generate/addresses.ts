import { formatAddress, parseAddress } from '../wire/address.ts';
import { type Link, LINKS } from '../topology.ts';
import { bits, type Chance, happens, pick } from './chance.ts';

const POOL = {
  4: [
    '10.1.2.0',
    '10.1.9.5',
    '172.17.3.4',
    '192.0.2.1',
    '192.168.1.128',
    '198.51.100.7',
    '203.0.113.77',
    '8.8.8.8',
  ],
  6: ['2001:db8:1::', '2001:db8:9::5', '2001:db8:ffff:1::7', 'fd00:17::5', 'fd12:3456:789a:1::1', '2600::1'],
} as const;

/** An address that routers carry: not of a range that the kernel itself refuses. */
export function address(chance: Chance, family: 4 | 6): bigint {
  if (happens(chance, 70)) {
    const base = parseAddress(pick(chance, POOL[family]));
    return happens(chance, 50) ? base : base + bits(chance, 8);
  }
  for (;;) {
    const random = bits(chance, family === 4 ? 32 : 128);
    const found = family === 4 ? random : (2n << 124n) | (random & ((1n << 124n) - 1n));
    if (isPlain(family, found)) return found;
  }
}

/**
 * Whether the kernel takes the address as a source and as a destination, whatever the rules are: no multicast, no
 * broadcast, no loopback, no "this network" (net/ipv4/route.c, ip_route_input_slow; net/ipv6/ip6_input.c), and none
 * that is bound to one link.
 */
export function isPlain(family: 4 | 6, value: bigint): boolean {
  if (family === 4) {
    const first = value >> 24n;
    return value >= 0n && first !== 0n && first !== 127n && first < 224n && value >> 16n !== 0xa9fen;
  }
  const high = value >> 112n;
  return value < 1n << 128n && high >= 0x100n && high >> 6n !== 0x3fan && high < 0xff00n;
}

/** The host's own address on an interface. */
export function ownAddress(family: 4 | 6, link: (typeof LINKS)[number]): bigint {
  return parseAddress(family === 4 ? link.address4 : link.address6);
}

/** Whether the address is one of the first addresses of the host's IPv6 networks, its routers' anycast addresses (RFC 4291, 2.6.1). */
export function isAnycast(value: bigint): boolean {
  return LINKS.some((link) => value === (ownAddress(6, link) >> 64n) << 64n);
}

/** Whether a router would not forward to the address: it is the host's own, or names one of its networks. */
export function belongsToHost(family: 4 | 6, value: bigint): boolean {
  return LINKS.some((link) => {
    const own = ownAddress(family, link);
    if (value === own) return true;
    if (family === 6) return isAnycast(value);
    const host = BigInt(32 - link.prefix4);
    const network = (own >> host) << host;
    return value === network || value === network + (1n << host) - 1n;
  });
}

/** The link in whose network the address is. */
export function linkOf(family: 4 | 6, value: bigint): Link | undefined {
  return LINKS.find((link) => {
    const host = BigInt(family === 4 ? 32 - link.prefix4 : 64);
    return value >> host === ownAddress(family, link) >> host;
  });
}

/** A network as written, with its first and last address. */
export interface Network {
  readonly text: string;
  readonly lo: bigint;
  readonly hi: bigint;
}

/** A network of a random prefix length. */
export function network(chance: Chance, family: 4 | 6): Network {
  const width = family === 4 ? 32 : 128;
  const usual = family === 4 ? [8, 16, 24, 25, 30, 32, 32] : [32, 48, 64, 64, 96, 127, 128, 128];
  const prefix = happens(chance, 85) ? pick(chance, usual) : chance.integer(1, width);
  const host = BigInt(width - prefix);
  const lo = (address(chance, family) >> host) << host;
  const bare = prefix === width && happens(chance, 70);
  return {
    text: formatAddress(family, lo) + (bare ? '' : `/${prefix}`),
    lo,
    hi: lo + (1n << host) - 1n,
  };
}

/** The addresses at both ends of a range, and their neighbours outside. */
export function edges(lo: bigint, hi: bigint): bigint[] {
  return [...new Set([lo - 1n, lo, hi, hi + 1n])].filter((value) => value >= 0n);
}
