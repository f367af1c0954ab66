import { pairsOf, type Ranges } from '../../../packet/ranges.ts';
import { anyOf, type Condition } from '../../../rule/condition.ts';
import type { Leaf } from './leaf.ts';
import { prefixesOf } from './prefixes.ts';

/** One part of what is looked up: a field, and what is done to its bits: `(field & and) ^ xor`. */
export interface Part {
  readonly leaf: Leaf;
  readonly bits: { readonly and: bigint; readonly xor: bigint } | undefined;
}

/** The part is in the ranges; undefined where that is not modelled. */
export function ofRanges({ leaf, bits }: Part, ranges: Ranges<bigint>): Condition | undefined {
  if (bits === undefined && leaf.key !== 'ct status') return leaf.member(ranges);
  const { masked } = leaf;
  if (masked === undefined || bits === undefined) return undefined;
  const { and, xor } = bits;
  const out: Condition[] = [];
  for (const [lo, hi] of pairsOf(ranges))
    for (const { mask, value } of prefixesOf(lo, hi, leaf.type.bits)) {
      // ((field & and) ^ xor) & mask === value
      const wanted = (value ^ xor) & mask;
      if ((wanted & ~and) === 0n) out.push(masked(and & mask, wanted));
    }
  return anyOf(out);
}
