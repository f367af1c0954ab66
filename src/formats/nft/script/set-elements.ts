import type { Element, NamedSet, Place, Table, Value } from '../ast/ast.ts';
import { checkOverlap } from '../check/overlap.ts';
import { pairsOf } from '../../../packet/ranges.ts';
import { readRanges } from '../types/read-number.ts';
import type { Problems } from '../problems.ts';
import type { ValueType } from '../types/types.ts';
import { valueKey } from '../types/value-key.ts';

/** How many commands of the script have added elements to a set of concatenations of intervals. */
const commands = new WeakMap<NamedSet, number>();

/** Adds what one command says. Where it matters which is added first, elements know which command they are of. */
export function addElements(set: NamedSet, added: readonly Element[]): void {
  const command = commands.get(set) ?? 0;
  const isOrdered = set.flags.has('interval') && (set.keys?.length ?? 0) > 1;
  if (isOrdered) commands.set(set, command + 1);
  for (const element of added)
    set.elements.push(isOrdered && command > 0 ? { command, ...element } : element);
}

/** `create` adds what is not there yet (`nft(8)`, ELEMENTS). */
export function refuseKnown(set: NamedSet, added: readonly Element[], problems: Problems): void {
  const [first] = added;
  if (set.flags.has('interval') && set.keys?.length === 1 && first !== undefined) {
    // The end of an interval is an element too, and the kernel has it already (src/intervals.c of nftables).
    problems.error('exists', first, `nft cannot create elements of \`${set.name}\`, which has intervals`, {
      expected: '`add element`',
    });
    return;
  }
  const known = new Set(set.elements.map(({ key }) => elementKey(key, set.keys)));
  for (const element of added) {
    const key = elementKey(element.key, set.keys);
    if (known.has(key))
      problems.error('exists', element, `\`${set.name}\` has this element already`, {
        help: '`add` takes elements that are there too',
      });
    known.add(key);
  }
}

/** A set has no more elements than its size (net/netfilter/nf_tables_api.c, nft_add_set_elem); `*` is none of them. */
export function refuseMore(set: NamedSet, place: Place, problems: Problems): void {
  const { size, elements, keys } = set;
  if (size === undefined || elements.length <= size || problems.free || set.flags.has('auto-merge')) return;
  const different = new Set<string>();
  for (const { key } of elements) if (key.kind !== 'any') different.add(elementKey(key, keys));
  if (different.size <= size) return;
  problems.error(
    'too-many-elements',
    place,
    `\`${set.name}\` has room for ${size} elements, and gets ${different.size}`,
    {
      help: 'give it a greater `size`',
    },
  );
}

/** A constant set that a rule asks stays as it is (net/netfilter/nf_tables_api.c, nf_tables_newsetelem). */
export function refuseConstant(set: NamedSet, table: Table, place: Place, problems: Problems): void {
  if (!set.flags.has('constant') || problems.free) return;
  const asks = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false;
    if ('kind' in value && value.kind === 'set-ref' && 'name' in value) return value.name === set.name;
    return Object.values(value).some(asks);
  };
  for (const { rules } of table.chains.values())
    if (rules.some(({ statements }) => asks(statements))) {
      problems.error('constant', place, `\`${set.name}\` is constant, and a rule asks it`, {
        help: 'take `constant` from its flags',
      });
      return;
    }
}

/** How elements are taken out. */
interface Removal {
  /** What is not there is no error. */
  readonly quiet: boolean;
  /** The script declares the set with elements, and this is its first command about them. */
  readonly fresh: boolean;
}

const ADDED_AGAIN =
  'nft 1.0.6 adds again what a set of intervals is declared with, where the first command about its elements in the same script takes some out: whether these are in it is reported as possible';

/** Takes elements out of a set by what they are, however they are written (`nft(8)`, ELEMENTS). */
export function removeElements(
  set: NamedSet,
  gone: readonly Element[],
  { quiet, fresh }: Removal,
  problems: Problems,
): void {
  const stays = fresh && set.flags.has('interval') && set.keys?.length === 1;
  const left = new Map<string, Element[]>();
  for (const element of set.elements) {
    const key = elementKey(element.key, set.keys);
    const same = left.get(key);
    if (same === undefined) left.set(key, [element]);
    else same.push(element);
  }
  const parts: Element[] = [];
  for (const element of gone) {
    const key = elementKey(element.key, set.keys);
    const there = left.get(key);
    const known = left.delete(key);
    if (there !== undefined && stays) {
      problems.cover('approximated', element, ADDED_AGAIN);
      left.set(
        key,
        there.map((one) => ({ ...one, stateful: true })),
      );
    }
    if (!known && set.flags.has('auto-merge') && set.keys?.length === 1) parts.push(element);
    else if (!known && !quiet)
      problems.error('no-such-element', element, `\`${set.name}\` does not have this element`, {
        expected: 'an element as it was added',
      });
  }
  set.elements = [...left.values()].flat();
  if (parts.length > 0) cutOut(set, parts, quiet, problems);
}

