import { IPv6 } from 'ip-num';

/**
 * Address text and address values. An IPv4 address is a number in 0..2^32-1, an IPv6 address a bigint in
 * 0..2^128-1. Reading is as strict as `inet_pton(3)`: four decimal parts without leading zeros, no zone (`%eth0`),
 * no octal, hexadecimal or shortened forms. This is the only file that uses ip-num, which takes a zone without a word.
 */

/** The number of bits of an address of the family. */
export function addressBits(family: 4 | 6): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** The greatest address of the family. */
export function addressMaximum(family: 4 | 6): bigint {
  return family === 4 ? 0xffff_ffffn : (1n << 128n) - 1n;
}

/** A dotted quad as a number; undefined where the text is none. */
export function parseIPv4(text: string): number | undefined {
  let value = 0;
  let part = -1;
  let parts = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : 0x2e;
    if (code === 0x2e) {
      if (part < 0 || parts === 4) return undefined;
      value = value * 256 + part;
      part = -1;
      parts++;
    } else if (code >= 0x30 && code <= 0x39 && part !== 0) {
      part = Math.max(part, 0) * 10 + code - 0x30;
      if (part > 255) return undefined;
    } else return undefined;
  }
  return parts === 4 ? value : undefined;
}

/** An IPv6 address in any form of RFC 4291, section 2.2, as a bigint; undefined where the text is none. */
export function parseIPv6(text: string): bigint | undefined {
  if (text.length < 2 || text.length > 45) return undefined;
  if (text.includes('.')) return parseMixed(text);
  const gap = text.indexOf('::');
  if (gap < 0) return parseGroups(text, 8)?.value;
  const head = gap === 0 ? NO_GROUPS : parseGroups(text.slice(0, gap), 7);
  const tail = gap + 2 === text.length ? NO_GROUPS : parseGroups(text.slice(gap + 2), 7);
  if (head === undefined || tail === undefined || head.count + tail.count > 7) return undefined;
  return (head.value << BigInt(16 * (8 - head.count))) | tail.value;
}

/** The mixed notation `::ffff:192.0.2.1`, read by ip-num once its alphabet and its last part are known to be right. */
function parseMixed(text: string): bigint | undefined {
  if (!/^[0-9a-fA-F:]+:[0-9.]+$/.test(text)) return undefined;
  if (parseIPv4(text.slice(text.lastIndexOf(':') + 1)) === undefined) return undefined;
  try {
    return new IPv6(text).getValue();
  } catch {
    return undefined;
  }
}

interface Groups {
  readonly value: bigint;
  readonly count: number;
}
const NO_GROUPS: Groups = { value: 0n, count: 0 };

/** Colon-separated groups of one to four hexadecimal digits; with `wanted` 8 exactly that many, else at most. */
function parseGroups(text: string, wanted: 7 | 8): Groups | undefined {
  const groups = text.split(':', 9);
  if (groups.length > wanted || (wanted === 8 && groups.length !== 8)) return undefined;
  const words = [0, 0, 0, 0];
  const first = 8 - groups.length;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] as string;
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    const at = first + i;
    const word = at >> 1;
    words[word] = (words[word] as number) + Number.parseInt(group, 16) * (at % 2 === 0 ? 65536 : 1);
  }
  const [a, b, c, d] = words as [number, number, number, number];
  const low = (BigInt(c) << 32n) | BigInt(d);
  return {
    value: a === 0 && b === 0 ? low : (((BigInt(a) << 32n) | BigInt(b)) << 64n) | low,
    count: groups.length,
  };
}

/** A network, or one address (the longest prefix length). `lo` and `hi` are its first and last address. */
export interface AddressPrefix {
  readonly family: 4 | 6;
  readonly lo: bigint;
  readonly hi: bigint;
  readonly prefix: number;
  /** The address was written with bits set beyond the prefix (`10.1.2.3/24`); they are not in `lo`. */
  readonly hostBits: boolean;
}

/** `address` or `address/length` of either family; undefined where the text is none. Masks are not read. */
export function parsePrefix(text: string): AddressPrefix | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const bits = addressBits(address.family);
  const prefix = slash < 0 ? bits : parseDecimal(text.slice(slash + 1), bits);
  if (prefix === undefined) return undefined;
  const lo = address.value & prefixMask(address.family, prefix);
  return {
    family: address.family,
    ...prefixRange(address.family, lo, prefix),
    prefix,
    hostBits: lo !== address.value,
  };
}

/** An address of either family with its value as a bigint; undefined where the text is none. */
export function parseAddress(text: string): { family: 4 | 6; value: bigint } | undefined {
  if (text.includes(':')) {
    const value = parseIPv6(text);
    return value === undefined ? undefined : { family: 6, value };
  }
  const value = parseIPv4(text);
  return value === undefined ? undefined : { family: 4, value: BigInt(value) };
}

/**
 * `a`, `a/length` or the inclusive range `a-b` of one family as its first and last address; undefined where the
 * text is none, where the families differ or where `a` is greater than `b`.
 */
