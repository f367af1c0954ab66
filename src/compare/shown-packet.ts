import type { WitnessPacket } from '../finding/report.ts';
import { formatAddress } from '../packet/address.ts';
import { type Packet, PORT_PROTOCOLS } from '../packet/packet.ts';
import { protocolName } from '../packet/protocol.ts';
import type { FamilyView, FlowHook } from './view.ts';

const FLAG_NAMES = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr'];

/** A packet on its way to a report. */
type Making = { -readonly [K in keyof WitnessPacket]: WitnessPacket[K] };

/** The packet as `trace` reads it; what is at its default is left out. A host can have a hundred thousand of them. */
export function showPacket(packet: Packet, view: FamilyView): WitnessPacket {
  const { family, protocol, state } = packet;
  // Fields come in the order in which a reader looks for them; the required ones are all set below.
  const shown = { hook: view.shownHook(packet.hook as FlowHook) } as Making;
  if (packet.in !== '' && !view.isCloudOnly) shown.in = packet.in;
  if (packet.out !== '' && !view.isCloudOnly) shown.out = packet.out;
  shown.src = formatAddress(family, packet.src);
  shown.dst = formatAddress(family, packet.dst);
  // The other family's ICMP has no name that `trace` takes for a packet of this one.
  shown.protocol = protocol === (family === 4 ? 58 : 1) ? String(protocol) : protocolName(protocol);
  if (PORT_PROTOCOLS.includes(protocol)) {
    shown.sport = packet.sport;
    shown.dport = packet.dport;
  }
  if (protocol === (family === 4 ? 1 : 58)) {
    shown.type = packet.icmpType;
    shown.code = packet.icmpCode;
  }
  if (protocol === 6 && packet.tcpFlags !== (state === 'new' ? SYN_BIT : ACK_BIT))
    shown.flags = FLAG_NAMES.filter((_, bit) => (packet.tcpFlags & (1 << bit)) !== 0);
  shown.state = state;
  if (packet.mark !== 0) shown.mark = packet.mark;
  if (packet.pkttype !== 'unicast') shown.pkttype = packet.pkttype;
  if (packet.groups.length > 0) shown.groups = packet.groups;
  if (packet.peerGroups.length > 0) shown.peerGroups = packet.peerGroups;
  return shown;
}

const SYN_BIT = 0x02;
const ACK_BIT = 0x10;
