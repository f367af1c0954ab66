import {
  addressMaximum,
  maskPrefix,
  parseDecimal,
  parseIPv4,
  parseIPv6,
  prefixMask,
} from '../../packet/address.ts';
import type { AddressField } from '../../packet/fields.ts';
import type { Condition } from '../../rule/condition.ts';
import { parseNumber } from './numbers.ts';

/** An address as iptables takes it, with its mask. */
export interface MaskedAddress {
  readonly value: bigint;
  readonly mask: bigint;
}

/**
 * One address of the family. IPv4 as libxtables reads it: parts may be octal or hexadecimal, missing ones are zeros
 * at the end (`10.1` is 10.1.0.0), and what does not fit so is read by `inet_aton(3)` (`167772161` is 10.0.0.1).
 * Verified with iptables 1.8.9. Undefined where the text is none.
 */
export function parseToolAddress(text: string, family: 4 | 6): bigint | undefined {
  if (family === 6) return parseIPv6(text);
  const plain = parseIPv4(text);
  if (plain !== undefined) return BigInt(plain);
  const numbers = numbersOf(text);
  if (numbers === undefined || numbers.some((part) => part > 255)) return numbers && asHost(numbers);
  while (numbers.length < 4) numbers.push(0);
  return numbers.reduce((value, part) => value * 256n + BigInt(part), 0n);
}

/**
 * One address as options of extensions take it, by getaddrinfo(3) alone (libxtables/xtoptions.c, xtopt_parse_host): `10.1` is 10.0.0.1
 * there, and `10` is 0.0.0.10. Verified with iptables 1.8.9.
 */
function parseHostAddress(text: string, family: 4 | 6): bigint | undefined {
  const plain = family === 4 ? parseIPv4(text) : undefined;
  if (plain !== undefined || family === 6) return plain === undefined ? parseIPv6(text) : BigInt(plain);
  const numbers = numbersOf(text);
  return numbers && asHost(numbers);
}

/** One to four numbers with dots, in any base. */
function numbersOf(text: string): number[] | undefined {
  if (!/^[0-9a-fA-FxX.]{1,40}$/.test(text)) return undefined;
  const parts = text.split('.').map((part) => parseNumber(part, 0xffff_ffff));
  return parts.length > 4 || parts.includes(undefined) ? undefined : (parts as number[]);
}

/** `inet_aton(3)`: the last number fills what the others leave. */
function asHost(numbers: readonly number[]): bigint | undefined {
  const last = numbers[numbers.length - 1] as number;
  const first = numbers.slice(0, -1);
  if (first.some((part) => part > 255) || last >= 256 ** (4 - first.length)) return undefined;
  const head = first.reduce((value, part, at) => value + BigInt(part * 256 ** (3 - at)), 0n);
  return head + BigInt(last);
}

/** A prefix length (`24`, `0x18` and `030` are one) or a mask in address notation (which may have holes). Undefined where the text is none. */
export function parseToolMask(text: string, family: 4 | 6): bigint | undefined {
  const length = parseNumber(text, family === 4 ? 32 : 128);
  if (length !== undefined) return prefixMask(family, length);
  if (family === 6) return parseIPv6(text);
  const dotted = parseIPv4(text);
  return dotted === undefined ? undefined : BigInt(dotted);
}

/** What {@link readAddress} says of a text that is no address of the family. */
export type AddressProblem = 'mask' | 'family' | 'address' | 'name';

/** An address of an option of an extension, with or without a mask; see {@link readAddress}. */
export const readHost = (text: string, family: 4 | 6): MaskedAddress | AddressProblem =>
  readAddress(text, family, parseHostAddress);

/** `address`, `address/length` or `address/mask`; or what is wrong with it (`name`: it looks like a host name). */
export function readAddress(
  text: string,
  family: 4 | 6,
  parse: (text: string, family: 4 | 6) => bigint | undefined = parseToolAddress,
): MaskedAddress | AddressProblem {
  const slash = text.indexOf('/');
  const head = slash < 0 ? text : text.slice(0, slash);
  const value = parse(head, family);
  if (value === undefined) {
    if (parse(head, family === 4 ? 6 : 4) !== undefined) return 'family';
    return isHostName(head) ? 'name' : 'address';
  }
  const mask = slash < 0 ? addressMaximum(family) : parseToolMask(text.slice(slash + 1), family);
  return mask === undefined ? 'mask' : { value, mask };
}

/** What {@link networkOf} says in the coverage. */
export const MASK_WITH_HOLES = 'a mask with holes is taken for that of one address here, as by iptables';

/**
 * What options of extensions make of an address with a mask: a mask with holes becomes that of the single address, without a word
 * (seen with iptables 1.8.9: `-j NETMAP --to 10.1.2.3/255.0.255.0` is listed, and works, as 10.1.2.3/32).
 */
export function networkOf(read: MaskedAddress, family: 4 | 6): { network: MaskedAddress; holes: boolean } {
  const holes = maskPrefix(family, read.mask) === undefined;
  return { network: holes ? { ...read, mask: addressMaximum(family) } : read, holes };
}

/** Letters, digits, hyphens and dots, the last label not a number (RFC 1123, section 2.1). */
function isHostName(text: string): boolean {
  return /^[a-zA-Z0-9_](?:[a-zA-Z0-9_.-]*[a-zA-Z0-9_])?\.?$/.test(text) && !/(?:^|\.)[0-9]+\.?$/.test(text);
}

/** The condition `(field & mask) === (value & mask)`. */
export function addressCondition(
  field: AddressField,
  family: 4 | 6,
  { value, mask }: MaskedAddress,
): Condition {
  const prefix = maskPrefix(family, mask);
  const lo = value & mask;
  if (prefix === undefined) return { kind: 'address-mask', family, field, mask, value: lo };
  const hi = lo | (mask ^ addressMaximum(family));
  return rangeCondition(field, family, lo, hi);
}

/** `a.b.c.d` or `a.b.c.d/length`, as nearly every rule has it, without bigints; undefined for anything else. */
export function plainCondition(text: string, field: AddressField): Condition | undefined {
  const slash = text.indexOf('/');
  const value = parseIPv4(slash < 0 ? text : text.slice(0, slash));
  const length = slash < 0 ? 32 : parseDecimal(text.slice(slash + 1), 32);
  if (value === undefined || length === undefined || length === 0) return undefined;
  const size = 2 ** (32 - length);
  const lo = value - (value % size);
  return { kind: 'address', family: 4, field, values: [lo, lo + size - 1] };
}

/** The condition `lo <= field <= hi`; never, where `lo` is greater. */
export function rangeCondition(field: AddressField, family: 4 | 6, lo: bigint, hi: bigint): Condition {
  if (lo > hi) return { kind: 'never' };
  return family === 4
    ? { kind: 'address', family, field, values: [Number(lo), Number(hi)] }
    : { kind: 'address', family, field, values: [lo, hi] };
}
