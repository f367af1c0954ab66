import type { WitnessPacket } from '../../finding/report.ts';
import { formatAddress } from '../../packet/address.ts';
import { type Packet, PORT_PROTOCOLS } from '../../packet/packet.ts';
import { protocolName } from '../../packet/protocol.ts';
import { flat } from '../../text/flat.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

const FLAG_NAMES = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr'];

/** A packet on its way to a report; what is at its default is left out. Made as findings are (finding.ts). */
class Making implements WitnessPacket {
  declare readonly hook: WitnessPacket['hook'];
  declare readonly in?: string;
  declare readonly out?: string;
  declare readonly src: string;
  declare readonly dst: string;
  declare readonly protocol: string;
  declare readonly sport?: number;
  declare readonly dport?: number;
  declare readonly type?: number;
  declare readonly code?: number;
  declare readonly flags?: readonly string[];
  declare readonly state: string;
  declare readonly mark?: number;
  declare readonly ctmark?: number;
  declare readonly pkttype?: string;
  declare readonly groups?: readonly string[];
  declare readonly peerGroups?: readonly string[];

  /** Fields come in the order in which a reader looks for them. */
  constructor(packet: Packet, view: FamilyView) {
    const { family, protocol, state } = packet;
    this.hook = view.shownHook(packet.hook as FlowHook);
    if (packet.in !== '' && !view.isCloudOnly) this.in = packet.in;
    if (packet.out !== '' && !view.isCloudOnly) this.out = packet.out;
    this.src = flat(formatAddress(family, packet.src));
    this.dst = flat(formatAddress(family, packet.dst));
    // The other family's ICMP has no name that `trace` takes for a packet of this one.
    this.protocol = protocol === (family === 4 ? 58 : 1) ? String(protocol) : protocolName(protocol);
    if (PORT_PROTOCOLS.includes(protocol)) {
      this.sport = packet.sport;
      this.dport = packet.dport;
    }
    if (protocol === (family === 4 ? 1 : 58)) {
      this.type = packet.icmpType;
      this.code = packet.icmpCode;
    }
    if (protocol === 6 && packet.tcpFlags !== (state === 'new' ? SYN_BIT : ACK_BIT))
      this.flags = FLAG_NAMES.filter((_, bit) => (packet.tcpFlags & (1 << bit)) !== 0);
    this.state = state;
    if (packet.mark !== 0) this.mark = packet.mark;
    if (packet.ctmark !== 0) this.ctmark = packet.ctmark;
    if (packet.pkttype !== 'unicast') this.pkttype = packet.pkttype;
    if (packet.groups.length > 0) this.groups = packet.groups;
    if (packet.peerGroups.length > 0) this.peerGroups = packet.peerGroups;
  }
}

/** The packet as `trace` reads it. A host can have a hundred thousand of them. */
export function showPacket(packet: Packet, view: FamilyView): WitnessPacket {
  return new Making(packet, view);
}

const SYN_BIT = 0x02;
const ACK_BIT = 0x10;
