import { parseIPv4, prefixRange } from '../../../packet/address.ts';
import { normalise, type Ranges } from '../../../packet/ranges.ts';
import type { SymbolValue, Value } from '../ast/ast.ts';
import type { DataType } from './data-type.ts';
import { TYPES } from './datatypes.ts';
import { numberWord } from '../build/keywords.ts';
import { expectedOf } from './value-help.ts';

/** What is wrong with a value. */
export interface BadValue {
  readonly value: Value;
  readonly expected: string;
}

/** A value that stands for itself, as a number. */
export function readNumber(value: Value, type: DataType): bigint | BadValue {
  switch (value.kind) {
    case 'symbol':
      return readSymbol(value, type) ?? { value, expected: expectedOf(type) };
    case 'list': {
      let bits = 0n;
      for (const one of value.of) {
        const read = readNumber(one, type);
        if (typeof read !== 'bigint') return read;
        bits |= read;
      }
      return bits;
    }
    case 'binary': {
      const left = readNumber(value.left, type);
      if (typeof left !== 'bigint') return left;
      const shift = value.op === '<<' || value.op === '>>';
      const right = readNumber(value.right, shift ? TYPES.byte : type);
      if (typeof right !== 'bigint') return right;
      return calculate(value.op, left, right, type.bits);
    }
    default:
      return { value, expected: `one value of the type ${type.name}` };
  }
}

function calculate(op: string, left: bigint, right: bigint, bits: number): bigint {
  if (op === '&') return left & right;
  if (op === '|') return left | right;
  if (op === '^') return left ^ right;
  return op === '<<' ? (left << right) & ((1n << BigInt(bits)) - 1n) : left >> right;
}

/** Types that read their numbers themselves. */
const WORDS_ONLY: readonly string[] = ['ipv6_addr', 'ether_addr', 'time'];

/** What a text is as a value of its own type, without what is a number to nft's parser. */
export function readWord(text: string, type: DataType): bigint | undefined {
  if (type.names !== undefined && Object.hasOwn(type.names, text)) return BigInt(type.names[text] as number);
  return type.parse?.(text);
}

function readSymbol({ text, quoted }: SymbolValue, type: DataType): bigint | undefined {
  const parsed = readWord(text, type);
  if (parsed !== undefined) return parsed;
  const word = quoted ? undefined : numberWord(text);
  if (word !== undefined) return word < 2 ** type.bits ? BigInt(word) : undefined;
  // nft takes a number for an IPv4 address, and none for an IPv6 address.
  if (WORDS_ONLY.includes(type.name) || !/^(?:0x[0-9a-fA-F]{1,32}|\d{1,39})$/.test(text)) return undefined;
  // A number that begins with 0 is octal, as for strtoull(3): nft takes `022` for 18.
  const number = BigInt(/^0[0-7]+$/.test(text) ? `0o${text}` : text);
  return number < 1n << BigInt(type.bits) ? number : undefined;
}

/** The values that a value stands for: itself, a prefix, a range. */
export function readRanges(values: readonly Value[], type: DataType): Ranges<bigint> | BadValue {
  const plain = type === TYPES.ipv4 && values.length >= 64 ? readPlain(values) : undefined;
  if (plain !== undefined) return plain.map(BigInt);
  const pairs: [bigint, bigint][] = [];
  for (const value of values) {
    const pair = readPair(value, type);
    if (!Array.isArray(pair)) return pair as BadValue;
    pairs.push(pair as [bigint, bigint]);
  }
  return normalise(pairs);
}

/** IPv4 addresses, ranges and prefixes of them, as numbers; undefined where one is none. Large sets are lists of them. */
export function readPlain(values: readonly Value[]): Ranges | undefined {
  const single = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as Value;
    const one = value.kind === 'symbol' ? (value.address ?? parseIPv4(value.text)) : undefined;
    if (one === undefined) return readPlainPairs(values);
    single[at] = one;
  }
  single.sort();
  const out: number[] = [];
  for (const one of single) {
    const last = out[out.length - 1];
    if (last === undefined || one > last + 1) out.push(one, one);
    else out[out.length - 1] = one;
  }
  return out;
}

function readPlainPairs(values: readonly Value[]): Ranges | undefined {
  const pairs: [number, number][] = [];
  for (const value of values) {
    const pair = plainPair(value);
    if (pair === undefined) return undefined;
    pairs.push(pair);
  }
  return normalise(pairs);
}

/** The first and last address of an IPv4 address, range or prefix; undefined where it is none. */
export function plainPair(value: Value): [number, number] | undefined {
  if (value.kind === 'symbol') {
    const one = value.address ?? parseIPv4(value.text);
    return one === undefined ? undefined : [one, one];
  }
  if (value.kind === 'range') {
    const [lo, hi] = [plainPair(value.lo)?.[0], plainPair(value.hi)?.[0]];
    return lo === undefined || hi === undefined || lo > hi ? undefined : [lo, hi];
  }
  if (value.kind !== 'prefix' || value.length > 32) return undefined;
  const base = plainPair(value.base)?.[0];
  if (base === undefined) return undefined;
  const size = 2 ** (32 - value.length);
  const lo = base - (base % size);
  return [lo, lo + size - 1];
}

function readPair(value: Value, type: DataType): readonly [bigint, bigint] | BadValue {
  if (value.kind === 'any') return [0n, (1n << BigInt(type.bits)) - 1n];
  if (value.kind === 'range') {
    const [lo, hi] = [readNumber(value.lo, type), readNumber(value.hi, type)];
    if (typeof lo !== 'bigint') return lo;
    if (typeof hi !== 'bigint') return hi;
    return lo <= hi ? [lo, hi] : { value, expected: 'a range from the lower to the higher value' };
  }
  if (value.kind === 'prefix') {
    const base = readNumber(value.base, type);
    if (typeof base !== 'bigint') return base;
    if (value.length > type.bits) return { value, expected: `a prefix of at most ${type.bits} bits` };
    if (type.bits === 32 || type.bits === 128) {
      const { lo, hi } = prefixRange(type.bits === 32 ? 4 : 6, base, value.length);
      return [lo, hi];
    }
    const host = (1n << BigInt(type.bits - value.length)) - 1n;
    return [base & ~host, base | host];
  }
  const number = readNumber(value, type);
  return typeof number === 'bigint' ? [number, number] : number;
}
