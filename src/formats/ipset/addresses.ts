import {
  addressBits,
  addressMaximum,
  parseAddress,
  prefixMask,
  prefixRange,
  rangeToPrefixes,
} from '../../packet/address.ts';
import type { SetPart } from '../../rule/named-set.ts';
import type { PartResult } from './ports.ts';
import { parseNumber, type SetSpec } from './types.ts';

type AddressPart = Extract<SetPart, { kind: 'address' }>;

/** How many addresses a range may leave under a bitmask with holes; each becomes an element. */
const MOST_MASKED = 65536;

/** What the text says before masks are applied: an inclusive range, and the prefix length where it was one. */
interface Written {
  readonly ok: true;
  /** The first address as written, host bits included. */
  readonly from: bigint;
  readonly to: bigint;
  readonly form: 'single' | 'prefix' | 'range';
  readonly prefix: number;
}
type Wrong = Extract<PartResult<never>, { ok: false }>;

/**
 * The address part of an entry, as the addresses that it stores: one part, or several where the kernel stores
 * several networks for a range (`ipset(8)`, hash:net) or where a bitmask has holes.
 */
export function parseAddressPart(text: string, spec: SetSpec, dimension: number): PartResult<AddressPart> {
  const family = spec.family ?? 4;
  const isNet = spec.type.dimensions[dimension] === 'net';
  const written = readWritten(text, family);
  if (!written.ok) return written;
  const allowed = checkForm(text, written, spec, dimension, isNet);
  if (allowed !== undefined) return allowed;
  if (isNet) return { ok: true, parts: networks(written, family, spec) };
  return spec.type.name === 'bitmap:ip'
    ? bitmapHosts(text, written, spec)
    : hosts(text, written, family, spec);
}

function readWritten(text: string, family: 4 | 6): Written | Wrong {
  const plain = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const dash = plain.indexOf('-');
  const slash = plain.indexOf('/');
  if (dash >= 0 && slash < 0) {
    const from = parseAddress(plain.slice(0, dash));
    const to = parseAddress(plain.slice(dash + 1));
    if (from === undefined || to === undefined) return notAddress(text, family);
    if (from.family !== family || to.family !== family) return wrongFamily(text, family);
    const [lo, hi] = from.value <= to.value ? [from.value, to.value] : [to.value, from.value];
    return { ok: true, from: lo, to: hi, form: 'range', prefix: addressBits(family) };
  }
  const address = parseAddress(slash < 0 ? plain : plain.slice(0, slash));
  if (address === undefined) return notAddress(text, family);
  if (address.family !== family) return wrongFamily(text, family);
  if (slash < 0)
    return { ok: true, from: address.value, to: address.value, form: 'single', prefix: addressBits(family) };
  const prefix = parseNumber(plain.slice(slash + 1), 0, addressBits(family));
  if (prefix === undefined) {
    const message = `\`${text}\` has no prefix length from 0 to ${addressBits(family)}`;
    return { ok: false, message, expected: ADDRESS_SYNTAX };
  }
  const to = prefixRange(family, address.value, prefix).hi;
  return { ok: true, from: address.value, to, form: 'prefix', prefix };
}

/** Which forms a dimension takes: hosts of IPv6 sets stand alone, or with `/128`; networks of IPv6 sets are never ranges. */
function checkForm(
  text: string,
  written: Written,
  spec: SetSpec,
  dimension: number,
  isNet: boolean,
): Wrong | undefined {
  if (written.form === 'single') return undefined;
  const ranges = spec.type.ranges[dimension] === true;
  const alone = written.form === 'prefix' && (isNet || written.prefix === 128);
  if (!ranges || (spec.family === 6 && !alone)) {
    const message = `\`${text}\` stands where ${spec.type.name} takes ${isNet ? 'a network' : 'one address'}`;
    return { ok: false, message, expected: isNet ? '`ADDRESS` or `ADDRESS/LENGTH`' : '`ADDRESS`' };
  }
  if (written.form === 'prefix' && written.prefix === 0 && !(isNet && spec.type.zeroPrefix))
    return cannotStore(`prefix length 0 cannot be stored in a ${spec.type.name}`);
  if (written.form === 'range' && written.from === 0n && written.to === addressMaximum(spec.family ?? 4))
    return cannotStore('a range over the whole address space cannot be stored');
  return undefined;
}

