import { EXTENSION_HEADERS, PORT_PROTOCOLS } from '../../../packet/packet.ts';
import { contains, normalise, type Ranges } from '../../../packet/ranges.ts';
import { ALWAYS, allOf, anyOf, type Condition, NEVER, negate } from '../../../rule/condition.ts';
import type { MakeOpaque, TableContext } from '../lower/context.ts';
import { type DataType, TYPES } from '../types/datatypes.ts';
import { messagesWith } from './message-type.ts';
import { lengthBehindHeader } from './ip6-length.ts';
import { linkField } from './link.ts';
import { address, between, derived, enumerated, type Leaf, numeric, ofFamily, type Read } from './leaf.ts';

const NIBBLE: DataType = { name: 'integer', bits: 4 };

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
  gre: 47,
  gretap: 47,
  vxlan: 17,
  geneve: 17,
};

/** A field of the packet's headers, and what nft asks before it: the protocol, in mixed tables the family. */
export function payloadField(protocol: string, field: string, context: TableContext, open: MakeOpaque): Read {
  if (protocol === 'ip') return ipv4(field, open);
  if (protocol === 'ip6') return ipv6(field, open);
  const link = linkField(protocol, field, context, open);
  if (link !== undefined) return link;
  const number = PROTOCOLS[protocol];
  if (number === undefined) return { guard: ALWAYS };
  const guard = between('protocol', number);
  const behind = (leaf: Leaf): Leaf => behindFragments(leaf, context, open);
  if (PORT_PROTOCOLS.includes(number) && (field === 'sport' || field === 'dport'))
    return behind(numeric(field, TYPES.port, guard));
  if (number === 6 && field === 'flags') return behind(numeric('tcpFlags', TYPES.tcpFlags, guard));
  if (number === 2) return { guard: allOf([ofFamily(4), guard]) };
  if (number !== 1 && number !== 58) return { guard };
  const ofIcmp = allOf([ofFamily(number === 1 ? 4 : 6), guard]);
  if (field === 'type') return behind(numeric('icmpType', number === 1 ? TYPES.icmp : TYPES.icmpv6, ofIcmp));
  if (field === 'code')
    return behind(numeric('icmpCode', number === 1 ? TYPES.icmpCode : TYPES.icmpv6Code, ofIcmp));
  const read = { kind: 'payload', protocol, field, start: 0, end: 0 } as const;
  const types = messagesWith(read);
  if (types === undefined || context.asked?.message?.before(read) === 'known') return { guard: ofIcmp };
  const type = behind(numeric('icmpType', TYPES.byte, ofIcmp));
  const asked = normalise(types.map((one) => [BigInt(one), BigInt(one)] as const));
  return { guard: allOf([type.guard, type.member(asked)]) };
}

const LATER: Condition = between('fragment', 2);

/**
 * A later fragment has no transport header. Where such fragments are seen, the kernel may take the bytes that stand
 * there for one, or end the rule (net/netfilter/nf_tables_core.c, nft_payload_fast_eval; nft_payload.c,
 * nft_payload_eval): both are possible.
 */
export function behindFragments(leaf: Leaf, { fragments }: TableContext, open: MakeOpaque): Leaf {
  if (!fragments) return { ...leaf, guard: allOf([leaf.guard, negate(LATER)]) };
  const { member, masked } = leaf;
  const wrap = (condition: Condition, what: string): Condition =>
    anyOf([
      allOf([negate(LATER), condition]),
      allOf([LATER, open(false, `${leaf.key} ${what} in the bytes of a later fragment`)]),
    ]);
  return {
    ...leaf,
    member: (values) => wrap(member(values), values.slice(0, 32).join('-')),
    ...(masked && { masked: (mask, value) => wrap(masked(mask, value), `${mask}/${value}`) }),
  };
}

const highSix = ([lo, hi]: [bigint, bigint]): [bigint, bigint] => [lo * 4n, hi * 4n + 3n];

function dscp(guard: Condition): Leaf {
  return derived(numeric('tos', TYPES.byte, guard), TYPES.dscp, highSix);
}

/** Bits of it are asked for in IPv4 alone: of IPv6, nft 1.0.6 compares the wrong byte, and newer ones do not. */
function dscpOfIpv4(guard: Condition): Leaf {
  const masked: Leaf['masked'] = (mask, value) =>
    numeric('tos', TYPES.byte, guard).masked?.(mask * 4n, value * 4n) ?? NEVER;
  return { ...dscp(guard), masked };
}

