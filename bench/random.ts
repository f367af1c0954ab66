/** A source of repeatable random numbers. */
export interface Random {
  /** An integer from 0 to `bound` - 1. */
  readonly below: (bound: number) => number;
  /** Whether something happens that happens in `percent` of a hundred cases. */
  readonly chance: (percent: number) => boolean;
  /** One of the items; the list is not empty. */
  readonly pick: <T>(items: readonly T[]) => T;
  /** The items in another order; the list itself stays. */
  readonly shuffled: <T>(items: readonly T[]) => T[];
}

/**
 * Random numbers that are the same for the same seed on every machine: a 32-bit linear congruential generator with the
 * constants of Numerical Recipes (ch. 7.1), of which the upper bits are used.
 */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  return {
    below,
    chance: (percent) => below(100) < percent,
    pick: <T>(items: readonly T[]): T => items[below(items.length)] as T,
    shuffled: <T>(items: readonly T[]): T[] => {
      const list = [...items];
      for (let i = list.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [list[i], list[j]] = [list[j] as T, list[i] as T];
      }
      return list;
    },
  };
}
