/**
 * What is known of one field of a packet: the values that it can still have, as sorted, disjoint, inclusive
 * bounds `[lo0, hi0, lo1, hi1, …]`. A known value is `[v, v]`. Numbers throughout, but bigints for IPv6 addresses;
 * one domain never mixes them.
 *
 * The interpreter has its own few operations on purpose: an oracle that shares code with what it judges proves
 * nothing.
 */
export type Domain<T extends number | bigint = number> = readonly T[];

/** An address domain: numbers for IPv4, bigints for IPv6. */
export type AddressDomain = Domain<number> | Domain<bigint>;

/** The domain of one known value. */
export function known<T extends number | bigint>(value: T): Domain<T> {
  return [value, value];
}

/** Every address of a family. */
export function everyAddress(family: 4 | 6): AddressDomain {
  return family === 4 ? [0, 0xffffffff] : [0n, (1n << 128n) - 1n];
}

/** The value of a domain that has only one. */
export function onlyValue<T extends number | bigint>(domain: Domain<T>): T | undefined {
  return domain.length === 2 && domain[0] === domain[1] ? domain[0] : undefined;
}

/** What is in both. */
export function common<T extends number | bigint>(a: Domain<T>, b: Domain<T>): Domain<T> {
  const out: T[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const lo = larger(a[i] as T, b[j] as T);
    const hi = smaller(a[i + 1] as T, b[j + 1] as T);
    if (lo <= hi) out.push(lo, hi);
    if ((a[i + 1] as T) < (b[j + 1] as T)) i += 2;
    else j += 2;
  }
  return out;
}

/** What is in `a` and not in `b`. */
export function without<T extends number | bigint>(a: Domain<T>, b: Domain<T>): Domain<T> {
  const out: T[] = [];
  let j = 0;
  for (let i = 0; i < a.length; i += 2) {
    let from = a[i] as T;
    const to = a[i + 1] as T;
    while (j < b.length && (b[j + 1] as T) < from) j += 2;
    for (let k = j; k < b.length && (b[k] as T) <= to && from <= to; k += 2) {
      if ((b[k] as T) > from) out.push(from, step(b[k] as T, -1));
      from = step(b[k + 1] as T, 1);
    }
    if (from <= to) out.push(from, to);
  }
  return out;
}

/** How a domain lies to a set: all of it inside, none of it, or some. */
export function lies<T extends number | bigint>(
  domain: Domain<T>,
  set: Domain<T>,
): 'inside' | 'outside' | 'both' {
  const value = onlyValue(domain);
  if (value !== undefined) return has(set, value) ? 'inside' : 'outside';
  const shared = common(domain, set);
  if (shared.length === 0) return 'outside';
  return equal(shared, domain) ? 'inside' : 'both';
}

/** Whether the set has the value. */
export function has<T extends number | bigint>(set: Domain<T>, value: T): boolean {
  let low = 0;
  let high = set.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (value < (set[2 * middle] as T)) high = middle - 1;
    else if (value > (set[2 * middle + 1] as T)) low = middle + 1;
    else return true;
  }
  return false;
}

/** How many values a domain of numbers has. */
export function size(domain: Domain<number>): number {
  let total = 0;
  for (let i = 0; i < domain.length; i += 2) total += (domain[i + 1] as number) - (domain[i] as number) + 1;
  return total;
}

/** The domain of the given values, in any order. */
export function ofValues(values: Iterable<number>): Domain<number> {
  const out: number[] = [];
  for (const value of [...new Set(values)].sort((a, b) => a - b)) {
    if (out.length > 0 && out[out.length - 1] === value - 1) out[out.length - 1] = value;
    else out.push(value, value);
  }
  return out;
}

/** The values of a small domain, in order. */
export function valuesOf(domain: Domain<number>): number[] {
  const out: number[] = [];
  for (let i = 0; i < domain.length; i += 2)
    for (let value = domain[i] as number; value <= (domain[i + 1] as number); value++) out.push(value);
  return out;
}

/** Whether two domains are the same. */
export function equal<T extends number | bigint>(a: Domain<T>, b: Domain<T>): boolean {
  return a.length === b.length && a.every((bound, at) => bound === b[at]);
}

function larger<T extends number | bigint>(a: T, b: T): T {
  return a > b ? a : b;
}

function smaller<T extends number | bigint>(a: T, b: T): T {
  return a < b ? a : b;
}

function step<T extends number | bigint>(value: T, by: 1 | -1): T {
  return (typeof value === 'bigint' ? value + BigInt(by) : (value as number) + by) as T;
}
