import type { WitnessPacket } from '../../finding/report.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { type Packet, PORT_PROTOCOLS } from '../../packet/packet.ts';
import { contains } from '../../packet/ranges.ts';
import { showPacket } from './shown-packet.ts';
import type { GroupMembers } from '../../rule/ruleset.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';
import { type SampledPacket, sampledPacket } from './sampled.ts';

/** A packet of a finding, in the two forms that it is needed in. */
export interface Witness {
  readonly packet: Packet;
  readonly shown: WitnessPacket;
  /** In words, the fields that boxes do not have and that the set depends on. */
  readonly matters: readonly string[];
}

/** One packet of a set that is not empty; undefined where it is. */
export function witnessOf(view: FamilyView, set: Node, asked: SampledPacket): Witness | undefined {
  const node = view.diagram.and(set, view.familyNode);
  if (node === NONE) return undefined;
  const packet = sampled(view, node, asked);
  const matters = RARE.filter((field) => view.project(node, [field]) !== node);
  return {
    packet,
    shown: { ...showPacket(packet, view), ...rareFields(packet, matters) },
    matters: [...unusual(packet), ...matters.map((field) => RARE_NAMES[field])],
  };
}

/** The same for a set that is not empty and constrains only fields that boxes have: nothing else matters then. */
export function plainWitness(view: FamilyView, set: Node, asked: SampledPacket): Witness {
  const packet = sampled(view, set, asked);
  return { packet, shown: showPacket(packet, view), matters: [] };
}

/** The packets that share what boxes show with this one. */
export function packetNode(view: FamilyView, packet: Packet): Node {
  const { hook, protocol } = packet;
  const parts = [
    at(view, 'src', packet.src),
    at(view, 'dst', packet.dst),
    view.field('protocol', [protocol, protocol]),
  ];
  if (hook !== 'output') parts.push(view.named('in', [{ name: packet.in, prefix: false }]));
  if (hook !== 'input') parts.push(view.named('out', [{ name: packet.out, prefix: false }]));
  if (PORT_PROTOCOLS.includes(protocol))
    parts.push(
      view.field('sport', [packet.sport, packet.sport]),
      view.field('dport', [packet.dport, packet.dport]),
    );
  return view.all(...parts);
}

/** A packet with other ends, where the set has one: what a machine sends to itself is on no wire, and shows nothing. */
function sampled(view: FamilyView, set: Node, asked: SampledPacket): Packet {
  const packet = anySampled(view, set, asked);
  if (packet.in === 'lo' || packet.out === 'lo') return packet;
  if (packet.src !== packet.dst && !isOwn(view, packet, asked.hook)) return packet;
  const [peer, own] = asked.hook === 'output' ? (['dst', 'src'] as const) : (['src', 'dst'] as const);
  const { ipv4, ipv6 } = ownOf(view);
  const itself = view.field(peer, view.family === 4 ? ipv4 : ipv6);
  for (const others of [view.diagram.or(itself, at(view, peer, packet[peer])), at(view, own, packet[own])]) {
    const rest = view.diagram.difference(set, others);
    if (rest !== NONE) return anySampled(view, rest, asked);
  }
  return packet;
}

const at = (view: FamilyView, field: 'src' | 'dst', address: bigint): Node =>
  view.family === 4
    ? view.field(field, [Number(address), Number(address)])
    : view.field(field, [address, address]);

const NO_ADDRESSES: GroupMembers = { ipv4: [], ipv6: [] };

/** The addresses that one machine has, as far as a cloud's exports say. */
function ownOf({ ruleset: { cloud } }: FamilyView): GroupMembers {
  return cloud?.machines === 'one' ? (cloud.own ?? NO_ADDRESSES) : NO_ADDRESSES;
}

function isOwn(view: FamilyView, { family, src, dst }: Packet, hook: FlowHook): boolean {
  const { ipv4, ipv6 } = ownOf(view);
  const peer = hook === 'output' ? dst : src;
  return family === 4 ? contains(ipv4, Number(peer)) : contains(ipv6, peer);
}

/** A packet by interfaces with names that somebody gives: of all VLANs of `eth0` the first in order is `eth0.`. */
function anySampled(view: FamilyView, set: Node, asked: SampledPacket): Packet {
  let [packet, left] = [sampledPacket(view, set, asked), set];
  for (const field of ['in', 'out'] as const) {
    const name = `${packet[field]}${ANY_VLAN}`;
    if (!packet[field].endsWith('.') || name.length > LONGEST_NAME) continue;
    const numbered = view.named(field, [{ name, prefix: false }]);
    const some = view.diagram.and(left, numbered);
    if (some === NONE) continue;
    [packet, left] = [sampledPacket(view, some, asked), some];
  }
  return packet;
}

/** The VLAN of a witness that any VLAN is good for. */
const ANY_VLAN = 10;
/** Of an interface (IFNAMSIZ, with the zero at its end). */
const LONGEST_NAME = 15;

/** Fields that are shown only where the set depends on them. */
const RARE = ['mac', 'length', 'ttl', 'tos'] as const;

/** What a finding depends on whose packets have some TTLs and not others. */
export const HOPS = "the packet's TTL or hop limit";

const RARE_NAMES: Readonly<Record<(typeof RARE)[number], string>> = {
  mac: "the packet's source MAC address",
  length: "the packet's length",
  ttl: HOPS,
  tos: "the packet's TOS or DSCP",
};

/** What a finding depends on whose packets are no unicast ones. */
export const LINK_TYPE = "the packet's link-layer type";

function unusual({ mark, ctmark, pkttype, extensionHeaders }: Packet): string[] {
  return [
    ...(mark === 0 ? [] : ["the packet's mark"]),
    ...(ctmark === 0 ? [] : ["the connection's mark"]),
    ...(pkttype === 'unicast' ? [] : [LINK_TYPE]),
    ...(extensionHeaders === 0 ? [] : ["the packet's IPv6 extension headers"]),
  ];
}

function rareFields(packet: Packet, fields: readonly (typeof RARE)[number][]): Partial<WitnessPacket> {
  const texts = fields.map(
    (field) => [field, field === 'mac' ? macText(packet.mac) : packet[field]] as const,
  );
  return Object.fromEntries(texts);
}

function macText(mac: number): string {
  return (mac.toString(16).padStart(12, '0').match(/../g) as string[]).join(':');
}
