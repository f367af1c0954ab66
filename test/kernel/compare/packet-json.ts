import type { Packet } from '../../../src/packet/packet.ts';
import { formatAddress, parseAddress } from '../wire/address.ts';

/** A packet as fixtures hold it: addresses as texts. */
export type PacketJson = Omit<Packet, 'src' | 'dst' | 'groups' | 'peerGroups'> & {
  readonly src: string;
  readonly dst: string;
};

/** For fixtures and for printing. */
export function toJson({ groups: _, peerGroups: __, ...packet }: Packet): PacketJson {
  const { family, src, dst } = packet;
  return { ...packet, src: formatAddress(family, src), dst: formatAddress(family, dst) };
}

/** The packet that {@link toJson} was given. */
export function fromJson(json: PacketJson): Packet {
  return { ...json, src: parseAddress(json.src), dst: parseAddress(json.dst), groups: [], peerGroups: [] };
}
