import { parseToolAddress, parseToolMask, readAddress } from './addresses.ts';
import { afterSign } from './numbers.ts';

/** Kinds of values that options take, as the tools' parsers read them (libxtables/xtoptions.c and the extensions of iptables 1.8.9). */
export interface ValueKind {
  /** What an error says that was expected. */
  readonly expected: string;
  /** What the option's second argument may be. */
  readonly second?: ValueKind;
  accepts(text: string, family: 4 | 6): boolean;
}

/** Values by the match or target and its option. */
export type Values = Readonly<Record<string, Readonly<Record<string, ValueKind>>>>;

export const kind = (expected: string, accepts: (text: string, family: 4 | 6) => boolean): ValueKind => ({
  expected,
  accepts,
});

/** A number as strtoull(3) with base 0 reads it, undefined where the text is none. */
export function numberOf(text: string): bigint | undefined {
  const digits = afterSign(text);
  if (/^(?:0|[1-9][0-9]*)$/.test(digits)) return BigInt(digits);
  if (/^0[xX][0-9a-fA-F]+$/.test(digits)) return BigInt(digits);
  return /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : undefined;
}

const U32 = 0xffffffffn;
const U64 = 0xffffffffffffffffn;

/** A number between two. */
export function number(low: number | bigint, high: number | bigint): ValueKind {
  return kind(`a number from ${low} to ${high}`, (text) => {
    const value = numberOf(text);
    return value !== undefined && value >= BigInt(low) && value <= BigInt(high);
  });
}

export const u8 = number(0, 0xff);
export const u16 = number(0, 0xffff);
export const u32 = number(0, U32);
export const u64 = number(0, U64);

/** `low`, `low:high`, `low:` or `:high`, in order. */
export const range = (high: bigint): ValueKind => inRange(high, true);

/** A number of 32 bits or two with a colon, which some extensions take in any order; nothing is between them then. */
export const u32Range: ValueKind = inRange(U32, false);

function inRange(high: bigint, isOrdered: boolean): ValueKind {
  return kind(`a number, or two from 0 to ${high} with a colon`, (text) => {
    const ends = text.split(':').map((end, i) => (end === '' ? [0n, high][i] : numberOf(end)));
    if (text === '' || ends.length > 2) return false;
    const [from, to = from] = ends;
    if (from === undefined || to === undefined || from > high || to > high) return false;
    return from <= to || !isOrdered;
  });
}

const wordList = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');

/** One of some words, in capitals or not. */
export const named = (...words: readonly string[]): ValueKind =>
  kind(wordList(words), (text) => words.includes(text.toLowerCase()));

/** One of some words. */
export const oneOf = (...words: readonly string[]): ValueKind =>
  kind(wordList(words), (text) => words.includes(text));

/** Several of a kind with commas. */
export const list = (of: ValueKind): ValueKind =>
  kind(`with commas: ${of.expected}`, (text, family) =>
    text.split(',').every((part) => of.accepts(part, family)),
  );

/** A text of some length. */
export const text = (low: number, high: number): ValueKind =>
  kind(`${low} to ${high} characters`, (given) => {
    const { length } = Buffer.from(given);
    return length >= low && length <= high;
  });

export const isU32 = (given: string): boolean => u32.accepts(given, 4);

/** A value with or without a mask. */
export const masked = kind('`value` or `value/mask` of 32 bits', (given) => {
  const [value = '', ...masks] = given.split('/');
  return masks.length <= 1 && isU32(value) && masks.every(isU32);
});

/** A mask as an address, or its length. */
export const netmask = kind(
  'a mask or its length',
  (given, family) => (parseToolMask(given, family) ?? parseToolAddress(given, family)) !== undefined,
);

/** An address; a name may be one of the host's own (/etc/hosts). */
export const address = kind('an address', (given, family) => {
  const read = readAddress(given, family);
  return read === 'name' || (typeof read === 'object' && !given.includes('/'));
});

/** {@link address} with or without a mask. */
export const network = kind('an address or a network', (given, family) => {
  const read = readAddress(given, family);
  return read === 'name' || typeof read === 'object';
});

/** A value with or without a mask, or a name that a file of the host gives a number (/etc/iproute2). */
export const maskedOrNamed = kind('a number with or without a mask', (given) => {
  const [value = '', ...masks] = given.split('/');
  if (masks.length > 1 || !masks.every((mask) => isU32(mask))) return false;
  return /^[0-9]/.test(value) ? isU32(value) : /^[A-Za-z]/.test(value);
});

const UNITS: readonly (readonly [string, number])[] = [
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
  ['day', 86400],
];

/**
 * Packets in a time: at least one, and at most `most` in a second (libxt_limit.c, parse_rate). What stands between the number and the
 * slash is not read.
 */
export function rate(most: number): ValueKind {
  return kind(`a rate such as \`5/minute\`, at most ${most}/second`, (given) => {
    const [, count, unit = 'second'] = /^([0-9]+)[^/]*(?:\/([A-Za-z]+))?$/.exec(given) ?? [];
    const seconds = UNITS.find(([name]) => name.startsWith(unit.toLowerCase()))?.[1];
    if (count === undefined || seconds === undefined) return false;
    return Number(count) > 0 && Number(count) <= most * seconds;
  });
}

/** The first of several kinds that takes the text. */
export const either = (...kinds: readonly ValueKind[]): ValueKind =>
  kind(kinds.map(({ expected }) => expected).join(', or '), (given, family) =>
    kinds.some((one) => one.accepts(given, family)),
  );

/** A text of a form. */
export const form = (expected: string, pattern: RegExp): ValueKind =>
  kind(expected, (given) => pattern.test(given));

/** `low:high` or `low-high` in order, or one number. */
export const between = (separator: string, high: number): ValueKind =>
  kind(`two numbers up to ${high} with \`${separator}\` in order`, (given) => {
    const ends = given.split(separator).map(numberOf);
    const [from, to] = ends;
    return ends.length === 2 && from !== undefined && to !== undefined && from < to && to <= BigInt(high);
  });
