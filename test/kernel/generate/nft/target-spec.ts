import type { Chance } from '../chance.ts';
import type { MatchSpec, TargetSpec } from '../spec.ts';

/** What ends a rule, and what must stand before it. */
export interface NftTarget {
  readonly target: TargetSpec;
  readonly matches?: readonly MatchSpec[];
}

/** An address that translated packets go to. */
export type TranslateTo = (chance: Chance) => bigint;

/** A target without matches of its own. */
export const plain = (construct: string, words: string): NftTarget => ({ target: { construct, words } });