/** The same text for values that are the same. */
function elementKey(value: Value, types: NamedSet['keys']): string {
  if (types === undefined || value.kind === 'any') return valueKey(value);
  if (value.kind === 'concat') return value.of.map((part, at) => partKey(part, types[at])).join(' . ');
  return partKey(value, types[0]);
}

function partKey(value: Value, type: ValueType | undefined): string {
  if (type === undefined || type.longest !== undefined) return valueKey(value);
  const ranges = readRanges([value], type);
  return 'expected' in ranges ? valueKey(value) : ranges.join('-');
}

/** In a set with `auto-merge` a part of an interval can be taken out. */
function cutOut(set: NamedSet, parts: readonly Element[], quiet: boolean, problems: Problems): void {
  const type = set.keys?.[0];
  if (type === undefined || set.keys?.length !== 1) return;
  let rest = readRanges(
    set.elements.map(({ key }) => key),
    type,
  );
  for (const part of parts) {
    const cut = readRanges([part.key], type);
    if ('expected' in rest || 'expected' in cut) return;
    const less = without(rest, cut[0] as bigint, cut[1] as bigint);
    if (less !== undefined) rest = less;
    else if (!quiet) problems.error('no-such-element', part, `\`${set.name}\` does not have this element`);
  }
  if (!('expected' in rest)) set.elements = elementsOfRanges(rest, set);
}

/** Intervals as elements that stand where the set does. */
function elementsOfRanges(ranges: readonly bigint[], { start, end }: Place): Element[] {
  const symbol = (number: bigint): Value => ({
    kind: 'symbol',
    text: String(number),
    quoted: false,
    start,
    end,
  });
  const elements: Element[] = [];
  for (let at = 0; at < ranges.length; at += 2) {
    const [lo, hi] = [ranges[at] as bigint, ranges[at + 1] as bigint];
    const key: Value = lo === hi ? symbol(lo) : { kind: 'range', lo: symbol(lo), hi: symbol(hi), start, end };
    elements.push({ key, stateful: false, start, end });
  }
  return elements;
}

/**
 * The elements of a set that is declared again. Whether what the second declaration has is merged with what is there, or must
 * not overlap it, is said by that declaration alone (src/intervals.c of nftables, set_automerge and set_overlap).
 */
export function elementsOfBoth(there: NamedSet, again: NamedSet, problems: Problems): Element[] {
  const all = [...there.elements, ...again.elements];
  const merges = again.flags.has('auto-merge');
  const type = again.keys?.length === 1 && !again.isMap ? again.keys[0] : undefined;
  if (type === undefined || merges === there.flags.has('auto-merge') || again.elements.length === 0)
    return all;
  // What elements have besides, such as a time, would be lost: then an overlap is told.
  if (all.some(({ times, stateful }) => times === true || stateful)) return all;
  // Without merging, those that are there must not overlap each other either; once merged, nothing would tell.
  if (merges && !checkOverlap(there.elements, type, 'none', problems)) return all;
  const known = mergedElements(merges ? all : there.elements, type, again);
  if (known === undefined) return all;
  if (merges) return known;
  checkOverlap([...known, ...again.elements], type, 'none', problems);
  return all;
}

function mergedElements(elements: readonly Element[], type: ValueType, place: Place): Element[] | undefined {
  const ranges = readRanges(
    elements.map(({ key }) => key),
    type,
  );
  if ('expected' in ranges || elements.some(({ key }) => key.kind === 'any')) return undefined;
  return elementsOfRanges(mergedRanges(ranges), place);
}

/** Intervals in order; those that overlap or are side by side are one. */
function mergedRanges(ranges: readonly bigint[]): readonly bigint[] {
  const merged: bigint[] = [];
  for (const [lo, hi] of pairsOf(ranges).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const last = merged[merged.length - 1];
    if (last === undefined || lo > last + 1n) merged.push(lo, hi);
    else if (hi > last) merged[merged.length - 1] = hi;
  }
  return merged;
}

/** Ranges without an interval that is inside one of them; undefined where it is not. */
function without(ranges: readonly bigint[], lo: bigint, hi: bigint): readonly bigint[] | undefined {
  for (let at = 0; at < ranges.length; at += 2) {
    const [from, to] = [ranges[at] as bigint, ranges[at + 1] as bigint];
    if (lo < from || hi > to) continue;
    const pieces = [...(from < lo ? [from, lo - 1n] : []), ...(hi < to ? [hi + 1n, to] : [])];
    return [...ranges.slice(0, at), ...pieces, ...ranges.slice(at + 2)];
  }
  return undefined;
}
