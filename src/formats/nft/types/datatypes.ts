import { parseIPv4, parseIPv6 } from '../../../packet/address.ts';
import { parseProtocol } from '../../../packet/protocol.ts';
import { servicePort } from '../../../packet/services.ts';
import type { DataType } from './data-type.ts';

export type { DataType } from './data-type.ts';

const listed = (text: string, first = 0): Record<string, number> =>
  Object.fromEntries(text.split(' ').map((name, at) => [name, first + at]));

/** The one name of a host that is the same address everywhere: 127.0.0.1, ::1 (RFC 6761, 6.3). nft looks all names up. */
const LOCALHOST = 'localhost';

const integer = (bits: number): DataType => ({ name: 'integer', bits });

export const TYPES = {
  ipv4: {
    name: 'ipv4_addr',
    bits: 32,
    parse: (text: string) =>
      text === LOCALHOST ? 0x7f00_0001n : toBigInt(parseIPv4(text) ?? parseOctal(text)),
  },
  ipv6: {
    name: 'ipv6_addr',
    bits: 128,
    parse: (text: string) => (text === LOCALHOST ? 1n : (parseIPv6(text) ?? listedIPv6(text))),
  },
  port: { name: 'inet_service', bits: 16, parse: (text: string) => toBigInt(servicePort(text, undefined)) },
  protocol: {
    name: 'inet_proto',
    bits: 8,
    parse: (text: string) => toBigInt(text === 'comp' ? 108 : protocolOf(text)),
  },
  mark: { name: 'mark', bits: 32 },
  state: {
    name: 'ct_state',
    bits: 32,
    bitmask: true,
    names: { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 },
  },
  status: {
    name: 'ct_status',
    bits: 32,
    bitmask: true,
    names: {
      expected: 1,
      'seen-reply': 2,
      assured: 4,
      confirmed: 8,
      snat: 16,
      dnat: 32,
      dying: 512,
    },
  },
  direction: { name: 'ct_dir', bits: 8, names: { original: 0, reply: 1 } },
  tcpFlags: {
    name: 'tcp_flag',
    bits: 8,
    bitmask: true,
    names: { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 },
  },
  icmp: {
    name: 'icmp_type',
    bits: 8,
    names: {
      'echo-reply': 0,
      'destination-unreachable': 3,
      'source-quench': 4,
      redirect: 5,
      'echo-request': 8,
      ...listed('router-advertisement router-solicitation time-exceeded parameter-problem', 9),
      ...listed('timestamp-request timestamp-reply info-request info-reply', 13),
      ...listed('address-mask-request address-mask-reply', 17),
    },
  },
  icmpCode: {
    name: 'icmp_code',
    bits: 8,
    names: {
      ...listed('net-unreachable host-unreachable prot-unreachable port-unreachable frag-needed'),
      'net-prohibited': 9,
      'host-prohibited': 10,
      'admin-prohibited': 13,
    },
  },
  icmpv6: {
    name: 'icmpv6_type',
    bits: 8,
    names: {
      ...listed('destination-unreachable packet-too-big time-exceeded parameter-problem', 1),
      ...listed('echo-request echo-reply mld-listener-query mld-listener-report mld-listener-done', 128),
      'mld-listener-reduction': 132,
      ...listed('nd-router-solicit nd-router-advert nd-neighbor-solicit nd-neighbor-advert nd-redirect', 133),
      'router-renumbering': 138,
      ...listed('ind-neighbor-solicit ind-neighbor-advert mld2-listener-report', 141),
    },
  },
  icmpv6Code: {
    name: 'icmpv6_code',
    bits: 8,
    names: {
      'no-route': 0,
      'admin-prohibited': 1,
      ...listed('addr-unreachable port-unreachable policy-fail reject-route', 3),
    },
  },
  dscp: {
    name: 'dscp',
    bits: 6,
    names: {
      ...{ cs0: 0, cs1: 8, cs2: 16, cs3: 24, cs4: 32, cs5: 40, cs6: 48, cs7: 56, df: 0, be: 0, lephb: 1 },
      ...{ af11: 10, af12: 12, af13: 14, af21: 18, af22: 20, af23: 22, af31: 26, af32: 28, af33: 30 },
      ...{ af41: 34, af42: 36, af43: 38, va: 44, ef: 46 },
    },
  },
  ecn: { name: 'ecn', bits: 2, names: { 'not-ect': 0, ect1: 1, ect0: 2, ce: 3 } },
  mac: { name: 'ether_addr', bits: 48, parse: parseMac },
  pkttype: {
    name: 'pkt_type',
    bits: 8,
    names: { host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 },
  },
  nfproto: { name: 'nf_proto', bits: 8, names: { ipv4: 2, ipv6: 10 } },
  ethertype: {
    name: 'ether_type',
    bits: 16,
    names: { ip: 0x800, arp: 0x806, ip6: 0x86dd, '8021q': 0x8100, '8021ad': 0x88a8, vlan: 0x8100 },
  },
  fibType: {
    name: 'fib_addrtype',
    bits: 32,
    names: listed('unspec unicast local broadcast anycast multicast blackhole unreachable prohibit'),
  },
  byte: integer(8),
  short: integer(16),
} as const satisfies Readonly<Record<string, DataType>>;

/** An address with zeros in front, which nft reads as inet_aton(3) does: `010.0.0.1` is 8.0.0.1. */
function parseOctal(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0[0-7]*|[1-9]\d*)$/.test(part))) return undefined;
  const plain = parts.map((part) =>
    part.length > 1 && part.startsWith('0') ? Number.parseInt(part, 8) : part,
  );
  return parseIPv4(plain.join('.'));
}

function toBigInt(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}

function protocolOf(text: string): number | undefined {
  if (text === 'ipv6-icmp' || text === 'icmpv6') return 58;
  return /^\d/.test(text) ? undefined : parseProtocol(text);
}

/**
 * Bytes as hexadecimal numbers with one character between any two: `00:11:22:33:44:55`, and fewer of them, which are
 * the last ones. A number that stands alone is written in decimals before (src/datatype.c of nftables,
 * lladdr_type_parse, and its scanner).
 */
function parseMac(text: string): bigint | undefined {
  const shown = /^0[xX][0-9a-fA-F]+$/.test(text) ? BigInt(text).toString() : text;
  if (!/^[0-9a-fA-F]+(?:[^0-9a-fA-F][0-9a-fA-F]+){0,5}$/.test(shown)) return undefined;
  let value = 0n;
  for (const part of shown.split(/[^0-9a-fA-F]/)) {
    const byte = BigInt(`0x${part}`);
    if (byte > 0xffn) return undefined;
    value = value * 256n + byte;
  }
  return value;
}

/**
 * What nft lists for `@nh,64,128 { 0x… }`: addresses as numbers, which it does not read itself. Of fewer digits they are no
 * address that anybody has, and may be a mistake.
 */
function listedIPv6(text: string): bigint | undefined {
  return /^0x[0-9a-f]{17,32}$/.test(text) ? BigInt(text) : undefined;
}
