import { complement, type Ranges, union } from './ranges.ts';

/**
 * One concrete packet, as `trace` reads it and as a witness shows it (shared shape: schemas/packet.schema.json),
 * in the resolved form that the interpreter works on: every field has a value.
 */
export interface Packet {
  readonly family: 4 | 6;
  readonly hook: HookName;
  /** Interface name; the empty string where the hook has none (output has no `in`, input has no `out`). */
  readonly in: string;
  readonly out: string;
  /** IPv4 as a number in 0..2^32-1 held in a bigint, IPv6 as a 128-bit bigint. */
  readonly src: bigint;
  readonly dst: bigint;
  /** The IANA protocol number; for IPv6 that of the last header. */
  readonly protocol: number;
  /** Ports of TCP, UDP, UDP-Lite, SCTP and DCCP; 0 elsewhere. */
  readonly sport: number;
  readonly dport: number;
  /** ICMP or ICMPv6 type and code; 0 elsewhere. */
  readonly icmpType: number;
  readonly icmpCode: number;
  /** TCP's flag byte: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128; 0 elsewhere. */
  readonly tcpFlags: number;
  /**
   * What conntrack will call the packet, see {@link ConnectionState}. An ICMP message of no connection is `new` here, whatever
   * conntrack calls it (see {@link ICMP_REQUESTS}).
   */
  readonly state: ConnectionState;
  readonly mark: number;
  readonly ctmark: number;
  /** Source MAC as a 48-bit number. */
  readonly mac: number;
  /** Length of the network-layer packet in bytes (`-m length`: the whole IP packet; for IPv6 with its header). */
  readonly length: number;
  /** IPv4 TTL or IPv6 hop limit. */
  readonly ttl: number;
  /** The whole TOS byte or IPv6 traffic class; DSCP is its upper six bits. */
  readonly tos: number;
  readonly pkttype: PacketType;
  /** `later` is a fragment with a non-zero offset (no ports to see), `first` one with offset 0 and more to come. */
  readonly fragment: Fragment;
  /** IPv6 extension headers present, a bit set of {@link EXTENSION_HEADERS}. */
  readonly extensionHeaders: number;
  /** Cloud only: the groups of the instance and of its peer. */
  readonly groups: readonly string[];
  readonly peerGroups: readonly string[];
}

export const HOOKS = ['input', 'forward', 'output', 'ingress', 'egress'] as const;
/** Where a packet goes: to the host, through it, from it (netfilter); into or out of an instance (cloud). */
export type HookName = (typeof HOOKS)[number];

export const CONNECTION_STATES = ['new', 'established', 'related', 'invalid', 'untracked'] as const;
/** Connection tracking states, `iptables-extensions(8)`, conntrack. */
export type ConnectionState = (typeof CONNECTION_STATES)[number];

export const PACKET_TYPES = ['unicast', 'broadcast', 'multicast', 'other'] as const;
/** Link-layer packet type, `iptables-extensions(8)`, pkttype (`other`: for another host). */
export type PacketType = (typeof PACKET_TYPES)[number];

export const FRAGMENTS = ['none', 'first', 'later'] as const;
export type Fragment = (typeof FRAGMENTS)[number];

/** Bits of {@link Packet.extensionHeaders}: hop-by-hop, destination options, routing, fragment, AH, ESP, none (59), mobility. */
export const EXTENSION_HEADERS = {
  hop: 1,
  dst: 2,
  route: 4,
  frag: 8,
  auth: 16,
  esp: 32,
  none: 64,
  mobility: 128,
} as const;

/** Protocol numbers that have ports in the first four bytes of their header. */
export const PORT_PROTOCOLS: readonly number[] = [6, 17, 33, 132, 136];

/** ICMP for the family: 1 or 58. */
export function icmpProtocol(family: 4 | 6): 1 | 58 {
  return family === 4 ? 1 : 58;
}

/**
 * ICMP messages that conntrack takes for the beginning of a connection, as ranges of types
 * (net/netfilter/nf_conntrack_proto_icmp.c and nf_conntrack_proto_icmpv6.c; seen in the kernel for all 256 of both). What
 * else belongs to no connection is invalid to it.
 */
export const ICMP_REQUESTS: Readonly<Record<4 | 6, readonly number[]>> = {
  4: [8, 8, 13, 13, 15, 15, 17, 17],
  6: [128, 128, 139, 139],
};

/** ICMP messages that conntrack leaves untracked: listener, neighbour and multicast router discovery. */
export const ICMP_UNTRACKED: Readonly<Record<4 | 6, readonly number[]>> = {
  4: [],
  6: [130, 136, 143, 143, 151, 152],
};

/** ICMP messages that begin no connection and are tracked: to conntrack they are invalid where they belong to none. */
export const ICMP_INVALID: Readonly<Record<4 | 6, Ranges>> = {
  4: complement(union(ICMP_REQUESTS[4], ICMP_UNTRACKED[4]), 0, 255),
  6: complement(union(ICMP_REQUESTS[6], ICMP_UNTRACKED[6]), 0, 255),
};

/** Destinations that no machine but those on the link or of a group has: 255.255.255.255 and multicast addresses. */
export const GROUP_DESTINATIONS: {
  readonly 4: readonly number[];
  readonly 6: readonly bigint[];
} = {
  4: [0xe0000000, 0xefffffff, 0xffffffff, 0xffffffff],
  6: [0xffn << 120n, (1n << 128n) - 1n],
};
