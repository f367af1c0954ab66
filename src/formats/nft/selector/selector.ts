import {
  ADDRESS_TYPES,
  ALWAYS,
  anyOf,
  allOf,
  type Condition,
  NEVER,
  negate,
} from '../../../rule/condition.ts';
import { contains, intersection } from '../../../packet/ranges.ts';
import type { Selector } from '../ast/ast.ts';
import type { MakeOpaque, TableContext } from '../lower/context.ts';
import { type DataType, TYPES } from '../types/datatypes.ts';
import { integerType, LISTED_OPTION } from '../types/types.ts';
import {
  enumerated,
  families,
  interfaceNamed,
  type Leaf,
  type Read,
  between,
  numeric,
  ofFamily,
} from './leaf.ts';
import { isOfBridge } from '../lower/bridge.ts';
import { connectionField } from './ct.ts';
import { tellWithoutOptions } from './ip-options.ts';
import { extensionBit, payloadField } from './payload.ts';
import { isRaw, portBytes, rawField } from './raw.ts';

/** What an expression reads, where postern models it; the guard alone where it knows no more. */
export function leafOf(selector: Selector, context: TableContext, open: MakeOpaque): Read {
  if (isOfBridge(selector, context.table)) return { guard: ALWAYS };
  switch (selector.kind) {
    case 'payload':
      return selector.protocol === 'th'
        ? rawField({ ...selector, raw: portBytes(selector.field) }, context, open)
        : headerField(selector, context, open);
    case 'meta':
      return meta(selector.key, context, open);
    case 'ct':
      return connectionField(selector, context, open);
    case 'fib':
      return fib(selector.flags, selector.result);
    case 'exthdr':
      return extension(selector, context);
    case 'other':
      if (isRaw(selector)) return rawField(selector, context, open);
      return constant(selector, context, open) ?? { guard: otherGuard(selector, context, open) };
    default:
      return { guard: ALWAYS };
  }
}

function headerField(
  selector: Extract<Selector, { kind: 'payload' }>,
  context: TableContext,
  open: MakeOpaque,
): Read {
  if (selector.protocol === 'ip' && selector.field === 'hdrlength') tellWithoutOptions(selector, context);
  return payloadField(selector.protocol, selector.field, context, open);
}

/** `symhash mod 1`: always the same number, where what a hash is made of is there. */
function constant(
  { always, of = [] }: Extract<Selector, { kind: 'other' }>,
  context: TableContext,
  open: MakeOpaque,
): Leaf | undefined {
  if (always === undefined || always.from !== always.to) return undefined;
  const read = of.map((one) => surelyReadable(one, context, open));
  const known = read.filter((one) => one !== undefined);
  if (known.length < read.length) return undefined;
  const guard = allOf(known);
  return enumerated(`the number ${always.from}`, integerType(32), guard, [[always.from, guard]]);
}

/** Where an expression is read for sure; undefined where nobody knows: options, sockets and helpers may be there or not, and without them the rule ends. */
function surelyReadable(selector: Selector, context: TableContext, open: MakeOpaque): Condition | undefined {
  if (selector.kind === 'binary') return surelyReadable(selector.left, context, open);
  const read = leafOf(selector, context, open);
  if (selector.kind === 'map' || selector.kind === 'concat' || !('member' in read)) return undefined;
  if (selector.kind === 'fib') return read.guard;
  // The bytes of later fragments may be read or not.
  return allOf([read.guard, read.member([0n, (1n << BigInt(read.type.bits)) - 1n])]);
}

/** Whether there is such a header, as a number; its fields are not modelled. */
function extension(selector: Extract<Selector, { kind: 'exthdr' }>, context: TableContext): Read {
  const guard = extensionGuard(selector, context);
  const bit = extensionBit(selector.header);
  if (selector.field !== undefined || bit === undefined) return { guard };
  const there: Condition = { kind: 'masked', field: 'extensionHeaders', mask: bit, value: bit };
  return enumerated(`exthdr ${selector.header}`, LISTED_OPTION, guard, [
    [0n, negate(there)],
    [1n, there],
  ]);
}

/** Where an extension header can be looked for; its fields only where it is (net/netfilter/nft_exthdr.c). */
function extensionGuard(
  { header, field }: Extract<Selector, { kind: 'exthdr' }>,
  { table }: TableContext,
): Condition {
  const bit = extensionBit(header);
  const there: Condition =
    field === undefined || bit === undefined
      ? ALWAYS
      : { kind: 'masked', field: 'extensionHeaders', mask: bit, value: bit };
  return table.family === 'ip6' ? there : allOf([ofFamily(6), there]);
}

/** A hash needs what it is made of, the value of an option the header that has it (nft_exthdr.c, nft_exthdr_tcp_eval). */
function otherGuard(
  selector: Extract<Selector, { kind: 'other' }>,
  context: TableContext,
  open: MakeOpaque,
): Condition {
  const { of, optionOf, existence } = selector;
  if (of !== undefined) return allOf(of.map((one) => readable(one, context, open)));
  if (optionOf === 'ip') {
    if (existence === true) return context.table.family === 'ip' ? ALWAYS : ofFamily(4);
    // What is not there has no value (net/netfilter/nft_exthdr.c, nft_exthdr_ipv4_eval).
    tellWithoutOptions(selector, context);
    return NEVER;
  }
  return optionOf === undefined || existence === true ? ALWAYS : optionHeader(optionOf);
}