/** One stored network for each that the range falls into; a set's mask is applied to the stored address. */
function networks(written: Written, family: 4 | 6, spec: SetSpec): AddressPart[] {
  const all =
    written.form === 'range'
      ? rangeToPrefixes(family, written.from, written.to)
      : [{ lo: prefixRange(family, written.from, written.prefix).lo, prefix: written.prefix }];
  return all.map(({ lo, prefix }) => {
    if (spec.bitmask !== undefined) {
      const mask = spec.bitmask & prefixMask(family, prefix);
      return { kind: 'address', family, lo: lo & mask, hi: lo & mask, prefix, mask };
    }
    return {
      kind: 'address',
      family,
      ...prefixRange(family, lo, Math.min(prefix, spec.netmask ?? prefix)),
      prefix,
    };
  });
}

/**
 * Hosts of the hash types. The kernel masks the first address, then walks up to the last: with a netmask every
 * network that begins in between is stored (net/netfilter/ipset/ip_set_hash_ip.c, hash_ip4_uadt).
 */
function hosts(text: string, written: Written, family: 4 | 6, spec: SetSpec): PartResult<AddressPart> {
  const bits = addressBits(family);
  const netmask = spec.netmask ?? bits;
  const start =
    written.form === 'prefix' ? prefixRange(family, written.from, written.prefix).lo : written.from;
  const lo = start & (spec.bitmask ?? prefixMask(family, netmask));
  if (lo === 0n && spec.type.noZeroAddress)
    return cannotStore(`the null address of \`${text}\` cannot be stored in a ${spec.type.name}`);
  if (spec.bitmask !== undefined) return masked(text, lo, written, family, spec.bitmask);
  const hi = prefixRange(family, written.form === 'single' ? lo : written.to, netmask).hi;
  return { ok: true, parts: [{ kind: 'address', family, lo, hi, prefix: bits }] };
}

/**
 * Under a mask with holes only those stored addresses are ever found that the mask leaves as they are. The end of a network is reckoned
 * from the address that is masked already, that of a range not (net/netfilter/ipset/ip_set_hash_ip.c, hash_ip4_uadt).
 */
function masked(
  text: string,
  lo: bigint,
  written: Written,
  family: 4 | 6,
  mask: bigint,
): PartResult<AddressPart> {
  const last = written.form === 'range' ? written.to : prefixRange(family, lo, written.prefix).hi;
  const holes = mask ^ addressMaximum(family);
  const parts: AddressPart[] = [];
  for (let at = lo; at <= last; at = ((at | holes) + 1n) & mask) {
    parts.push({ kind: 'address', family, lo: at, hi: at, prefix: addressBits(family), mask });
    if (parts.length > MOST_MASKED)
      return cannotStore(`\`${text}\` stands for more than ${MOST_MASKED} addresses under the set's bitmask`);
    if ((at | holes) === addressMaximum(family)) break;
  }
  return { ok: true, parts };
}

/** A bitmap walks from the first address itself in steps of a network (ip_set_bitmap_ip.c, bitmap_ip_uadt). */
function bitmapHosts(text: string, written: Written, spec: SetSpec): PartResult<AddressPart> {
  const range = spec.range as { lo: number; hi: number };
  const first = written.form === 'prefix' ? prefixRange(4, written.from, written.prefix).lo : written.from;
  if (first < BigInt(range.lo) || written.to > BigInt(range.hi))
    return {
      ok: false,
      message: `\`${text}\` is out of the set's range`,
      expected: 'addresses of the range',
    };
  const netmask = spec.netmask ?? 32;
  const step = 1n << BigInt(32 - netmask);
  const last = first + ((written.to - first) / step) * step;
  const lo = prefixRange(4, first, netmask).lo;
  return {
    ok: true,
    parts: [{ kind: 'address', family: 4, lo, hi: prefixRange(4, last, netmask).hi, prefix: 32 }],
  };
}

const ADDRESS_SYNTAX = '`ADDRESS`, `ADDRESS/LENGTH` or `FROM-TO`';

function cannotStore(message: string): Wrong {
  return { ok: false, message, expected: 'what the kernel stores in a set of this type (`ipset(8)`)' };
}

function notAddress(text: string, family: 4 | 6): Wrong {
  return {
    ok: false,
    message: `\`${text}\` is no IPv${family} address, network or range`,
    expected: ADDRESS_SYNTAX,
    help: 'names and shortened addresses are resolved by the host; write the address, as `ipset save` does',
  };
}

function wrongFamily(text: string, family: 4 | 6): Wrong {
  return {
    ok: false,
    message: `\`${text}\` is no IPv${family} address, but the set's family is`,
    expected: ADDRESS_SYNTAX,
  };
}