function ecn(guard: Condition): Leaf {
  const cases = [0, 1, 2, 3].map((value) => {
    const condition: Condition = { kind: 'masked', field: 'tos', mask: 3, value };
    return [BigInt(value), condition] as const;
  });
  return enumerated('ecn', TYPES.ecn, guard, cases, true);
}

/**
 * The first four bits of both headers: a packet with another number is dropped before all rules of IP
 * (net/ipv4/ip_input.c, ip_rcv_core; net/ipv6/ip6_input.c, ip6_rcv_core).
 */
export function version(family: 4 | 6): Leaf {
  const guard = ofFamily(family);
  return enumerated(`version ${family}`, NIBBLE, guard, [[BigInt(family), guard]]);
}

function ipv4(field: string, open: MakeOpaque): Read {
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
    case 'version':
      return version(4);
    case 'hdrlength':
      // In words of four bytes, without options (RFC 791, 3.1); shorter headers come to no hook (ip_rcv_core).
      return enumerated('hdrlength', NIBBLE, guard, [[5n, guard]]);
    case 'length':
      return numeric('length', TYPES.short, guard);
    case 'dscp':
      return dscpOfIpv4(guard);
    case 'ecn':
      return ecn(guard);
    case 'frag-off':
      return fragmentOffset(guard, open);
    default:
      return { guard };
  }
}

/** The flags and the offset of a fragment, as far as a packet's description tells: `& 0x1fff` and `& 0x3fff` against 0. */
export function fragmentOffset(guard: Condition, open: MakeOpaque): Leaf {
  return {
    key: 'ip frag-off',
    type: TYPES.short,
    guard,
    member: () => open(false),
    masked: (mask, value) => {
      if (value !== 0n || (mask !== 0x1fffn && mask !== 0x3fffn)) return open(false);
      return mask === 0x1fffn ? negate(LATER) : between('fragment', 0);
    },
  };
}

/** A field of IPv6's header. */
export function ipv6(field: string, open: MakeOpaque): Read {
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
    case 'version':
      return version(6);
    case 'length':
      return lengthBehindHeader(guard, open);
    case 'nexthdr':
      return nextHeader(guard, open);
    default:
      return { guard };
  }
}

/** The numbers of extension headers (RFC 8200, 4; RFC 4302, RFC 4303, RFC 6275). */
const HEADER_NUMBERS: readonly (readonly [number, number])[] = [
  [EXTENSION_HEADERS.hop, 0],
  [EXTENSION_HEADERS.route, 43],
  [EXTENSION_HEADERS.frag, 44],
  [EXTENSION_HEADERS.esp, 50],
  [EXTENSION_HEADERS.auth, 51],
  [EXTENSION_HEADERS.none, 59],
  [EXTENSION_HEADERS.dst, 60],
  [EXTENSION_HEADERS.mobility, 135],
];

/**
 * The first next header: the protocol where there are no extension headers, else the number of the first of them. That is the
 * hop-by-hop header where there is one (RFC 8200, 4.1); which of several others it is, no description says.
 */
function nextHeader(guard: Condition, open: MakeOpaque): Leaf {
  const none = between('extensionHeaders', 0);
  const plain = numeric('protocol', TYPES.protocol, guard);
  const { masked: _masked, ...rest } = plain;
  const first = (values: Ranges<bigint>): Condition => {
    const asked = HEADER_NUMBERS.filter(([, number]) => contains(values, BigInt(number)));
    const bits = asked.reduce((all, [bit]) => all | bit, 0);
    const others = 0xff & ~bits;
    if (bits === 0) return NEVER;
    const hop: Condition = has(EXTENSION_HEADERS.hop);
    const one = negate(lacks(bits));
    const sure = allOf([one, anyOf([lacks(others), ...((bits & EXTENSION_HEADERS.hop) !== 0 ? [hop] : [])])]);
    const among = (others & EXTENSION_HEADERS.hop) !== 0 ? [one, negate(hop)] : [one];
    return anyOf([sure, allOf([...among, open(false, 'as the first of several extension headers')])]);
  };
  return {
    ...rest,
    key: 'nexthdr',
    member: (values) => anyOf([allOf([none, plain.member(values)]), allOf([negate(none), first(values)])]),
  };
}

const has = (bit: number): Condition => ({
  kind: 'masked',
  field: 'extensionHeaders',
  mask: bit,
  value: bit,
});
const lacks = (bits: number): Condition =>
  bits === 0 ? ALWAYS : { kind: 'masked', field: 'extensionHeaders', mask: bits, value: 0 };

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
