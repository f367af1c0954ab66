/** Kinds of values that options take, as the tools' parsers read them (libxtables/xtoptions.c and the extensions of iptables 1.8.9). */
export interface ValueKind {
  /** What an error says that was expected. */
  readonly expected: string;
  accepts(text: string): boolean;
}

export const kind = (expected: string, accepts: (text: string) => boolean): ValueKind => ({
  expected,
  accepts,
});

/** A number as strtoull(3) with base 0 reads it, undefined where the text is none. */
export function numberOf(text: string): bigint | undefined {
  if (/^(?:0|[1-9][0-9]*)$/.test(text)) return BigInt(text);
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return BigInt(text);
  return /^0[0-7]+$/.test(text) ? BigInt(`0o${text.slice(1)}`) : undefined;
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

export const u16 = number(0, 0xffff);
export const u32 = number(0, U32);
export const u64 = number(0, U64);

/** `low`, `low:high`, `low:` or `:high`, in order. */
export function range(high: bigint): ValueKind {
  return kind(`a number, or two from 0 to ${high} with a colon`, (text) => {
    const ends = text.split(':').map((end, i) => (end === '' ? [0n, high][i] : numberOf(end)));
    if (text === '' || ends.length > 2) return false;
    const [from, to = from] = ends;
    return from !== undefined && to !== undefined && from <= to && to <= high;
  });
}

/** One of some words. */
export const oneOf = (...words: readonly string[]): ValueKind =>
  kind(words.map((word) => `\`${word}\``).join(', '), (text) => words.includes(text));

/** Several of a kind with commas. */
export const list = (of: ValueKind): ValueKind =>
  kind(`with commas: ${of.expected}`, (text) => text.split(',').every((part) => of.accepts(part)));

/** A text of some length. */
export const text = (low: number, high: number): ValueKind =>
  kind(`${low} to ${high} characters`, (given) => {
    const { length } = Buffer.from(given);
    return length >= low && length <= high;
  });

/** A value with or without a mask, or a name that a file of the host gives a number (/etc/iproute2). */
export const maskedOrNamed = kind('a number with or without a mask', (given) => {
  const [value = '', ...masks] = given.split('/');
  if (masks.length > 1 || !masks.every((mask) => u32.accepts(mask))) return false;
  return /^[0-9]/.test(value) ? u32.accepts(value) : /^[A-Za-z]/.test(value);
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
  kind(kinds.map(({ expected }) => expected).join(', or '), (given) =>
    kinds.some((one) => one.accepts(given)),
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
