import type { Element } from '../ast/ast.ts';
import { dataKey, pairOf } from './overlap.ts';
import type { Problems } from '../problems.ts';
import type { DataTypes } from './value.ts';
import type { ValueType } from '../types/types.ts';

/** The least and the greatest value of one part of a concatenation. */
export type Pair = readonly [number | bigint, number | bigint];

interface Box {
  readonly pairs: readonly Pair[];
  readonly element: Element;
}

/** Comparisons of two boxes that a set is worth: above it, what nft refuses may be taken. */
const BUDGET = 20_000_000;

/**
 * Tells concatenations that the kernel does not add to those before them: one of whose least or greatest corner
 * another one has (net/netfilter/nft_set_pipapo.c, nft_pipapo_insert), and in a map a key that stands twice with
 * different values.
 * @returns whether there are none
 */
export function checkBoxes(
  elements: readonly Element[],
  types: readonly (ValueType | undefined)[],
  data: DataTypes,
  problems: Problems,
  named = false,
): boolean {
  const singles = new Map<string, Element>();
  const wide: Box[] = [];
  const all: Box[] = [];
  let left = BUDGET;
  for (const element of elements) {
    const pairs = boxOf(element, types);
    if (pairs === undefined) continue;
    const box = { pairs, element };
    const single = pairs.every(([lo, hi]) => lo === hi);
    const key = pairs.map(([lo, hi]) => `${lo}-${hi}`).join(' ');
    const same = singles.get(key);
    if (same !== undefined) {
      if (dataKey(same, data) !== dataKey(element, data) && !mayOverlap(element, problems, named))
        return false;
      continue;
    }
    singles.set(key, element);
    // A single value is a corner of itself; others are met by those that are no single values.
    const others = single ? wide : all;
    left -= others.length;
    if (left >= 0 && others.some((other) => meets(box, other)) && !mayOverlap(element, problems, named))
      return false;
    all.push(box);
    if (!single) wide.push(box);
  }
  return true;
}

/** What each part of a concatenation is from and to; undefined where one of them is no number. */
export function boxOf(
  { key }: Element,
  types: readonly (ValueType | undefined)[],
): readonly Pair[] | undefined {
  if (key.kind !== 'concat' || key.of.length !== types.length) return undefined;
  const pairs: Pair[] = [];
  for (const [at, part] of key.of.entries()) {
    const type = types[at];
    const pair = type === undefined ? undefined : pairOf(part, type);
    if (pair === undefined) return undefined;
    pairs.push(pair);
  }
  return pairs;
}

/**
 * Whether nobody knows which of two elements is added first: nft 1.0.6 takes commands together that add elements to one set and stand side by
 * side, and those behind the first one come out the last one first (src/cmd.c of nftables, nft_cmd_uncollapse).
 */
export function isUnordered({ command: one }: Element, { command: other }: Element): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

/** Whether one of the two corners of a new box is in one that is there. */
function meets({ pairs, element }: Box, { pairs: there, element: other }: Box): boolean {
  if (isUnordered(element, other)) return false;
  return [0, 1].some((corner) =>
    pairs.every((pair, at) => {
      const [lo, hi] = there[at] as Pair;
      const value = pair[corner] as number | bigint;
      return lo <= value && value <= hi;
    }),
  );
}

/** What is listed has been loaded; of sets without a name nft 1.0.6 does not list all that is in them. */
function mayOverlap(element: Element, problems: Problems, named: boolean): boolean {
  if (!problems.listing || named) return overlap(element, problems);
  problems.lost.add(element.start);
  return true;
}

function overlap(element: Element, problems: Problems): false {
  problems.error('overlap', element, 'this concatenation overlaps one before it', {
    help: 'take one of them away',
  });
  return false;
}
