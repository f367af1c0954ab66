import type { Ranges } from './ranges.ts';
import { complement, intersection, normalise, pairsOf } from './ranges.ts';

/** Interface names are at most 15 bytes (IFNAMSIZ, `include/uapi/linux/if.h`). */
const WIDTH = 15;
const MAXIMUM = (1n << BigInt(8 * WIDTH)) - 1n;

/** A name, or with `prefix` every name that begins so. */
export interface NamePattern {
  readonly name: string;
  readonly prefix: boolean;
}

/**
 * The patterns as ranges of 15-byte strings. A whole name is followed by a zero byte, so it is the range of all strings
 * that begin with it and that byte; the empty name (no interface) is the range of strings that begin with zero.
 */
export function nameRanges(patterns: readonly NamePattern[]): Ranges<bigint> {
  const key = patterns.map(({ name, prefix }) => `${name.length}${prefix ? '+' : '.'}${name}`).join('');
  let ranges = rangesOf.get(key);
  if (ranges === undefined) {
    ranges = normalise(patterns.map(patternRange));
    if (rangesOf.size > 10_000) rangesOf.clear();
    rangesOf.set(key, ranges);
  }
  return ranges;
}

/** The ranges of a list of patterns: the same few lists are asked for again and again. */
const rangesOf = new Map<string, Ranges<bigint>>();

/** Every name but the empty one. */
export const SOME_INTERFACE: Ranges<bigint> = complement(
  nameRanges([{ name: '', prefix: false }]),
  0n,
  MAXIMUM,
);

function patternRange({ name, prefix }: NamePattern): [bigint, bigint] {
  const bytes = [...Buffer.from(name, 'utf8').subarray(0, WIDTH)];
  if (!prefix && bytes.length < WIDTH) bytes.push(0);
  const rest = BigInt(8 * (WIDTH - bytes.length));
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return [value << rest, ((value + 1n) << rest) - 1n];
}

/** Names of `any` but for those of `except`; no `any` means every name. */
export interface NameSelection {
  readonly any?: readonly string[];
  readonly except?: readonly string[];
}

/**
 * Ranges of names as selections, whose union is exact. Several are needed only where an exception has a name inside
 * it. Undefined stands for every name. The empty name is left out of account: whoever lists names knows whether the hook has an
 * interface.
 */
export function nameSelections(ranges: Ranges<bigint>): readonly (NameSelection | undefined)[] {
  // A report shows few selections many times.
  const key = ranges.join();
  let known = remembered.get(key);
  if (known === undefined) {
    known = selectionsOf(ranges);
    if (remembered.size > 10_000) remembered.clear();
    remembered.set(key, known);
  }
  return known;
}

const remembered = new Map<string, readonly (NameSelection | undefined)[]>();

function selectionsOf(ranges: Ranges<bigint>): (NameSelection | undefined)[] {
  const named = intersection(ranges, SOME_INTERFACE);
  const parts = decompose(
    '',
    named.length === SOME_INTERFACE.length && named[0] === SOME_INTERFACE[0] && named[1] === SOME_INTERFACE[1]
      ? [0n, MAXIMUM]
      : named,
  );
  const plain = parts.filter((part) => part.except.length === 0).map((part) => part.name);
  const selections: (NameSelection | undefined)[] = parts
    .filter((part) => part.except.length > 0)
    .map((part) => (part.name === '+' ? { except: part.except } : { any: [part.name], except: part.except }));
  if (plain.includes('+')) return [undefined];
  return plain.length > 0 ? [{ any: plain.sort() }, ...selections] : selections;
}

interface Part {
  readonly name: string;
  readonly except: readonly string[];
}

/** The names in the set that begin with the prefix, as patterns with exceptions. */
function decompose(prefix: string, set: Ranges<bigint>): Part[] {
  const bytes = Buffer.from(prefix, 'latin1');
  const [lo, hi] = patternRange({ name: '', prefix: true });
  const within = prefix === '' ? set : intersection(set, prefixRange(bytes));
  const [from, to] = prefix === '' ? [lo, hi] : prefixRange(bytes);
  if (within.length === 0) return [];
  const only = wholeName(within);
  if (only !== undefined) return [{ name: only, except: [] }];
  const ending = bytes.length === WIDTH || bytes[bytes.length - 1] === 0;
  if (ending) return [{ name: readable(bytes), except: [] }];
  if (within.length === 2 && within[0] === from && within[1] === to)
    return [{ name: `${readable(bytes)}+`, except: [] }];
  // 0xff occurs in no UTF-8 name: what holds for it holds for the names that nobody mentioned.
  const mostly = covers(within, [...bytes, 0xff]);
  if (!mostly) return nextBytes(bytes, within).flatMap((byte) => decompose(extend(prefix, byte), within));
  const holes = intersection(complement(within, from, to), prefix === '' ? SOME_INTERFACE : [from, to]);
  const excluded = nextBytes(bytes, holes).flatMap((byte) => decompose(extend(prefix, byte), holes));
  const inner = excluded.flatMap((part) => part.except.map((name) => ({ name, except: [] as string[] })));
  return [{ name: `${readable(bytes)}+`, except: excluded.map((part) => part.name) }, ...inner];
}

/** The one name that the set has; undefined where it has several. Most parts come to that long before a name's last byte. */
function wholeName([lo, hi, ...others]: Ranges<bigint>): string | undefined {
  if (lo === undefined || hi === undefined || others.length > 0) return undefined;
  const bytes = Buffer.from(lo.toString(16).padStart(2 * WIDTH, '0'), 'hex');
  const end = bytes.indexOf(0);
  const [, last] = prefixRange(bytes.subarray(0, end < 0 ? WIDTH : end + 1));
  return hi === last ? readable(bytes) : undefined;
}

function prefixRange(bytes: Uint8Array): [bigint, bigint] {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  const rest = BigInt(8 * (WIDTH - bytes.length));
  return [value << rest, ((value + 1n) << rest) - 1n];
}

function covers(set: Ranges<bigint>, bytes: readonly number[]): boolean {
  const range = prefixRange(Uint8Array.from(bytes));
  const inside = intersection(set, range);
  return inside.length === 2 && inside[0] === range[0] && inside[1] === range[1];
}

/** The bytes after the prefix at which the set has anything. */
function nextBytes(prefix: Uint8Array, set: Ranges<bigint>): number[] {
  const [from] = prefixRange(prefix);
  const rest = BigInt(8 * (WIDTH - prefix.length - 1));
  const bytes = new Set<number>();
  for (const [lo, hi] of pairsOf(intersection(set, prefixRange(prefix))))
    for (let byte = Number((lo - from) >> rest); byte <= Number((hi - from) >> rest); byte++) bytes.add(byte);
  return [...bytes];
}

const extend = (prefix: string, byte: number): string => prefix + String.fromCharCode(byte);

function readable(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8');
}
