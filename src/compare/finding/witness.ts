import type { WitnessPacket } from '../../finding/report.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import { FRAGMENTS, PACKET_TYPES, type Packet, PORT_PROTOCOLS } from '../../packet/packet.ts';
import { contains } from '../../packet/ranges.ts';
import { preferredBytes, sampleFields } from '../../packet/sample.ts';
import { remembered } from '../view/remembered.ts';
import { showPacket } from './shown-packet.ts';
import type { GroupMembers } from '../../rule/ruleset.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';
import { ofSomebody, PREFERENCES, wishesOf } from './witness-wishes.ts';

/** A packet of a finding, in the two forms that it is needed in. */
export interface Witness {
  readonly packet: Packet;
  readonly shown: WitnessPacket;
  /** In words, the fields that boxes do not have and that the set depends on. */
  readonly matters: readonly string[];
}

/** What a packet has in the fields that its set leaves open. */
const OPEN = { 4: preferredBytes(PREFERENCES[4]), 6: preferredBytes(PREFERENCES[6]) } as const;
/** The same bytes as numbers, read once: most fields of most sets are open. */
const OPEN_NUMBERS = { 4: openNumbers(4), 6: openNumbers(6) } as const;
const OPEN_ADDRESSES = { 4: openAddresses(4), 6: openAddresses(6) } as const;

function openNumbers(family: 4 | 6): ReadonlyMap<DiagramField, number> {
  const short = [...OPEN[family]].filter(([, bytes]) => bytes.length <= 6);
  return new Map(short.map(([field, bytes]) => [field, numberOf(bytes)] as const));
}

function openAddresses(family: 4 | 6): { readonly src: bigint; readonly dst: bigint } {
  return {
    src: addressOf(family, OPEN[family].get('src')),
    dst: addressOf(family, OPEN[family].get('dst')),
  };
}

/** One packet of a set that is not empty; undefined where it is. */
export function witnessOf(
  view: FamilyView,
  set: Node,
  hook: FlowHook,
  state: Packet['state'],
  tcpFlags: number,
): Witness | undefined {
  const node = view.diagram.and(set, view.familyNode);
  if (node === NONE) return undefined;
  const packet = sampled(view, node, hook, state, tcpFlags);
  const matters = RARE.filter((field) => view.project(node, [field]) !== node);
  return {
    packet,
    shown: { ...showPacket(packet, view), ...rareFields(packet, matters) },
    matters: [...unusual(packet), ...matters.map((field) => RARE_NAMES[field])],
  };
}

