import type { Packet } from '../../../src/packet/packet.ts';
import { crc32c, internetChecksum, sum16 } from './checksum.ts';

/** What the transport header needs beside the packet's fields. */
export interface TransportOptions {
  /** Marks the packet; goes to the TCP sequence number and the ICMP identifier. */
  readonly identity: number;
  /** A wrong checksum, which conntrack calls invalid (net.netfilter.nf_conntrack_checksum). */
  readonly spoiled: boolean;
  /** The packet belongs to a connection that conntrack knows. */
  readonly known: boolean;
  /** What an ICMP error quotes: the beginning of the packet that it is about. */
  readonly quoted?: Uint8Array;
}

/**
 * Verification tags of the SCTP connections that the harness enters into conntrack; the same read from either end,
 * because conntrack(8) does not put them into network order.
 */
export const SCTP_TAGS = { original: 0x11222211, reply: 0x33444433 } as const;

const DCCP_REQUEST = 0;

/** The least size of a packet's transport part, in bytes. */
export function transportSize(packet: Packet): number {
  switch (packet.protocol) {
    case 6:
      return 20;
    case 17:
    case 136:
      return 8;
    case 132:
      return 32;
    case 33:
      return 20;
    case 1:
    case 58:
      return isIcmp(packet) ? 8 : WORD;
    case 47:
    case 50:
      return 8;
    case 51:
      return 12;
    default:
      return WORD;
  }
}

/** Of other protocols so much is there to be read as ports (`th dport` in nftables asks for no protocol). */
const WORD = 4;

/** Whether the packet is ICMP of its own family. */
export function isIcmp(packet: Packet): boolean {
  return packet.protocol === (packet.family === 4 ? 1 : 58);
}

/** The transport header and payload, `size` bytes long, with the right checksum unless it is spoiled. */
export function transportBytes(
  packet: Packet,
  size: number,
  pseudo: Uint8Array,
  options: TransportOptions,
): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  // UDP-Lite is spoiled by a right checksum, see pseudoHeader.
  const spoil = options.spoiled && packet.protocol !== 136 ? 0x5a5a : 0;
  if (packet.protocol === 132) {
    sctp(bytes, view, packet, options);
    view.setUint32(8, (crc32c(bytes) ^ spoil) >>> 0, true);
    return bytes;
  }
  const at = checksumOffset(packet);
  if (packet.protocol === 6) tcp(view, packet, options.identity);
  else if (packet.protocol === 17) datagram(view, packet, size);
  else if (packet.protocol === 136) datagram(view, packet, 0);
  else if (packet.protocol === 33) dccp(view, packet);
  else if (isIcmp(packet)) icmp(bytes, view, packet, options);
  if (at !== undefined) view.setUint16(at, finish(internetChecksum(bytes, startOf(packet, pseudo)), spoil));
  return bytes;
}

function startOf(packet: Packet, pseudo: Uint8Array): number {
  return packet.family === 4 && packet.protocol === 1 ? 0 : sum16(pseudo);
}

/** Zero would say "no checksum" in UDP, so zero is sent as its other form (RFC 768); a spoiled one is neither. */
function finish(checksum: number, spoil: number): number {
  const value = checksum ^ spoil;
  return value === 0 ? 0xffff : value;
}

function checksumOffset(packet: Packet): number | undefined {
  if (packet.protocol === 6) return 16;
  if (packet.protocol === 17 || packet.protocol === 136 || packet.protocol === 33) return 6;
  return isIcmp(packet) ? 2 : undefined;
}

/** RFC 9293, 3.1. */
function tcp(view: DataView, packet: Packet, identity: number): void {
  view.setUint16(0, packet.sport);
  view.setUint16(2, packet.dport);
  view.setUint32(4, (identity << 12) >>> 0);
  view.setUint32(8, packet.tcpFlags & 16 ? (identity << 12) >>> 0 : 0);
  view.setUint8(12, 5 << 4);
  view.setUint8(13, packet.tcpFlags);
  view.setUint16(14, 0x2000);
}

/** UDP's length is the whole; UDP-Lite's coverage 0 is the whole too (RFC 3828). */
function datagram(view: DataView, packet: Packet, length: number): void {
  view.setUint16(0, packet.sport);
  view.setUint16(2, packet.dport);
  view.setUint16(4, length);
}

/** RFC 9260: a new association begins with an INIT chunk under tag 0, a known one carries DATA under its tag. */
function sctp(bytes: Uint8Array, view: DataView, packet: Packet, options: TransportOptions): void {
  view.setUint16(0, packet.sport);
  view.setUint16(2, packet.dport);
  view.setUint32(4, options.known ? SCTP_TAGS.original : 0);
  bytes[12] = options.known ? 0 : 1;
  bytes[13] = options.known ? 3 : 0;
  // One chunk for the whole: INIT must stand alone, and an empty chunk behind it makes the packet invalid.
  view.setUint16(14, bytes.length - 12);
  view.setUint32(16, 0x1000 + options.identity);
  view.setUint32(20, 0x10000);
  view.setUint16(24, 1);
  view.setUint16(26, 1);
  view.setUint32(28, 1);
}

/** RFC 4340: a Request with a long sequence number. */
function dccp(view: DataView, packet: Packet): void {
  view.setUint16(0, packet.sport);
  view.setUint16(2, packet.dport);
  view.setUint8(4, 5);
  view.setUint8(8, (DCCP_REQUEST << 1) | 1);
}

function icmp(bytes: Uint8Array, view: DataView, packet: Packet, options: TransportOptions): void {
  view.setUint8(0, packet.icmpType);
  view.setUint8(1, packet.icmpCode);
  if (options.quoted !== undefined) bytes.set(options.quoted.subarray(0, bytes.length - 8), 8);
  else view.setUint32(4, ((options.identity & 0xffff) << 16) | 1);
}
