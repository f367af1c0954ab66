import { normalise, pairsOf, type Ranges } from '../../../packet/ranges.ts';
import { ALWAYS, allOf, anyOf, type Condition, NEVER } from '../../../rule/condition.ts';
import type { Place, RawBytes, Selector } from '../ast/ast.ts';
import type { MakeOpaque, TableContext } from '../lower/context.ts';
import { type DataType, TYPES } from '../types/datatypes.ts';
import type { Leaf, Read } from './leaf.ts';
import { prefixesOf } from './prefixes.ts';
import {
  type Header,
  networkHeaders,
  type Placed,
  readsHeaderLength,
  transportHeaders,
} from './raw-headers.ts';
import { tellWithoutOptions } from './ip-options.ts';
import { behindFragments, payloadField } from './payload.ts';

/** `@th,16,16`: so many bits of a header, from an offset on (`nft(8)`, RAW PAYLOAD EXPRESSION). */
type RawSelector = Extract<Selector, { kind: 'other' }> & { readonly raw: RawBytes };

/** Whether a selector is one of raw bits. */
export function isRaw(selector: Selector): selector is RawSelector {
  return selector.kind === 'other' && selector.raw !== undefined;
}

/**
 * The bits as a condition on the fields that they belong to, for each header that may stand there: exact where the
 * model has all of them, else open for the packets with that header.
 */
export function rawField(
  selector: Place & { readonly raw: RawBytes },
  context: TableContext,
  open: MakeOpaque,
): Read {
  const { base, offset, bits } = selector.raw;
  if (bits === 0) return { guard: ALWAYS };
  if (base === 'll' && offset === SOURCE.offset && bits === SOURCE.bits) {
    const read = payloadField('ether', 'saddr', context, open);
    return 'member' in read ? { ...read, type: typeOf(selector.raw) } : read;
  }
  const headers =
    base === 'nh'
      ? networkHeaders(context, open)
      : base === 'th'
        ? transportHeaders(context, offset + bits)
        : [];
  const near = headers.some(({ fields }) => fields.some((field) => overlap(field, offset, bits)));
  if (!near) return { guard: ALWAYS };
  if (base === 'nh' && readsHeaderLength(offset, bits, headers)) tellWithoutOptions(selector, context);
  const leaf = new RawBits(selector, headers, context, open).leaf();
  return base === 'th' ? behindFragments(leaf, context, open) : leaf;
}

const overlap = (field: Placed, offset: number, bits: number): boolean =>
  field.offset < offset + bits && offset < field.offset + field.bits;

class RawBits {
  private readonly width: bigint;
  private readonly offset: number;
  private readonly key: string;

  constructor(
    private readonly selector: Place & { readonly raw: RawBytes },
    private readonly headers: readonly Header[],
    private readonly context: TableContext,
    private readonly open: MakeOpaque,
  ) {
    this.width = BigInt(selector.raw.bits);
    this.offset = selector.raw.offset;
    this.key = `raw ${selector.raw.base} ${this.offset} ${selector.raw.bits}`;
  }

  leaf(): Leaf {
    return {
      key: this.key,
      type: typeOf(this.selector.raw),
      guard: ALWAYS,
      member: (values) => this.each((header) => this.member(header, values)),
      masked: (mask, value) => this.each((header) => this.masked(header, mask, value)),
      changes: true,
    };
  }

  /** What holds of the packets with each header; where that is not modelled, it may hold or not. */
  private each(holds: (header: Header) => Condition): Condition {
    return anyOf(this.headers.map((header) => allOf([header.when, holds(header)])));
  }

  private unknown(what: string): Condition {
    this.context.problems.cover(
      'approximated',
      this.selector,
      isPort(this.selector.raw) ? ANY_PORT : ANY_BITS,
    );
    return this.open(false, `${this.key}: ${what}`);
  }

  private member(header: Header, values: Ranges<bigint>): Condition {
    const whole = header.fields.find((field) => this.isTopOf(field));
    if (whole !== undefined) {
      const below = BigInt(whole.offset + whole.bits - this.offset) - this.width;
      const ones = (1n << below) - 1n;
      const pairs = pairsOf(values).map(([lo, hi]) => [lo << below, (hi << below) | ones] as const);
      return whole.leaf.member(normalise(pairs));
    }
    const out: Condition[] = [];
    for (const [lo, hi] of pairsOf(values))
      for (const { mask, value } of prefixesOf(lo, hi, this.selector.raw.bits))
        out.push(this.masked(header, mask, value));
    return anyOf(out);
  }

  /** The bits are the first ones of a field, or all of them. */
  private isTopOf({ offset, bits }: Placed): boolean {
    return offset === this.offset && BigInt(bits) >= this.width;
  }

  /** `(bits & mask) == value`, field by field; bits of no field may be any. */
  private masked({ fields }: Header, mask: bigint, value: bigint): Condition {
    if ((value & ~mask) !== 0n) return NEVER;
    let left = mask;
    const out: Condition[] = [];
    for (const field of fields) {
      if (!overlap(field, this.offset, Number(this.width))) continue;
      // How far the field's lowest bit is above that of the bits that are read.
      const up = this.offset + Number(this.width) - (field.offset + field.bits);
      const ones = (1n << BigInt(field.bits)) - 1n;
      const inField = (number: bigint): bigint =>
        (up >= 0 ? number >> BigInt(up) : number << BigInt(-up)) & ones;
      const own = inField(left);
      if (own === 0n) continue;
      const asked = own === ones ? field.leaf.member([inField(value), inField(value)]) : undefined;
      const condition = asked ?? field.leaf.masked?.(own, inField(value) & own);
      if (condition === undefined) continue;
      out.push(condition);
      left &= ~(up >= 0 ? own << BigInt(up) : own >> BigInt(-up));
    }
    if (left !== 0n) out.push(this.unknown(`${left}/${value & left}`));
    return allOf(out);
  }
}

const ANY_PORT =
  '`th` reads these bytes of any protocol; of protocols without ports what depends on them is reported as possible';
const ANY_BITS =
  'these bits are read of any packet; of headers without a field there what depends on them is reported as possible';

/** Where frames have the address that they come from (IEEE 802.3, 3.2). */
const SOURCE = { offset: 48, bits: 48 };

/** Where ports are. nft reads ports there too, and lists them so (src/payload.c of nftables, payload_init_raw). */
const isPort = ({ base, offset, bits }: RawBytes): boolean =>
  base === 'th' && bits === 16 && (offset === 0 || offset === 16);

/** Numbers; nft lists some as addresses. */
function typeOf(raw: RawBytes): DataType {
  if (isPort(raw)) return TYPES.port;
  const { bits } = raw;
  const parse = bits === 32 ? TYPES.ipv4.parse : bits === 128 ? TYPES.ipv6.parse : undefined;
  return { name: 'integer', bits, ...(parse && { parse }) };
}

/** The bytes of `th sport` and `th dport`. */
export function portBytes(field: string): RawBytes {
  return { base: 'th', offset: field === 'sport' ? 0 : 16, bits: 16 };
}

/** The one byte with the class of service: where `>> 2` makes it a DSCP, values have names. */
export function dscpShift(selector: Selector): number | undefined {
  const inner = selector.kind === 'binary' ? selector.left : selector;
  if (!isRaw(inner)) return undefined;
  const { base, offset, bits } = inner.raw;
  if (base !== 'nh') return undefined;
  if (offset === 8 && bits === 8) return 2;
  return offset === 0 && bits === 16 ? 6 : undefined;
}
