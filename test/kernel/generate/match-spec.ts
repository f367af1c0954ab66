import { type Chance, happens } from './chance.ts';
import type { Aim, MatchSpec, SetSpec } from './spec.ts';

/** Where a rule stands, as far as that decides which matches may stand there. */
export interface Surroundings {
  readonly family: 4 | 6;
  readonly table: string;
  /** The base chains that lead here. */
  readonly bases: readonly string[];
  readonly sets: readonly (SetSpec & { readonly dimensions: number; readonly aims: readonly Aim[] })[];
}

/** Makes one match for a place. */
export type Generator = (chance: Chance, around: Surroundings) => MatchSpec;

/** `! ` in so many of a hundred cases. */
export const not = (chance: Chance, percent = 20) => (happens(chance, percent) ? '! ' : '');

/** A match as written, with its aims. */
export const spec = (construct: string, words: string, aims: readonly Aim[] = []): MatchSpec => ({
  construct,
  words,
  aims,
});
