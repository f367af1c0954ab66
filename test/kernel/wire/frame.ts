import { EXTENSION_HEADERS, type Packet } from '../../../src/packet/packet.ts';
import { internetChecksum } from './checksum.ts';
import { type TransportOptions, transportBytes, transportSize } from './transport.ts';

const ETHERTYPE = { 4: 0x0800, 6: 0x86dd } as const;
/** Offset of a later fragment in units of eight bytes; offset 1 would be an attack (xt_tcp drops it outright). */
const LATER_OFFSET = 185;
const BROADCAST = 0xffffffffffff;

/** The least length of the packet that carries all of its headers, in bytes. */
export function minimumLength(packet: Packet): number {
  const network = packet.family === 4 ? 20 : 40 + extensionSize(packet.extensionHeaders);
  return network + (packet.fragment === 'later' ? 8 : transportSize(packet));
}

/** The whole IP packet. Its IPv4 id or IPv6 flow label is the identity. */
export function packetBytes(packet: Packet, options: TransportOptions): Uint8Array {
  return packet.family === 4 ? ipv4(packet, options) : ipv6(packet, options);
}

/** An Ethernet frame to the interface with this MAC address. */
export function frameBytes(packet: Packet, options: TransportOptions, mac: string): Uint8Array {
  const payload = packetBytes(packet, options);
  const frame = new Uint8Array(14 + payload.length);
  putMac(frame, 0, destinationMac(packet, mac));
  putMac(frame, 6, packet.mac);
  new DataView(frame.buffer).setUint16(12, ETHERTYPE[packet.family]);
  frame.set(payload, 14);
  return frame;
}

function destinationMac(packet: Packet, mac: string): number {
  if (packet.pkttype === 'broadcast') return BROADCAST;
  if (packet.pkttype === 'multicast') return packet.family === 4 ? 0x01005e000001 : 0x333300000001;
  return Number.parseInt(mac.replaceAll(':', ''), 16);
}

function putMac(bytes: Uint8Array, at: number, mac: number): void {
  let rest = mac;
  for (let i = 5; i >= 0; i--) {
    bytes[at + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

/** RFC 791, without options. */
function ipv4(packet: Packet, options: TransportOptions): Uint8Array {
  const bytes = new Uint8Array(packet.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x45);
  view.setUint8(1, packet.tos);
  view.setUint16(2, packet.length);
  view.setUint16(4, options.identity);
  view.setUint16(6, packet.fragment === 'first' ? 0x2000 : packet.fragment === 'later' ? LATER_OFFSET : 0);
  view.setUint8(8, packet.ttl);
  view.setUint8(9, packet.protocol);
  view.setUint32(12, Number(packet.src));
  view.setUint32(16, Number(packet.dst));
  view.setUint16(10, internetChecksum(bytes.subarray(0, 20)));
  bytes.set(body(packet, packet.length - 20, options), 20);
  return bytes;
}

/** RFC 8200. Extension headers stand in the order that it recommends. */
function ipv6(packet: Packet, options: TransportOptions): Uint8Array {
  const bytes = new Uint8Array(packet.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, ((6 << 28) | (packet.tos << 20) | options.identity) >>> 0);
  view.setUint16(4, packet.length - 40);
  view.setUint8(7, packet.ttl);
  putAddress(bytes, 8, packet.src);
  putAddress(bytes, 24, packet.dst);
  let at = 40;
  let nextHeader = 6;
  for (const header of extensionHeaders(packet)) {
    bytes[nextHeader] = header.number;
    bytes.set(header.bytes, at);
    nextHeader = at;
    at += header.bytes.length;
  }
  bytes[nextHeader] = packet.protocol;
  bytes.set(body(packet, packet.length - at, options), at);
  return bytes;
}

function body(packet: Packet, size: number, options: TransportOptions): Uint8Array {
  if (packet.fragment === 'later') return new Uint8Array(size).fill(0x2e);
  return transportBytes(packet, size, pseudoHeader(packet, size, options), options);
}

/**
 * What TCP's and UDP's checksums cover beside the segment: RFC 9293, 3.1, and RFC 8200, 8.1. For UDP-Lite conntrack
 * calculates with UDP's protocol number (net/netfilter/nf_conntrack_proto_udp.c, udplite_error), and in IPv4 with the
 * lowest eight bits of the length (net/netfilter/utils.c, nf_ip_checksum_partial), so that a packet with the checksum
 * of RFC 3828 is invalid, and one that is to be new needs the other one.
 */
function pseudoHeader(packet: Packet, whole: number, options: TransportOptions): Uint8Array {
  const odd = packet.protocol === 136 && !options.spoiled;
  const protocol = odd ? 17 : packet.protocol;
  const size = odd && packet.family === 4 ? whole & 0xff : whole;
  const wide = packet.family === 6;
  const bytes = new Uint8Array(wide ? 40 : 12);
  const view = new DataView(bytes.buffer);
  if (wide) {
    putAddress(bytes, 0, packet.src);
    putAddress(bytes, 16, packet.dst);
    view.setUint32(32, size);
    bytes[39] = protocol;
  } else {
    view.setUint32(0, Number(packet.src));
    view.setUint32(4, Number(packet.dst));
    bytes[9] = protocol;
    view.setUint16(10, size);
  }
  return bytes;
}

function putAddress(bytes: Uint8Array, at: number, address: bigint): void {
  for (let i = 15, rest = address; i >= 0; i--, rest >>= 8n) bytes[at + i] = Number(rest & 0xffn);
}

interface ExtensionHeader {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** Padding options, an experimental routing header with no segments left, a fragment header, and an AH of 24 bytes. */
function extensionHeaders(packet: Packet): ExtensionHeader[] {
  const { extensionHeaders: present, fragment } = packet;
  const list: ExtensionHeader[] = [];
  const padding = Uint8Array.from([0, 0, 1, 4, 0, 0, 0, 0]);
  if (present & EXTENSION_HEADERS.hop) list.push({ number: 0, bytes: padding });
  if (present & EXTENSION_HEADERS.dst) list.push({ number: 60, bytes: padding });
  if (present & EXTENSION_HEADERS.route)
    list.push({ number: 43, bytes: Uint8Array.from([0, 0, 253, 0, 0, 0, 0, 0]) });
  if (present & EXTENSION_HEADERS.frag) {
    const offset = fragment === 'later' ? LATER_OFFSET << 3 : 0;
    const more = fragment === 'first' ? 1 : 0;
    list.push({
      number: 44,
      bytes: Uint8Array.from([0, 0, offset >> 8, (offset & 0xff) | more, 0, 0, 0, 7]),
    });
  }
  if (present & EXTENSION_HEADERS.auth) {
    const header = new Uint8Array(24);
    header[1] = 4;
    list.push({ number: 51, bytes: header });
  }
  return list;
}

function extensionSize(present: number): number {
  const { hop, dst, route, frag, auth } = EXTENSION_HEADERS;
  const short = [hop, dst, route, frag].filter((bit) => present & bit).length;
  return 8 * short + (present & auth ? 24 : 0);
}
