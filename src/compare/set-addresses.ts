import { normalise, type Ranges } from '../packet/ranges.ts';
import type { NamedSet, Ruleset } from '../rule/ruleset.ts';

/**
 * The addresses of the family that a named set has, for a role that is bound to it: those of its first dimension. Exceptions
 * (`nomatch`) are left out of it where a longer prefix says so. Undefined where the host has no such set, or where its first dimension is
 * no address.
 */
export function setAddresses(
  ruleset: Ruleset,
  name: string,
  family: 4 | 6,
): Ranges<number> | Ranges<bigint> | undefined {
  const set = ruleset.sets.get(name);
  if (set === undefined) return undefined;
  const pairs = addressPairs(ruleset, set, family, new Set());
  if (pairs === undefined) return undefined;
  const ranges = normalise(pairs);
  return family === 6 ? ranges : ranges.map(Number);
}

function addressPairs(
  ruleset: Ruleset,
  set: NamedSet,
  family: 4 | 6,
  seen: Set<string>,
): (readonly [bigint, bigint])[] | undefined {
  if (seen.has(set.name)) return [];
  seen.add(set.name);
  if (set.dimensions[0] === 'set') return memberPairs(ruleset, set, family, seen);
  if (set.dimensions[0] !== 'ip' && set.dimensions[0] !== 'net') return undefined;
  const found: { lo: bigint; hi: bigint; prefix: number; nomatch: boolean }[] = [];
  for (const { parts, nomatch } of set.elements) {
    const part = parts[0];
    if (part?.kind === 'address' && part.family === family) found.push({ ...part, nomatch });
  }
  if (found.every((element) => !element.nomatch)) return found.map(({ lo, hi }) => [lo, hi] as const);
  // The longest prefix decides (ipset(8), nomatch): wider elements are written first and narrower ones over them.
  let pairs: (readonly [bigint, bigint])[] = [];
  for (const { lo, hi, nomatch } of found.sort((a, b) => a.prefix - b.prefix))
    pairs = nomatch ? without(pairs, lo, hi) : [...pairs, [lo, hi]];
  return pairs;
}

function memberPairs(
  ruleset: Ruleset,
  set: NamedSet,
  family: 4 | 6,
  seen: Set<string>,
): (readonly [bigint, bigint])[] {
  return set.elements.flatMap(({ parts }) => {
    const part = parts[0];
    const member = part?.kind === 'set' ? ruleset.sets.get(part.name) : undefined;
    return member === undefined ? [] : (addressPairs(ruleset, member, family, seen) ?? []);
  });
}

function without(
  pairs: readonly (readonly [bigint, bigint])[],
  lo: bigint,
  hi: bigint,
): (readonly [bigint, bigint])[] {
  return pairs.flatMap(([from, to]): (readonly [bigint, bigint])[] => {
    if (hi < from || lo > to) return [[from, to]];
    const rest: (readonly [bigint, bigint])[] = [];
    if (from < lo) rest.push([from, lo - 1n]);
    if (to > hi) rest.push([hi + 1n, to]);
    return rest;
  });
}
