import type { Packet } from '../../../src/packet/packet.ts';
import { LINKS } from '../topology.ts';
import { type ConnectionEntry, connectionKey, prepare } from './conntrack.ts';
import { frameBytes, minimumLength, packetBytes } from './frame.ts';
import type { TransportOptions } from './transport.ts';

/** A packet on its way into the kernel. */
export interface Crafted {
  readonly packet: Packet;
  readonly identity: number;
  /** An Ethernet frame for the far end of the packet's interface, or at output the IP packet. */
  readonly bytes: Uint8Array;
  readonly notrack: boolean;
  /** The connection that must be known first. */
  readonly entry?: ConnectionEntry;
  /** The packet's own connection, the same both ways. */
  readonly connection: string;
}

/** The largest identity: IPv4 has 16 bits for it, IPv6 20; both get the same. */
export const MAXIMUM_IDENTITY = 0xffff;

/** Makes the bytes of a packet; undefined where no real packet can be like this (see {@link prepare}). */
export function craft(packet: Packet, identity: number): Crafted | undefined {
  const prepared = prepare(packet, identity);
  if (prepared === undefined) return undefined;
  if (packet.length < minimumLength(packet) + (prepared.quoted?.length ?? 0)) return undefined;
  const options: TransportOptions = {
    identity,
    spoiled: prepared.spoiled,
    known: prepared.known,
    ...(prepared.quoted && { quoted: prepared.quoted }),
  };
  const bytes = packet.hook === 'output' ? packetBytes(packet, options) : framed(packet, options);
  if (bytes === undefined) return undefined;
  const entry = prepared.entry === undefined ? {} : { entry: prepared.entry };
  const connection = connectionKey(packet, identity);
  return { packet, identity, bytes, notrack: prepared.notrack, connection, ...entry };
}

/**
 * Puts packets into rounds so that none meets a connection that was entered for another one. Packets without an
 * entry leave none behind, since the recorder drops them before conntrack confirms; but for what the host sends to
 * itself while the recorder watches it arrive.
 */
export function apart(packets: readonly Crafted[]): Crafted[][] {
  const rounds: { members: Crafted[]; plain: Set<string>; entered: Set<string> }[] = [];
  for (const one of packets) {
    const key = one.entry?.key ?? one.connection;
    const fits = (round: (typeof rounds)[number]) =>
      !round.entered.has(key) &&
      !round.entered.has(one.connection) &&
      ((one.entry === undefined && one.packet.out !== 'lo') || !round.plain.has(key));
    let round = rounds.find(fits);
    if (round === undefined) {
      round = { members: [], plain: new Set(), entered: new Set() };
      rounds.push(round);
    }
    round.members.push(one);
    round.plain.add(one.connection);
    if (one.entry !== undefined) round.entered.add(key);
  }
  return rounds.map((round) => round.members);
}

function framed(packet: Packet, options: TransportOptions): Uint8Array | undefined {
  const link = LINKS.find((one) => one.name === packet.in);
  return link === undefined ? undefined : frameBytes(packet, options, link.mac);
}

/** Packets as the agent reads them: each behind its length. */
export function packBytes(list: readonly Uint8Array[]): string {
  const total = list.reduce((sum, bytes) => sum + 4 + bytes.length, 0);
  const buffer = Buffer.alloc(total);
  let at = 0;
  for (const bytes of list) {
    buffer.writeUInt32BE(bytes.length, at);
    buffer.set(bytes, at + 4);
    at += 4 + bytes.length;
  }
  return buffer.toString('base64');
}
