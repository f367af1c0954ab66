import type { Element, Value } from '../ast/ast.ts';
import { boxOf, isUnordered, type Pair } from '../check/boxes.ts';
import { dataKey } from '../check/overlap.ts';
import type { Part } from '../selector/part.ts';

/** Comparisons of two keys that a map is worth. */
const BUDGET = 20_000_000;
/** Pairs that overlap, of each key and besides: a rule for each pair is what they cost, and keys in keys in keys have n² of them. */
const PAIRS = 16;
const MORE_PAIRS = 10_000;

interface Key {
  readonly pairs: readonly Pair[];
  readonly wide: boolean;
  /** Where it stands in the map. */
  readonly place: number;
  readonly element: Element;
}

/** Of each element that has packets in common with some before it, those. */
export type Before = ReadonlyMap<Element, readonly Element[]>;

/**
 * The concatenations of a map that overlap, in their order: the kernel adds one whose corners no other one has, so that it may enclose those
 * before it, and the first that has the packet answers (net/netfilter/nft_set_pipapo.c, pipapo_refill). Where all that overlap give the
 * same there is none.
 *
 * @param tellUnordered told one that overlaps another, of which nobody knows which comes first
 * @returns undefined then, and where there are too many to look at
 */
export function overlappingKeys(
  elements: readonly Element[],
  read: readonly Part[],
  tellUnordered: (element: Element) => void,
): Before | undefined {
  const before = new Map<Element, Element[]>();
  if (read.length < 2 || !elements.some(({ key }) => key.kind === 'concat' && key.of.some(isWide)))
    return before;
  let differ = false;
  let unordered: Element | undefined;
  const found = sweep(keysOf(elements, read), (first, second) => {
    if (dataKey(first) !== dataKey(second)) {
      differ = true;
      if (isUnordered(first, second)) unordered ??= second;
    }
    const those = before.get(second);
    if (those === undefined) before.set(second, [first]);
    else those.push(first);
  });
  if (unordered !== undefined) tellUnordered(unordered);
  if (!found || unordered !== undefined) return undefined;
  return differ ? before : new Map();
}

/**
 * Tells all pairs that overlap, the earlier one first. Keys are looked at by their least value in the part in which they differ most, beside those
 * that reach so far.
 *
 * @returns whether that was done
 */
function sweep(keys: readonly Key[], tell: (first: Element, second: Element) => void): boolean {
  const part = mostDifferent(keys);
  const bounds = ({ pairs }: Key): Pair => pairs[part] as Pair;
  const sorted = [...keys].sort(
    (a, b) => Number(bounds(a)[0] > bounds(b)[0]) - Number(bounds(a)[0] < bounds(b)[0]),
  );
  let near: Key[] = [];
  let left = BUDGET;
  let pairs = PAIRS * keys.length + MORE_PAIRS;
  for (const key of sorted) {
    left -= near.length;
    if (left < 0) return false;
    near = near.filter((other) => bounds(other)[1] >= bounds(key)[0]);
    for (const other of near) {
      if (!(key.wide || other.wide) || !overlap(key, other)) continue;
      if (--pairs < 0) return false;
      const [first, second] = other.place < key.place ? [other, key] : [key, other];
      tell(first.element, second.element);
    }
    near.push(key);
  }
  return true;
}

/** The part with the most different least values. */
function mostDifferent(keys: readonly Key[]): number {
  const counts = (keys[0]?.pairs ?? []).map((_, at) => new Set(keys.map(({ pairs }) => pairs[at]?.[0])).size);
  return counts.indexOf(Math.max(...counts));
}

const isWide = (part: Value): boolean =>
  part.kind === 'range' || part.kind === 'prefix' || (part.kind === 'symbol' && part.text.endsWith('*'));

function keysOf(elements: readonly Element[], read: readonly Part[]): readonly Key[] {
  const types = read.map(({ leaf }) => leaf.type);
  const keys: Key[] = [];
  for (const [place, element] of elements.entries()) {
    if (element.key.kind === 'any') continue;
    // What is no number may be the same as any other.
    const pairs = boxOf(element, types) ?? types.map((): Pair => [0n, 1n << 128n]);
    keys.push({ pairs, wide: pairs.some(([lo, hi]) => lo !== hi), place, element });
  }
  return keys;
}

const overlap = ({ pairs }: Key, other: Key): boolean =>
  pairs.every(([lo, hi], at) => {
    const [least, most] = other.pairs[at] as Pair;
    return lo <= most && least <= hi;
  });
