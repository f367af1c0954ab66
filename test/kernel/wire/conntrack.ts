import type { ConnectionState, Packet } from '../../../src/packet/packet.ts';
import { formatAddress } from './address.ts';
import { packetBytes } from './frame.ts';
import { isIcmp, SCTP_TAGS, type TransportOptions } from './transport.ts';

const [SYN, RST, ACK, URG, FIN] = [2, 4, 16, 32, 1];
const IGNORED_BY_CONNTRACK = 8 | 64 | 128;
/** ICMP requests that may begin a connection, with the type that answers them (net/netfilter/nf_conntrack_proto_icmp.c). */
const ICMP_REQUESTS = new Map([
  [8, 0],
  [13, 14],
  [15, 16],
  [17, 18],
]);
const ICMPV6_REQUESTS = new Map([
  [128, 129],
  [139, 140],
]);
/** What conntrack leaves untracked: neighbour, listener and multicast router discovery (net/netfilter/nf_conntrack_proto_icmpv6.c). */
const ICMPV6_UNTRACKED: readonly number[] = [130, 131, 132, 133, 134, 135, 136, 143, 151, 152];
/** No redirects: nat drops those of a connection that it did not see from the first packet on (net/netfilter/nf_nat_proto.c). */
const ICMP_ERRORS: readonly number[] = [3, 4, 11, 12];

/** What conntrack calls the packet by itself: with right checksums, and no connection known. */
export function naturalState(packet: Packet): 'new' | 'invalid' | 'untracked' {
  if (packet.protocol === 6) return isTcpOpening(packet.tcpFlags) ? 'new' : 'invalid';
  if (!isIcmp(packet)) return 'new';
  if (packet.family === 6 && ICMPV6_UNTRACKED.includes(packet.icmpType)) return 'untracked';
  return requests(packet).has(packet.icmpType) ? 'new' : 'invalid';
}

/** A SYN, or an ACK that conntrack picks up in mid-stream (nf_conntrack_tcp_loose, on by default). */
function isTcpOpening(flags: number): boolean {
  const seen = flags & ~IGNORED_BY_CONNTRACK;
  return [SYN, SYN | URG, ACK, ACK | URG].includes(seen);
}

function requests(packet: Packet): ReadonlyMap<number, number> {
  return packet.family === 4 ? ICMP_REQUESTS : ICMPV6_REQUESTS;
}

/** How a packet comes into the state that it is to have. */
export interface Preparation {
  readonly spoiled: boolean;
  readonly known: boolean;
  readonly quoted?: Uint8Array;
  /** A rule of the harness between raw and conntrack makes the packet untracked. */
  readonly notrack: boolean;
  readonly entry?: ConnectionEntry;
}

/** A connection to enter into conntrack. */
export interface ConnectionEntry {
  /** A line for `conntrack -R`: the arguments of `conntrack -I`. */
  readonly line: string;
  /** See {@link connectionKey}. */
  readonly key: string;
}

/** Names the connection that a packet belongs to, the same for both directions. */
export function connectionKey(packet: Packet, identity: number): string {
  const icmp = isIcmp(packet);
  const portless = icmp || packet.protocol === 33;
  const ends = [
    `${packet.src}/${portless ? 0 : packet.sport}`,
    `${packet.dst}/${portless ? 0 : packet.dport}`,
  ].sort();
  return [packet.family, packet.protocol, ...ends, icmp ? identity : 0].join(' ');
}

const PLAIN: Preparation = { spoiled: false, known: false, notrack: false };

/** How to bring the packet into its state; undefined where that cannot be done (a raw protocol is never invalid). */
export function prepare(packet: Packet, identity: number): Preparation | undefined {
  const entryNeeded = packet.state === 'established' || packet.state === 'related';
  if (packet.ctmark !== 0 && !entryNeeded) return undefined;
  const natural = naturalState(packet);
  const ways: Record<ConnectionState, () => Preparation | undefined> = {
    // A message of no connection is the first of its kind, whatever conntrack makes of it.
    new: () => (natural === 'new' || isIcmp(packet) ? PLAIN : undefined),
    untracked: () => (natural === 'untracked' ? PLAIN : { ...PLAIN, notrack: true }),
    invalid: () => (natural === 'invalid' ? PLAIN : spoil(packet)),
    established: () => establish(packet, identity),
    related: () => relate(packet, identity),
  };
  // Fragments are seen only where conntrack does not watch, and there is no state then.
  if (packet.fragment !== 'none') return packet.state === 'new' ? PLAIN : undefined;
  return ways[packet.state]();
}