/** The same for a set that is not empty and constrains only fields that boxes have: nothing else matters then. */
export function plainWitness(
  view: FamilyView,
  set: Node,
  hook: FlowHook,
  state: Packet['state'],
  tcpFlags: number,
): Witness {
  const packet = sampled(view, set, hook, state, tcpFlags);
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
function sampled(
  view: FamilyView,
  set: Node,
  hook: FlowHook,
  state: Packet['state'],
  tcpFlags: number,
): Packet {
  const packet = anySampled(view, set, hook, state, tcpFlags);
  if (packet.in === 'lo' || packet.out === 'lo') return packet;
  if (packet.src !== packet.dst && !isOwn(view, packet, hook)) return packet;
  const [peer, own] = hook === 'output' ? (['dst', 'src'] as const) : (['src', 'dst'] as const);
  const { ipv4, ipv6 } = ownOf(view);
  const itself = view.field(peer, view.family === 4 ? ipv4 : ipv6);
  for (const others of [view.diagram.or(itself, at(view, peer, packet[peer])), at(view, own, packet[own])]) {
    const rest = view.diagram.difference(set, others);
    if (rest !== NONE) return anySampled(view, rest, hook, state, tcpFlags);
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
  return cloud?.single === true ? (cloud.own ?? NO_ADDRESSES) : NO_ADDRESSES;
}

function isOwn(view: FamilyView, { family, src, dst }: Packet, hook: FlowHook): boolean {
  const { ipv4, ipv6 } = ownOf(view);
  const peer = hook === 'output' ? dst : src;
  return family === 4 ? contains(ipv4, Number(peer)) : contains(ipv6, peer);
}

/** A packet by interfaces with names that somebody gives: of all VLANs of `eth0` the first in order is `eth0.`. */
function anySampled(
  view: FamilyView,
  set: Node,
  hook: FlowHook,
  state: Packet['state'],
  tcpFlags: number,
): Packet {
  let [packet, left] = [sampledAsIs(view, set, hook, state, tcpFlags), set];
  for (const field of ['in', 'out'] as const) {
    const name = `${packet[field]}${ANY_VLAN}`;
    if (!packet[field].endsWith('.') || name.length > LONGEST_NAME) continue;
    const numbered = view.named(field, [{ name, prefix: false }]);
    const some = view.diagram.and(left, numbered);
    if (some === NONE) continue;
    [packet, left] = [sampledAsIs(view, some, hook, state, tcpFlags), some];
  }
  return packet;
}

/** The VLAN of a witness that any VLAN is good for. */
const ANY_VLAN = 10;
/** Of an interface (IFNAMSIZ, with the zero at its end). */
const LONGEST_NAME = 15;

function sampledAsIs(
  view: FamilyView,
  set: Node,
  hook: FlowHook,
  state: Packet['state'],
  tcpFlags: number,
): Packet {
  const { family, diagram } = view;
  const { preferences: wishes, usual } = wishesOf(view, hook);
  const fields = sampleFields(
    diagram,
    ofSomebody(view, set, hook),
    wishes,
    OPEN[family],
    family === 4 ? 4 : 16,
  );
  const open = OPEN_NUMBERS[family];
  const number = (field: DiagramField): number => {
    const bytes = fields.get(field);
    return bytes === undefined ? (open.get(field) ?? 0) : numberOf(bytes);
  };
  const address = (field: 'src' | 'dst'): bigint => {
    const bytes = fields.get(field);
    return bytes === undefined ? OPEN_ADDRESSES[family][field] : addressOf(family, bytes);
  };
  const protocol = number('protocol');
  return {
    family,
    hook,
    in: hook === 'output' ? '' : interfaceOf(fields.get('in'), usual.in),
    out: hook === 'input' ? '' : interfaceOf(fields.get('out'), usual.out),
    src: address('src'),
    dst: address('dst'),
    protocol,
    sport: number('sport'),
    dport: number('dport'),
    icmpType: number('icmpType'),
    icmpCode: number('icmpCode'),
    tcpFlags: protocol === 6 ? tcpFlags : 0,
    state,
    mark: number('mark'),
    ctmark: number('ctmark'),
    mac: number('mac'),
    length: number('length'),
    ttl: number('ttl'),
    tos: number('tos'),
    pkttype: PACKET_TYPES[number('pkttype')] ?? 'unicast',
    fragment: FRAGMENTS[number('fragment')] ?? 'none',
    extensionHeaders: number('extensionHeaders'),
    groups: ownGroups(view, number('ownGroup'), address(hook === 'output' ? 'src' : 'dst')),
    peerGroups: namedGroups(view, number('peerGroup')),
  };
}

/** At most six bytes, as a number. */
function numberOf(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 256 + (bytes[i] as number);
  return value;
}

/** An IPv4 address fills the first four of sixteen bytes. */
function addressOf(family: 4 | 6, bytes: Uint8Array | undefined): bigint {
  if (bytes === undefined) return 0n;
  if (family === 4) return BigInt(numberOf(bytes, 0, 4));
  return (
    (BigInt(numberOf(bytes, 0, 6)) << 80n) |
    (BigInt(numberOf(bytes, 6, 12)) << 32n) |
    BigInt(numberOf(bytes, 12))
  );
}

/** The group that the set asks an end of the packet to be a member of. */
function namedGroups({ ruleset }: FamilyView, number: number): readonly string[] {
  const named = ruleset.cloud?.symbolic[number - 1];
  return named === undefined ? [] : [named];
}

/** What the instance carries: what the set asks for, beside the groups of the interface that has the address. */
function ownGroups(view: FamilyView, number: number, address: bigint): readonly string[] {
  const { cloud } = view.ruleset;
  const carried = cloud?.interfaces?.find(({ own }) =>
    view.family === 4 ? contains(own.ipv4, Number(address)) : contains(own.ipv6, address),
  );
  return [...((carried ?? cloud)?.groups ?? []), ...namedGroups(view, number)];
}

/** The name that the sampled bytes are, whatever they are: another name would be another packet. */
const nameOf = remembered((bytes: Uint8Array): string => {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1');
});

const interfaceOf = (bytes: Uint8Array | undefined, usual: string): string =>
  bytes === undefined ? usual : nameOf(bytes);

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
