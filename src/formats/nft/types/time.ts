import { type Cursor, numberOf } from '../build/cursor.ts';

/** A time takes at most so many digits before a unit (src/datatype.c of nftables, time_parse). */
const MOST_DIGITS = 8;

const UNITS: Readonly<Record<string, bigint>> = {
  d: 86_400_000n,
  h: 3_600_000n,
  m: 60_000n,
  s: 1000n,
  ms: 1n,
};

/**
 * A time such as `1d2h3m4s5ms` in milliseconds: each unit at most once, in any order, and a number alone is one of
 * seconds. Undefined where the text is none.
 */
export function parseDuration(written: string): bigint | undefined {
  // A number is one for nft's scanner, however it is written.
  const text = numberOf(written)?.toString() ?? written;
  const seen = new Set<string>();
  let total = 0n;
  let digits = '';
  for (let at = 0; at < text.length; at++) {
    const code = text[at] as string;
    if (code >= '0' && code <= '9') {
      digits += code;
      if (digits.length > MOST_DIGITS) return undefined;
      continue;
    }
    const unit = text.slice(at) === 'ms' ? 'ms' : code;
    if (!Object.hasOwn(UNITS, unit) || seen.has(unit)) return undefined;
    seen.add(unit);
    total += BigInt(digits === '' ? 0 : digits) * (UNITS[unit] as bigint);
    digits = '';
    if (unit === 'ms') return total;
  }
  return text === '' ? undefined : seen.size === 0 ? BigInt(digits) * 1000n : total;
}

/** `1d2h3m4s5ms`; a number without a unit is none (JSON gives seconds). */
export function readTime(cursor: Cursor): void {
  const text = cursor.keyword() ?? '';
  if (parseDuration(text) !== undefined && (cursor.problems.free || numberOf(text) === undefined))
    cursor.next();
  else cursor.fail('a time such as `1d2h3m4s`');
}

/** nft from 1.1.1 on has `never`, for an element that stays in a set of which others go. */
export function readLifetime(cursor: Cursor): void {
  if (cursor.take('never') === undefined) readTime(cursor);
}

/** `2024-01-01 10:00:00`, or a number of seconds since 1970, in nanoseconds (src/meta.c of nftables, date_type_parse). */
export function parseDate(text: string): bigint | undefined {
  // strtoull(3) takes the greatest number for all that are greater.
  if (/^\d+$/.test(text)) return nanoseconds(BigInt(text) < 2n ** 64n ? BigInt(text) : 2n ** 64n - 1n);
  // nft looks at nothing that follows a date and is no time of day.
  const numbers = scanned(text, CLOCK) ?? scanned(text, CLOCK.slice(0, -1)) ?? scanned(text, DATE);
  if (numbers === undefined) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = numbers;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  return nanoseconds(BigInt(Math.max(0, date.getTime() / 1000)));
}

/** A number of a date: what stands in front of it, its least and greatest value, and its most digits. */
type DatePart = readonly [before: string, least: number, most: number, digits: number];
const DATE: readonly DatePart[] = [
  ['', 0, 9999, 4],
  ['-', 1, 12, 2],
  ['-', 1, 31, 2],
];
const CLOCK: readonly DatePart[] = [...DATE, [' ', 0, 23, 2], [':', 0, 59, 2], [':', 0, 61, 2]];

/**
 * The numbers of a text as strptime(3) of the GNU C library reads them: blanks may stand in front of each, and a digit that would
 * make it too large is none of its digits.
 */
function scanned(text: string, parts: readonly DatePart[]): readonly number[] | undefined {
  const numbers: number[] = [];
  let at = 0;
  for (const [before, least, most, digits] of parts) {
    if (before.trim() !== '' && text[at++] !== before) return undefined;
    while (text[at] === ' ' || (before === ' ' && /\s/.test(text[at] ?? ''))) at++;
    const from = at;
    let number = 0;
    do {
      if (!/\d/.test(text[at] ?? '')) break;
      number = number * 10 + Number(text[at++]);
    } while (at - from < digits && number * 10 <= most);
    if (at === from || number < least || number > most) return undefined;
    numbers.push(number);
  }
  return numbers;
}

/** Seconds as the kernel counts them, in 64 bits. */
const nanoseconds = (seconds: bigint): bigint => BigInt.asUintN(64, seconds * 1_000_000_000n);

/** `10:00`, `10:00:30`, a time, or a number of seconds (src/meta.c of nftables, hour_type_parse). */
export function parseHour(text: string): bigint | undefined {
  const clock = parseClock(text);
  if (clock !== undefined) return clock;
  if (/^\d{9,}$/.test(text)) return BigInt.asUintN(32, BigInt(text));
  const time = parseDuration(text);
  return time === undefined ? undefined : time / 1000n;
}

function parseClock(text: string): bigint | undefined {
  const found = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(text);
  if (found === null) return undefined;
  const [hour, minute, second] = [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
  return hour < 24 && minute < 60 && second <= 60 ? BigInt(hour * 3600 + minute * 60 + second) : undefined;
}
