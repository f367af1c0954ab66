import { normalise, type Ranges } from '../../packet/ranges.ts';
import { maskedRanges } from '../../rule/masked-ranges.ts';
import type { NamedSet } from '../../rule/named-set.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { kept } from '../../text/kept.ts';

/**
 * The addresses of the family that a named set has, for a role that is bound to it: those of its first dimension. Exceptions
 * (`nomatch`) are left out of it where a longer prefix says so. Undefined where the host has no such set, or where its first dimension is
 * no address, or falls into more ranges than can be listed: nobody can tell then who it is.
 */
export function setAddresses(
  ruleset: Ruleset,
  name: string,
  family: 4 | 6,
): Ranges<number> | Ranges<bigint> | undefined {
  const pairs = addressPairs(ruleset, name, family, new Set());
  if (pairs === undefined) return undefined;
  const ranges = normalise(pairs);
  return family === 6 ? ranges : ranges.map(Number);
}

/** Whether a config says which addresses a set has, as {@link setAddresses} wants it. */
export function hasAddresses(ruleset: Ruleset, name: string): boolean {
  const names = kept(LISTED, ruleset, () => new Map<string, boolean>());
  return kept(names, name, () =>
    ([4, 6] as const).every((family) => setAddresses(ruleset, name, family) !== undefined),
  );
}

/** Every row asks it of its ends. */
const LISTED = new WeakMap<Ruleset, Map<string, boolean>>();

type Pair = readonly [bigint, bigint];

interface Found {
  readonly lo: bigint;
  readonly hi: bigint;
  readonly prefix: number;
  readonly nomatch: boolean;
}

function addressPairs(
  ruleset: Ruleset,
  name: string,
  family: 4 | 6,
  seen: Set<string>,
): readonly Pair[] | undefined {
  const set = ruleset.sets.get(name);
  if (set === undefined) return undefined;
  if (seen.has(set.name)) return [];
  seen.add(set.name);
  if (set.dimensions[0] === 'set') return memberPairs(ruleset, set, family, seen);
  if (set.dimensions[0] !== 'ip' && set.dimensions[0] !== 'net') return undefined;
  const found = elementsOf(set, family);
  if (found === undefined) return undefined;
  if (found.every((element) => !element.nomatch)) return found.map(({ lo, hi }) => [lo, hi] as const);
  // The longest prefix decides (ipset(8), nomatch): wider elements are written first and narrower ones over them.
  let pairs: Pair[] = [];
  for (const { lo, hi, nomatch } of [...found].sort((a, b) => a.prefix - b.prefix))
    pairs = nomatch ? without(pairs, lo, hi) : [...pairs, [lo, hi]];
  return pairs;
}

/** The elements' addresses; those under a mask with holes one range each. */
function elementsOf(set: NamedSet, family: 4 | 6): readonly Found[] | undefined {
  const found: Found[] = [];
  for (const { parts, nomatch } of set.elements) {
    const part = parts[0];
    if (part?.kind !== 'address' || part.family !== family) continue;
    if (part.mask === undefined) found.push({ ...part, nomatch });
    else {
      const ranges = maskedRanges(family, part.mask, part.lo);
      if (ranges === undefined) return undefined;
      for (const [lo, hi] of ranges) found.push({ lo, hi, prefix: part.prefix, nomatch });
    }
  }
  return found;
}

/** Whom a member that has no addresses stands for is not known, and so is whom the list stands for. */
function memberPairs(
  ruleset: Ruleset,
  set: NamedSet,
  family: 4 | 6,
  seen: Set<string>,
): readonly Pair[] | undefined {
  const all: Pair[] = [];
  for (const { parts } of set.elements) {
    if (parts[0]?.kind !== 'set') continue;
    const pairs = addressPairs(ruleset, parts[0].name, family, seen);
    if (pairs === undefined) return undefined;
    for (const pair of pairs) all.push(pair);
  }
  return all;
}

function without(pairs: readonly Pair[], lo: bigint, hi: bigint): Pair[] {
  return pairs.flatMap(([from, to]): Pair[] => {
    if (hi < from || lo > to) return [[from, to]];
    const rest: Pair[] = [];
    if (from < lo) rest.push([from, lo - 1n]);
    if (to > hi) rest.push([hi + 1n, to]);
    return rest;
  });
}
