import { complement, intersection, normalise, type Ranges } from '../../packet/ranges.ts';

const MAXIMUM4 = 0xffffffff;
const MAXIMUM6 = (1n << 128n) - 1n;

const prefix4 = (a: number, b: number, c: number, d: number, length: number): readonly [number, number] => {
  const lo = ((a * 256 + b) * 256 + c) * 256 + d;
  return [lo, lo + 2 ** (32 - length) - 1];
};
const prefix6 = (head: bigint, length: number): readonly [bigint, bigint] => {
  const rest = BigInt(128 - length);
  return [head << 112n, ((head << 112n) | ((1n << rest) - 1n)) as bigint];
};

/**
 * Addresses that are not public: nobody on the Internet can hold them (IANA special-purpose registries, RFC 6890).
 * The networks for documentation count as public, since examples use them so.
 */
const PRIVATE4 = normalise([
  prefix4(0, 0, 0, 0, 8),
  prefix4(10, 0, 0, 0, 8),
  prefix4(100, 64, 0, 0, 10),
  prefix4(127, 0, 0, 0, 8),
  prefix4(169, 254, 0, 0, 16),
  prefix4(172, 16, 0, 0, 12),
  prefix4(192, 168, 0, 0, 16),
  prefix4(224, 0, 0, 0, 3),
]);
/** Unspecified and loopback, unique local (RFC 4193), link-local (RFC 4291), multicast. */
const PRIVATE6 = normalise([
  [0n, 1n] as const,
  prefix6(0xfc00n, 7),
  prefix6(0xfe80n, 10),
  prefix6(0xff00n, 8),
]);

/** Public IPv4 addresses. */
export const PUBLIC4: Ranges<number> = complement(PRIVATE4, 0, MAXIMUM4);
/** Public IPv6 addresses. */
export const PUBLIC6: Ranges<bigint> = complement(PRIVATE6, 0n, MAXIMUM6);

/** Addresses that a party can have at all: no loopback, multicast, reserved or unspecified ones. */
const UNICAST4: Ranges<number> = complement(
  normalise([prefix4(0, 0, 0, 0, 8), prefix4(127, 0, 0, 0, 8), prefix4(224, 0, 0, 0, 3)]),
  0,
  MAXIMUM4,
);
/** Global unicast (2000::/3), unique local and link-local addresses. */
const UNICAST6: Ranges<bigint> = normalise([prefix6(0x2000n, 3), prefix6(0xfc00n, 7), prefix6(0xfe80n, 10)]);

/** The addresses that are a machine's own for itself, which no packet from a wire carries (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3). */
export const LOOPBACK: Readonly<{ 4: readonly [number, number]; 6: readonly [bigint, bigint] }> = {
  4: prefix4(127, 0, 0, 0, 8),
  6: [1n, 1n],
};

/** Whether all of the addresses are a machine's own for itself. */
export function isLoopback(family: 4 | 6, values: Ranges<number> | Ranges<bigint>): boolean {
  const [lo, hi] = [values[0], values[values.length - 1]];
  if (lo === undefined || hi === undefined) return true;
  const [first, last] = LOOPBACK[family];
  return lo >= first && hi <= last;
}

/** The addresses of the set that a party can have. */
export function unicast(
  family: 4 | 6,
  values: Ranges<number> | Ranges<bigint>,
): Ranges<number> | Ranges<bigint> {
  return family === 4
    ? intersection(values as Ranges<number>, UNICAST4)
    : intersection(values as Ranges<bigint>, UNICAST6);
}

/** The addresses of the first set that the second has not. */
export function without(
  family: 4 | 6,
  values: Ranges<number> | Ranges<bigint>,
  taken: Ranges<number> | Ranges<bigint>,
): Ranges<number> | Ranges<bigint> {
  return family === 4
    ? intersection(values as Ranges<number>, complement(taken as Ranges<number>, 0, MAXIMUM4))
    : intersection(values as Ranges<bigint>, complement(taken as Ranges<bigint>, 0n, MAXIMUM6));
}

/** What a pair has for the family. */
export const ofFamily = <T4, T6>(
  pair: { readonly ipv4?: T4; readonly ipv6?: T6 } | undefined,
  family: 4 | 6,
): T4 | T6 | undefined => (family === 4 ? pair?.ipv4 : pair?.ipv6);

/** All addresses of the family. */
export function everyAddress(family: 4 | 6): Ranges<number> | Ranges<bigint> {
  return family === 4 ? [0, MAXIMUM4] : [0n, MAXIMUM6];
}

/** 127.0.0.1 or ::1. */
export const loopbackAddress = (family: 4 | 6): Ranges<number> | Ranges<bigint> =>
  family === 4 ? [0x7f000001, 0x7f000001] : [1n, 1n];
