import { PORT_PROTOCOLS } from '../../packet/packet.ts';
import { EXTENSION_HEADERS } from '../../packet/packet.ts';
import { normalise } from '../../packet/ranges.ts';
import { ADDRESS_TYPES, ALWAYS, allOf, anyOf, type Condition, negate } from '../../rule/condition.ts';
import type { Family, Selector } from './ast.ts';
import { TYPES } from './datatypes.ts';
import {
  address,
  between,
  derived,
  enumerated,
  type Leaf,
  numeric,
  ofFamily,
  onFirst,
  stateLeaf,
  TRACKED,
} from './leaf.ts';

/** How an open answer is made: a predicate of the text that is being read. */
export type MakeOpaque = (stateful: boolean) => Condition;

const PROTOCOLS: Readonly<Record<string, number>> = {
  tcp: 6,
  udp: 17,
  udplite: 136,
  sctp: 132,
  dccp: 33,
  icmp: 1,
  icmpv6: 58,
  igmp: 2,
  ah: 51,
  esp: 50,
  comp: 108,
};

/** What an expression reads, where postern models it; the guard alone where it knows no more. */
export function leafOf(
  selector: Selector,
  family: Family,
  opaque: MakeOpaque,
): Leaf | { readonly guard: Condition } {
  switch (selector.kind) {
    case 'payload':
      return payload(selector.protocol, selector.field, opaque);
    case 'meta':
      return meta(selector.key, family);
    case 'ct':
      return conntrack(selector, opaque);
    case 'fib':
      return fib(selector.flags, selector.result);
    default:
      return { guard: ALWAYS };
  }
}

function payload(protocol: string, field: string, opaque: MakeOpaque): Leaf | { readonly guard: Condition } {
  if (protocol === 'ip') return ipv4(field);
  if (protocol === 'ip6') return ipv6(field, opaque);
  if (protocol === 'th') return transport(field, opaque);
  if (protocol === 'ether') {
    const guard = {
      kind: 'not',
      of: { kind: 'interface', field: 'in', names: [{ name: 'lo', prefix: false }] },
    } as const;
    return field === 'saddr' ? numeric('mac', TYPES.mac, guard) : { guard: ALWAYS };
  }
  const number = PROTOCOLS[protocol];
  if (number === undefined) return { guard: ALWAYS };
  const guard = between('protocol', number);
  if (PORT_PROTOCOLS.includes(number) && (field === 'sport' || field === 'dport'))
    return numeric(field, TYPES.port, allOf([guard, between(field, 0, 0xffff)]));
  if (number === 6 && field === 'flags')
    return numeric('tcpFlags', TYPES.tcpFlags, allOf([guard, between('tcpFlags', 0, 255)]));
  if (number !== 1 && number !== 58) return { guard };
  const ofIcmp = allOf([ofFamily(number === 1 ? 4 : 6), guard]);
  if (field === 'type')
    return numeric('icmpType', number === 1 ? TYPES.icmp : TYPES.icmpv6, readable(ofIcmp));
  if (field === 'code')
    return numeric('icmpCode', number === 1 ? TYPES.icmpCode : TYPES.icmpv6Code, readable(ofIcmp));
  return { guard: ofIcmp };
}

/** Later fragments have no transport header to read (net/netfilter/nft_payload.c, nft_payload_eval). */
function readable(guard: Condition): Condition {
  return allOf([guard, negate(between('fragment', 2))]);
}

/** `th dport` asks for no protocol; where the protocol has no ports, what stands there is not modelled. */
function transport(field: string, opaque: MakeOpaque): Leaf | { readonly guard: Condition } {
  if (field !== 'sport' && field !== 'dport') return { guard: ALWAYS };
  const plain = numeric(field, TYPES.port, readable(ALWAYS));
  const ported: Condition = {
    kind: 'field',
    field: 'protocol',
    values: normalise(PORT_PROTOCOLS.map((number) => [number, number] as const)),
  };
  const member: Leaf['member'] = (values) =>
    anyOf([allOf([ported, plain.member(values)]), allOf([negate(ported), opaque(false)])]);
  const { masked: _masked, ...rest } = plain;
  return { ...rest, key: `th ${field}`, member };
}

const highSix = ([lo, hi]: [bigint, bigint]): [bigint, bigint] => [lo * 4n, hi * 4n + 3n];

function dscp(guard: Condition): Leaf {
  return derived(numeric('tos', TYPES.byte, guard), TYPES.dscp, highSix);
}

function ecn(guard: Condition): Leaf {
  const cases = [0, 1, 2, 3].map((value) => {
    const condition: Condition = { kind: 'masked', field: 'tos', mask: 3, value };
    return [BigInt(value), condition] as const;
  });
  return enumerated('ecn', TYPES.ecn, guard, cases, true);
}

function ipv4(field: string): Leaf | { readonly guard: Condition } {
  const guard = ofFamily(4);
  switch (field) {
    case 'saddr':
      return address(4, 'src', guard);
    case 'daddr':
      return address(4, 'dst', guard);
    case 'protocol':
      return numeric('protocol', TYPES.protocol, guard);
    case 'ttl':
      return numeric('ttl', TYPES.byte, guard);
    case 'length':
      return numeric('length', TYPES.short, guard);
    case 'dscp':
      return dscp(guard);
    case 'ecn':
      return ecn(guard);
    default:
      return { guard };
  }
}

