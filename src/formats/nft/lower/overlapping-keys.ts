import type { Element, Value } from '../ast/ast.ts';
import { boxOf, type Pair } from '../check/boxes.ts';
import { dataKey } from '../check/overlap.ts';
import type { Part } from '../selector/part.ts';

/** Comparisons of two keys that a map is worth. */
const BUDGET = 20_000_000;

interface Key {
  readonly pairs: readonly Pair[];
  readonly wide: boolean;
  readonly element: Element;
}

/** Of each element that has packets in common with others, those before it that it has them in common with. */
export type Before = ReadonlyMap<Element, readonly Element[]>;

/**
 * The concatenations of a map that overlap, in their order: the kernel adds one whose corners no other one has, so that it may enclose those
 * before it, and the first that has the packet answers (net/netfilter/nft_set_pipapo.c, pipapo_refill). Where all that overlap give the
 * same there is none.
 *
 * @returns undefined where there are too many to look at
 */
export function overlappingKeys(elements: readonly Element[], read: readonly Part[]): Before | undefined {
  const before = new Map<Element, Element[]>();
  if (read.length < 2 || !elements.some(({ key }) => key.kind === 'concat' && key.of.some(isWide)))
    return before;
  const keys = keysOf(elements, read);
  const wide = keys.filter((key) => key.wide);
  const at = new Map(elements.map((element, index) => [element, index] as const));
  const place = (key: Key): number => at.get(key.element) as number;
  let differ = false;
  let left = BUDGET;
  for (const key of keys) {
    const others = key.wide ? keys : wide;
    left -= others.length;
    if (left < 0) return undefined;
    for (const other of others) {
      if (place(other) >= place(key) || !overlap(key, other)) continue;
      differ ||= dataKey(other.element) !== dataKey(key.element);
      if (!before.has(other.element)) before.set(other.element, []);
      const those = before.get(key.element);
      if (those === undefined) before.set(key.element, [other.element]);
      else those.push(other.element);
    }
  }
  return differ ? before : new Map();
}

const isWide = (part: Value): boolean =>
  part.kind === 'range' || part.kind === 'prefix' || (part.kind === 'symbol' && part.text.endsWith('*'));

function keysOf(elements: readonly Element[], read: readonly Part[]): readonly Key[] {
  const types = read.map(({ leaf }) => leaf.type);
  const keys: Key[] = [];
  for (const element of elements) {
    if (element.key.kind === 'any') continue;
    // What is no number may be the same as any other.
    const pairs = boxOf(element, types) ?? types.map((): Pair => [0n, 1n << 128n]);
    keys.push({ pairs, wide: pairs.some(([lo, hi]) => lo !== hi), element });
  }
  return keys;
}

const overlap = ({ pairs }: Key, other: Key): boolean =>
  pairs.every(([lo, hi], at) => {
    const [least, most] = other.pairs[at] as Pair;
    return lo <= most && least <= hi;
  });