/** Only prerouting looks at checksums. */
function spoil(packet: Packet): Preparation | undefined {
  const checked = [6, 17, 132, 136].includes(packet.protocol) || isIcmp(packet);
  return checked && packet.hook !== 'output' ? { ...PLAIN, spoiled: true } : undefined;
}

function establish(packet: Packet, identity: number): Preparation | undefined {
  if (packet.protocol === 6 && !isTcpMidstream(packet.tcpFlags)) return undefined;
  // A connection of an address with itself whose replies look like its packets has no direction to be in.
  if (packet.src === packet.dst && packet.sport === packet.dport) return undefined;
  const tuple = connectionTuple(packet, identity);
  if (tuple === undefined) return undefined;
  const line = `-I ${tuple} -t 600 -u SEEN_REPLY,ASSURED${markOption(packet)}`;
  return { ...PLAIN, known: true, entry: { line, key: connectionKey(packet, identity) } };
}

function isTcpMidstream(flags: number): boolean {
  return [ACK, ACK | URG, FIN | ACK, RST | ACK].includes(flags & ~IGNORED_BY_CONNTRACK);
}

function markOption(packet: Packet): string {
  return packet.ctmark === 0 ? '' : ` -m ${packet.ctmark}`;
}

/** The options of conntrack(8) that name the connection whose first packet went the packet's way. */
function connectionTuple(packet: Packet, identity: number): string | undefined {
  const [src, dst] = [packet.src, packet.dst].map((a) => formatAddress(packet.family, a));
  const ends = `-s ${src} -d ${dst} -r ${dst} -q ${src}`;
  const ports = `--sport ${packet.sport} --dport ${packet.dport}`;
  const back = `--reply-port-src ${packet.dport} --reply-port-dst ${packet.sport}`;
  switch (packet.protocol) {
    case 6:
      return `-p tcp ${ends} ${ports} ${back} --state ESTABLISHED`;
    case 17:
      return `-p udp ${ends} ${ports} ${back}`;
    case 132:
      return `-p sctp ${ends} ${ports} ${back} --state ESTABLISHED --orig-vtag ${SCTP_TAGS.original} --reply-vtag ${SCTP_TAGS.reply}`;
    case 136:
      return `-p udplite ${ends} ${ports} ${back}`;
    case 47:
      return `-p gre ${ends} --srckey 0 --dstkey 0 --reply-key-src 0 --reply-key-dst 0`;
    default:
      if (isIcmp(packet)) return icmpTuple(packet, ends, identity);
      // To this kernel DCCP is a protocol like any other: its connections have no ports.
      return packet.protocol === 33 ? undefined : `-p ${packet.protocol} ${ends}`;
  }
}

function icmpTuple(packet: Packet, ends: string, identity: number): string | undefined {
  if (!requests(packet).has(packet.icmpType)) return undefined;
  const name = packet.family === 4 ? 'icmp' : 'icmpv6';
  const options = `--${name}-type ${packet.icmpType} --${name}-code ${packet.icmpCode} --${name}-id ${identity & 0xffff}`;
  return `-p ${name} ${ends} ${options}`;
}

/** An ICMP error about a packet of a connection that is known: a UDP exchange of its destination with its source. */
function relate(packet: Packet, identity: number): Preparation | undefined {
  const error = packet.family === 4 ? ICMP_ERRORS.includes(packet.icmpType) : packet.icmpType < 128;
  if (!isIcmp(packet) || !error) return undefined;
  const inner: Packet = {
    ...packet,
    src: packet.dst,
    dst: packet.src,
    protocol: 17,
    sport: 1024 + (identity % 60000),
    dport: 33434,
    length: packet.family === 4 ? 28 : 48,
    extensionHeaders: 0,
  };
  const options: TransportOptions = { identity, spoiled: false, known: true };
  const line = `-I ${connectionTuple(inner, identity)} -t 600 -u SEEN_REPLY${markOption(packet)}`;
  return {
    ...PLAIN,
    quoted: packetBytes(inner, options),
    entry: { line, key: connectionKey(inner, identity) },
  };
}
