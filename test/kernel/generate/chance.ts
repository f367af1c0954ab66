import fc from 'fast-check';

/**
 * A source of choices. Rule sets draw from fast-check, so that one seed gives the same one again; the many packets of a
 * rule set draw from a plain generator, which fast-check seeds.
 */
export interface Chance {
  /** An integer from `lo` to `hi`, both included. */
  integer(lo: number, hi: number): number;
}

/** Choices drawn from fast-check with this seed. */
export function fromFastCheck(seed: number): Chance {
  const [draw] = fc.sample(fc.gen(), { seed, numRuns: 1 });
  const integer = (min: number, max: number) => fc.noBias(fc.integer({ min, max }));
  return { integer: (lo, hi) => (draw as NonNullable<typeof draw>)(integer, lo, hi) };
}

/** A 32-bit generator (the mulberry32 step), fast enough for millions of choices. */
export function fromSeed(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { integer: (lo, hi) => lo + Math.floor(next() * (hi - lo + 1)) };
}

/** One of the list, which must not be empty. */
export function pick<T>(chance: Chance, list: readonly T[]): T {
  return list[chance.integer(0, list.length - 1)] as T;
}

/** True in `percent` of a hundred cases. */
export function happens(chance: Chance, percent: number): boolean {
  return chance.integer(1, 100) <= percent;
}

/** Between `lo` and `hi` different members of the list, in its order. */
export function some<T>(chance: Chance, list: readonly T[], lo: number, hi: number): T[] {
  const left = list.map((_, index) => index);
  const wanted = Math.min(chance.integer(lo, hi), list.length);
  const chosen: number[] = [];
  while (chosen.length < wanted) chosen.push(...left.splice(chance.integer(0, left.length - 1), 1));
  return chosen.sort((a, b) => a - b).map((index) => list[index] as T);
}

/** One of the ways, by weight. */
export function weighted<T>(chance: Chance, ways: readonly (readonly [number, T])[]): T {
  let rest = chance.integer(
    1,
    ways.reduce((sum, [weight]) => sum + weight, 0),
  );
  for (const [weight, value] of ways) {
    rest -= weight;
    if (rest <= 0) return value;
  }
  return (ways[ways.length - 1] as readonly [number, T])[1];
}

/** A number of so many bits. */
export function bits(chance: Chance, count: number): bigint {
  let value = 0n;
  for (let left = count; left > 0; left -= 16)
    value = (value << BigInt(Math.min(16, left))) | BigInt(chance.integer(0, 2 ** Math.min(16, left) - 1));
  return value;
}