export function parseAddressRange(text: string): { family: 4 | 6; lo: bigint; hi: bigint } | undefined {
  const dash = text.indexOf('-');
  if (dash < 0) {
    const prefix = parsePrefix(text);
    return prefix && { family: prefix.family, lo: prefix.lo, hi: prefix.hi };
  }
  const from = parseAddress(text.slice(0, dash));
  const to = parseAddress(text.slice(dash + 1));
  if (from === undefined || to === undefined || from.family !== to.family) return undefined;
  return from.value > to.value ? undefined : { family: from.family, lo: from.value, hi: to.value };
}

/** An unsigned decimal number without sign or leading zeros, at most `maximum`; undefined where the text is none. */
export function parseDecimal(text: string, maximum: number): number | undefined {
  if (!/^(0|[1-9][0-9]{0,14})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= maximum ? value : undefined;
}

const MASKS_4 = Array.from({ length: 33 }, (_, p) => 0xffff_ffffn ^ ((1n << BigInt(32 - p)) - 1n));
const MASKS_6 = Array.from({ length: 129 }, (_, p) => addressMaximum(6) ^ ((1n << BigInt(128 - p)) - 1n));

/** The mask of a prefix length (0 to 32 or 128): `length` ones, then zeros. */
export function prefixMask(family: 4 | 6, length: number): bigint {
  return (family === 4 ? MASKS_4 : MASKS_6)[length] as bigint;
}

/** The prefix length of a mask of ones followed by zeros; undefined for a mask with holes. */
export function maskPrefix(family: 4 | 6, mask: bigint): number | undefined {
  const length = (family === 4 ? MASKS_4 : MASKS_6).indexOf(mask);
  return length < 0 ? undefined : length;
}

/** First and last address of the network that `address` is in. */
export function prefixRange(family: 4 | 6, address: bigint, length: number): { lo: bigint; hi: bigint } {
  const mask = prefixMask(family, length);
  const lo = address & mask;
  return { lo, hi: lo | (mask ^ addressMaximum(family)) };
}

/** The fewest networks that together are the inclusive range, in ascending order. */
export function rangeToPrefixes(family: 4 | 6, lo: bigint, hi: bigint): { lo: bigint; prefix: number }[] {
  const bits = addressBits(family);
  const out: { lo: bigint; prefix: number }[] = [];
  for (let at = lo; at <= hi; ) {
    let prefix = bits as number;
    while (prefix > 0) {
      const wider = prefixRange(family, at, prefix - 1);
      if (wider.lo !== at || wider.hi > hi) break;
      prefix--;
    }
    out.push({ lo: at, prefix });
    at = prefixRange(family, at, prefix).hi + 1n;
  }
  return out;
}

/** An address as text: a dotted quad, or IPv6 by RFC 5952 (IPv4-mapped addresses in its mixed notation). */
export function formatAddress(family: 4 | 6, value: bigint | number): string {
  return family === 4 ? formatIPv4(Number(value)) : formatIPv6(BigInt(value));
}

/** `a` or `a-b`, both inclusive. */
export function formatRange(family: 4 | 6, lo: bigint | number, hi: bigint | number): string {
  const from = formatAddress(family, lo);
  return lo === hi ? from : `${from}-${formatAddress(family, hi)}`;
}

/** `a` where the prefix length is the longest, else `a/length`. */
export function formatPrefix(family: 4 | 6, address: bigint | number, length: number): string {
  const text = formatAddress(family, address);
  return length === addressBits(family) ? text : `${text}/${length}`;
}

/** Whether an IPv6 address is for its link alone: fe80::/10 (RFC 4291, 2.5.6). */
export function isLinkLocalIPv6(address: bigint): boolean {
  return address >> 118n === 0x3fan;
}

/** The same, or 169.254.0.0/16 (RFC 3927). */
export function isLinkLocal(family: 4 | 6, address: bigint): boolean {
  return family === 6 ? isLinkLocalIPv6(address) : address >> 16n === 0xa9fen;
}

function formatIPv4(value: number): string {
  return `${Math.floor(value / 0x1000000)}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

function formatIPv6(value: bigint): string {
  if (value >> 32n === 0xffffn) return `::ffff:${formatIPv4(Number(value & 0xffff_ffffn))}`;
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((value >> shift) & 0xffffn));
  const gap = longestZeroRun(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (gap === undefined) return hex(groups);
  return `${hex(groups.slice(0, gap.start))}::${hex(groups.slice(gap.end))}`;
}

/** RFC 5952, 4.2: the longest run of at least two zero groups, the first of equally long ones. */
function longestZeroRun(groups: readonly number[]): { start: number; end: number } | undefined {
  let best: { start: number; end: number } | undefined;
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start >= 2 && (best === undefined || end - start > best.end - best.start))
      best = { start, end };
    if (end > start) start = end;
  }
  return best;
}