/** The packet has the header whose options are read. */
export function optionHeader(protocol: string): Condition {
  const number = { tcp: 6, dccp: 33, sctp: 132 }[protocol];
  return number === undefined ? ALWAYS : allOf([between('protocol', number), negate(between('fragment', 2))]);
}

/** Where an expression can be read; elsewhere the rule ends. What a map must have an answer for is not asked. */
export function readable(selector: Selector, context: TableContext, open: MakeOpaque): Condition {
  if (selector.kind === 'concat') return allOf(selector.of.map((one) => readable(one, context, open)));
  if (selector.kind === 'binary') return readable(selector.left, context, open);
  if (selector.kind === 'map') return readable(selector.key, context, open);
  return leafOf(selector, context, open).guard;
}

function meta(key: string, { table, hooks }: TableContext, open: MakeOpaque): Read {
  switch (key) {
    case 'mark':
      return numeric('mark', TYPES.mark, ALWAYS);
    case 'l4proto':
      return numeric('protocol', TYPES.protocol, ALWAYS);
    case 'nfproto':
      return enumerated('nfproto', TYPES.nfproto, ALWAYS, families(2n, 10n));
    case 'protocol':
      return enumerated('protocol of ether', TYPES.ethertype, ALWAYS, families(0x800n, 0x86ddn));
    case 'length':
      // On the wire a packet has its link-layer header too.
      return table.family === 'netdev' ? { guard: ALWAYS } : wholeLength();
    case 'pkttype': {
      const cases = [0, 1, 2, 3].map((value) => [BigInt(value), between('pkttype', value)] as const);
      return enumerated('pkttype', TYPES.pkttype, ALWAYS, cases);
    }
    case 'iif':
    case 'iifname':
      return interfaceLeaf('in', key);
    case 'oif':
    case 'oifname':
      return interfaceLeaf('out', key);
    case 'iiftype':
      return interfaceType('in', hooks(), open);
    case 'oiftype':
      return interfaceType('out', hooks(), open);
    default:
      return { guard: ALWAYS };
  }
}

/** A number of 32 bits (net/netfilter/nft_meta.c, NFT_META_LEN), of packets that are described by 16 (RFC 791, 3.1). */
function wholeLength(): Leaf {
  const length = numeric('length', TYPES.short, ALWAYS);
  return {
    ...length,
    key: 'whole length',
    type: { name: 'integer', bits: 32 },
    member: (values) => length.member(intersection(values, [0n, 0xffffn])),
    masked: (mask, value) =>
      value > 0xffffn ? NEVER : (length.masked?.(mask & 0xffffn, value) ?? length.member([value, value])),
  };
}

function interfaceLeaf(field: 'in' | 'out', key: string): Leaf {
  return { key, type: TYPES.byte, guard: ALWAYS, interface: field, member: () => ALWAYS };
}

/** ARPHRD_…, include/uapi/linux/if_arp.h. */
const LOOPBACK = 772n;
const IFACE_TYPE: DataType = {
  name: 'iface_type',
  bits: 16,
  names: { ether: 1, ppp: 512, ipip: 768, ipip6: 769, loopback: 772, sit: 776, ipgre: 778 },
};

/** Hooks at which packets have such a device; without one the rule ends (net/netfilter/nft_meta.c, NFT_META_IIFTYPE). */
const WITH_DEVICE: Readonly<Record<'in' | 'out', readonly string[]>> = {
  in: ['ingress', 'prerouting', 'input', 'forward'],
  out: ['forward', 'output', 'postrouting', 'egress'],
};

/** Only the loopback device's type is known; what kind the others are is not in the file. */
function interfaceType(field: 'in' | 'out', hooks: ReadonlySet<string>, open: MakeOpaque): Read {
  for (const hook of hooks) if (!WITH_DEVICE[field].includes(hook)) return { guard: ALWAYS };
  const loopback = interfaceNamed(field, 'lo');
  const member: Leaf['member'] = (values) => {
    const others = values.length > 2 || values[0] !== LOOPBACK || values[1] !== LOOPBACK;
    return anyOf([
      contains(values, LOOPBACK) ? loopback : NEVER,
      others ? allOf([negate(loopback), open(false)]) : NEVER,
    ]);
  };
  return { key: `${field === 'in' ? 'i' : 'o'}iftype`, type: IFACE_TYPE, guard: ALWAYS, member };
}

function fib(flags: readonly string[], result: string): Read {
  const [which, limit, ...more] = flags;
  if (result !== 'type' || more.length > 0 || (which !== 'saddr' && which !== 'daddr'))
    return { guard: ALWAYS };
  if (limit !== undefined && limit !== 'iif' && limit !== 'oif') return { guard: ALWAYS };
  const field = which === 'saddr' ? 'src' : 'dst';
  const types = Object.entries(TYPES.fibType.names).map(([name, value]) => {
    const type = ADDRESS_TYPES.find((known) => known === name);
    const more = limit === undefined ? {} : { limit: limit === 'iif' ? ('in' as const) : ('out' as const) };
    const condition: Condition = {
      kind: 'address-type',
      field,
      types: type === undefined ? [] : [type],
      ...more,
    };
    return [BigInt(value), condition] as const;
  });
  return enumerated(`fib ${flags.join(' ')}`, TYPES.fibType, ALWAYS, types);
}