function ipv6(field: string, opaque: MakeOpaque): Leaf | { readonly guard: Condition } {
  const guard = ofFamily(6);
  switch (field) {
    case 'saddr':
      return address(6, 'src', guard);
    case 'daddr':
      return address(6, 'dst', guard);
    case 'hoplimit':
      return numeric('ttl', TYPES.byte, guard);
    case 'dscp':
      return dscp(guard);
    case 'ecn':
      return ecn(guard);
    case 'nexthdr':
      return nextHeader(guard, opaque);
    default:
      return { guard };
  }
}

/** The first next header: the protocol where there are no extension headers. */
function nextHeader(guard: Condition, opaque: MakeOpaque): Leaf {
  const none = between('extensionHeaders', 0);
  const plain = numeric('protocol', TYPES.protocol, guard);
  const { masked: _masked, ...rest } = plain;
  return {
    ...rest,
    key: 'nexthdr',
    member: (values) => anyOf([allOf([none, plain.member(values)]), allOf([negate(none), opaque(false)])]),
  };
}

/** Tables of one family see only its packets. */
function meta(key: string, family: Family): Leaf | { readonly guard: Condition } {
  const families = (four: bigint, six: bigint): readonly (readonly [bigint, Condition])[] => [
    [four, ofFamily(4)],
    [six, ofFamily(6)],
  ];
  switch (key) {
    case 'mark':
      return numeric('mark', TYPES.mark, ALWAYS);
    case 'l4proto':
      return numeric('protocol', TYPES.protocol, ALWAYS);
    case 'nfproto':
      return enumerated(`nfproto ${family}`, TYPES.nfproto, ALWAYS, families(2n, 10n));
    case 'protocol':
      return enumerated('protocol of ether', TYPES.ethertype, ALWAYS, families(0x800n, 0x86ddn));
    case 'length':
      return family === 'netdev' ? { guard: ALWAYS } : numeric('length', TYPES.short, ALWAYS);
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
    default:
      return { guard: ALWAYS };
  }
}

function interfaceLeaf(field: 'in' | 'out', key: string): Leaf {
  return { key, type: TYPES.byte, guard: ALWAYS, interface: field, member: () => ALWAYS };
}

/** Without a connection nothing but the state can be read (net/netfilter/nft_ct.c, nft_ct_get_eval: NFT_BREAK). */
function conntrack(
  selector: Extract<Selector, { kind: 'ct' }>,
  opaque: MakeOpaque,
): Leaf | { readonly guard: Condition } {
  const { key, direction } = selector;
  if (key === 'state') return stateLeaf();
  if (key === 'mark') return numeric('ctmark', TYPES.mark, TRACKED);
  if (key === 'status') return statusLeaf(() => opaque(true));
  if (key === 'direction')
    return enumerated('ct direction', TYPES.direction, TRACKED, [
      [0n, onFirst(ALWAYS, opaque(true))],
      [1n, onFirst({ kind: 'never' }, opaque(true))],
    ]);
  const family = selector.family === 'ip' ? 4 : selector.family === 'ip6' ? 6 : undefined;
  if (direction !== 'original' || family === undefined) return { guard: TRACKED };
  if (key !== 'saddr' && key !== 'daddr') return { guard: TRACKED };
  const plain = address(family, key === 'saddr' ? 'origSrc' : 'origDst', allOf([ofFamily(family), TRACKED]));
  const { masked: _masked, ...rest } = plain;
  return { ...rest, key: `ct ${plain.key}`, member: (values) => onFirst(plain.member(values), opaque(true)) };
}

/** One bit at a time; the translations are followed, the others known in part. */
function statusLeaf(open: () => Condition): Leaf {
  const bit = (mask: bigint): Condition => {
    if (mask === 32n) return { kind: 'translated', what: 'dnat' };
    if (mask === 16n) return { kind: 'translated', what: 'snat' };
    return mask === 1n || mask === 2n || mask === 4n ? onFirst({ kind: 'never' }, open()) : open();
  };
  return {
    key: 'ct status',
    type: TYPES.status,
    guard: TRACKED,
    changes: true,
    member: () => open(),
    masked: (mask, value) => {
      const bits = [...Array(32).keys()].map((at) => 1n << BigInt(at)).filter((one) => (mask & one) !== 0n);
      return allOf(bits.map((one) => ((value & one) !== 0n ? bit(one) : negate(bit(one)))));
    },
  };
}

function fib(flags: readonly string[], result: string): Leaf | { readonly guard: Condition } {
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

/** The bit of an extension header, by nft's name. */
export function extensionBit(header: string): number | undefined {
  const bits: Readonly<Record<string, number>> = {
    hbh: EXTENSION_HEADERS.hop,
    rt: EXTENSION_HEADERS.route,
    dst: EXTENSION_HEADERS.dst,
    frag: EXTENSION_HEADERS.frag,
    mh: EXTENSION_HEADERS.mobility,
  };
  return Object.hasOwn(bits, header) ? bits[header] : undefined;
}
