/** One in so many of a list, whatever the others are, to keep the tests' time; all with POSTERN_ALL=1. */
export function oneIn<T>(count: number, all: readonly T[]): T[] {
  return all.filter((_, i) => i % count === 0 || process.env.POSTERN_ALL === '1');
}
