/**
 * A set of integers as inclusive bounds `[lo0, hi0, lo1, hi1, …]`: sorted, disjoint and merged (no two
 * neighbours touch), so equal sets have equal arrays. Numbers serve everything up to 48 bits (IPv4
 * addresses, ports, MACs), bigints serve IPv6 addresses; one set never mixes them.
 */
export type Ranges<T extends number | bigint = number> = readonly T[];

const next = <T extends number | bigint>(x: T): T =>
  (typeof x === 'bigint' ? x + 1n : (x as number) + 1) as T;
const previous = <T extends number | bigint>(x: T): T =>
  (typeof x === 'bigint' ? x - 1n : (x as number) - 1) as T;

/** The lesser of two values: Math.min takes no bigints. */
export function lesser<T extends number | bigint>(a: T, b: T): T {
  if (a < b) return a;
  return b;
}
/** The greater of two values. */
export function greater<T extends number | bigint>(a: T, b: T): T {
  if (a > b) return a;
  return b;
}

/** For sorting: the lesser value first. */
export function ascending(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The normal form of any list of inclusive pairs, in any order, overlapping or touching. Pairs with lo > hi are empty. */
export function normalise<T extends number | bigint>(pairs: readonly (readonly [T, T])[]): Ranges<T> {
  const sorted = pairs.filter(([lo, hi]) => lo <= hi).sort((a, b) => ascending(a[0], b[0]));
  const out: T[] = [];
  for (const [lo, hi] of sorted) {
    const last = out[out.length - 1];
    if (last !== undefined && lo <= next(last)) {
      if (hi > last) out[out.length - 1] = hi;
    } else out.push(lo, hi);
  }
  return out;
}

/** Whether the set has the value. */
export function contains<T extends number | bigint>(set: Ranges<T>, value: T): boolean {
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

/** Values in either set. */
export function union<T extends number | bigint>(a: Ranges<T>, b: Ranges<T>): Ranges<T> {
  const out: T[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const fromA = j >= b.length || (i < a.length && (a[i] as T) <= (b[j] as T));
    const [set, at] = fromA ? [a, i] : [b, j];
    if (fromA) i += 2;
    else j += 2;
    const [lo, hi] = [set[at] as T, set[at + 1] as T];
    const last = out[out.length - 1];
    if (last === undefined || lo > next(last)) out.push(lo, hi);
    else if (hi > last) out[out.length - 1] = hi;
  }
  return out;
}

/** Values in both sets. */
export function intersection<T extends number | bigint>(a: Ranges<T>, b: Ranges<T>): Ranges<T> {
  const out: T[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [aLo, aHi, bLo, bHi] = [a[i] as T, a[i + 1] as T, b[j] as T, b[j + 1] as T];
    const lo = greater(aLo, bLo);
    const hi = lesser(aHi, bHi);
    if (lo <= hi) out.push(lo, hi);
    if (aHi < bHi) i += 2;
    else j += 2;
  }
  return out;
}

/** Values from `lo` to `hi` that the set does not have. */
export function complement<T extends number | bigint>(set: Ranges<T>, lo: T, hi: T): Ranges<T> {
  const out: T[] = [];
  let from = lo;
  for (let i = 0; i < set.length; i += 2) {
    const [start, end] = [set[i] as T, set[i + 1] as T];
    if (end < from) continue;
    if (start > hi) break;
    if (start > from) out.push(from, previous(start));
    from = next(end);
    if (from > hi) return out;
  }
  if (from <= hi) out.push(from, hi);
  return out;
}

/** The inclusive pairs of a set, in order. */
export function pairsOf<T extends number | bigint>(set: Ranges<T>): [T, T][] {
  const out: [T, T][] = [];
  for (let i = 0; i < set.length; i += 2) out.push([set[i] as T, set[i + 1] as T]);
  return out;
}
