import {
  CONNECTION_STATES,
  EXTENSION_HEADERS,
  type Packet,
  PORT_PROTOCOLS,
} from '../../../src/packet/packet.ts';
import { LINKS } from '../topology.ts';
import { naturalState, prepare } from '../wire/conntrack.ts';
import { minimumLength } from '../wire/frame.ts';
import { address, belongsToHost, isPlain, linkOf, ownAddress } from './addresses.ts';
import { type Chance, happens, pick, weighted } from './chance.ts';
import type { Aim, HostSpec, RuleSpec } from './spec.ts';

/** A packet that a host of this kind can meet; the hooks that its kind knows. */
export type Purpose = 'input' | 'forward' | 'output' | 'own';

/**
 * Packets near the edges of the host's rules: each satisfies most of one rule's matches, or misses one by a little.
 * All of them can really be sent, and the kernel would carry every one if there were no rules.
 */
export function generatePackets(chance: Chance, host: HostSpec, count: number): Packet[] {
  const rules = host.tables.flatMap((table) => table.chains.flatMap((chain) => chain.rules));
  const packets: Packet[] = [];
  for (let attempt = 0; packets.length < count && attempt < count * 4; attempt++) {
    const packet = realise(chance, host, aim(chance, rules));
    if (packet !== undefined) packets.push(packet);
  }
  return packets;
}

/** What one or two rules ask for, each match by one of its own packets. */
function aim(chance: Chance, rules: readonly RuleSpec[]): Aim {
  if (rules.length === 0 || happens(chance, 10)) return {};
  let found: Aim = {};
  const times = happens(chance, 70) ? 1 : 2;
  for (let i = 0; i < times; i++)
    for (const match of pick(chance, rules).matches)
      if (match.aims.length > 0 && !happens(chance, 7)) found = { ...found, ...pick(chance, match.aims) };
  return found;
}

function realise(chance: Chance, host: HostSpec, wanted: Aim): Packet | undefined {
  const purpose: Purpose =
    host.kind === 'sink' ? 'input' : pick(chance, ['forward', 'forward', 'output', 'own']);
  const found: Packet = { ...background(chance, host.family), ...wanted, family: host.family };
  const placed = place(chance, host, purpose, found);
  if (placed === undefined) return undefined;
  const shaped = shape(chance, host, placed);
  return prepare(shaped, 1) === undefined ? undefined : shaped;
}

function background(chance: Chance, family: 4 | 6): Packet {
  const protocol = weighted(chance, [
    [50, 6],
    [25, 17],
    [10, family === 4 ? 1 : 58],
    [4, 132],
    [3, 33],
    [3, 136],
    [3, 47],
    [2, 253],
  ]);
  const state = weighted(chance, [
    [70, 'new'],
    [14, 'established'],
    [4, 'related'],
    [7, 'invalid'],
    [5, 'untracked'],
  ] as const);
  return {
    family,
    hook: 'input',
    in: pick(chance, LINKS).name,
    out: '',
    src: address(chance, family),
    dst: address(chance, family),
    protocol,
    sport: happens(chance, 70) ? chance.integer(1024, 65535) : chance.integer(0, 65535),
    dport: happens(chance, 50) ? pick(chance, [22, 53, 80, 443]) : chance.integer(0, 65535),
    icmpType: family === 4 ? pick(chance, [8, 8, 0, 3, 11, 13]) : pick(chance, [128, 128, 129, 1, 3, 135]),
    icmpCode: 0,
    tcpFlags: 2,
    state,
    mark: happens(chance, 90) ? 0 : pick(chance, [1, 2, 0x100, 0xff]),
    ctmark: 0,
    mac: pick(chance, [0x020000000001, 0x020000000002, 0xa4badb000000]),
    length: happens(chance, 60) ? 100 : chance.integer(20, 1500),
    ttl: happens(chance, 75) ? 64 : pick(chance, [1, 2, 3, chance.integer(1, 255)]),
    tos: happens(chance, 80) ? 0 : chance.integer(0, 255),
    pkttype: 'unicast',
    fragment: 'none',
    extensionHeaders: family === 6 && happens(chance, 8) ? pick(chance, [1, 2, 4, 16, 3, 7]) : 0,
    groups: [],
    peerGroups: [],
  };
}

/** Sends the packet where the purpose says: by which interfaces, to whom. */
function place(chance: Chance, host: HostSpec, purpose: Purpose, packet: Packet): Packet | undefined {
  const { family } = host;
  if (!isPlain(family, packet.src) || !isPlain(family, packet.dst)) return undefined;
  // Nobody else sends from the host's own addresses.
  if (purpose !== 'output' && belongsToHost(family, packet.src)) return undefined;
  const link = LINKS.find((one) => one.name === packet.in) ?? pick(chance, LINKS);
  switch (purpose) {
    case 'input':
      // To a unicast address of the host's: not to a broadcast or anycast address, which its own networks have.
      if (belongsToHost(family, packet.dst) && !LINKS.some((one) => ownAddress(family, one) === packet.dst))
        return undefined;
      return { ...packet, hook: 'input', in: link.name, out: '' };
    case 'own':
      return {
        ...packet,
        hook: 'input',
        in: link.name,
        out: '',
        dst: ownAddress(family, pick(chance, LINKS)),
      };
    case 'forward':
      if (belongsToHost(family, packet.dst)) return undefined;
      return {
        ...packet,
        hook: 'forward',
        in: link.name,
        out: host.plan[link.name] as string,
        // Most frames are unicast ones: no router forwards any other.
        pkttype: happens(chance, 95) ? 'unicast' : packet.pkttype,
      };
    case 'output':
      if (belongsToHost(family, packet.dst)) return undefined;
      return {
        ...packet,
        hook: 'output',
        in: '',
        out: linkOf(family, packet.dst)?.name ?? (host.plan[''] as string),
        mac: 0,
        pkttype: 'unicast',
      };
  }
}

/** Takes away the fields that the protocol does not have, and brings flags, types and the state together. */
function shape(chance: Chance, host: HostSpec, packet: Packet): Packet {
  const ported = PORT_PROTOCOLS.includes(packet.protocol);
  const icmp = packet.protocol === (packet.family === 4 ? 1 : 58);
  let found: Packet = {
    ...packet,
    sport: ported ? packet.sport : 0,
    dport: ported ? packet.dport : 0,
    icmpType: icmp ? packet.icmpType : 0,
    icmpCode: icmp ? packet.icmpCode : 0,
    tcpFlags: packet.protocol === 6 ? packet.tcpFlags : 0,
    extensionHeaders: packet.family === 6 ? packet.extensionHeaders & extensionHeadersOf(host) : 0,
  };
  found = inState(chance, found);
  if (found.state !== 'established' && found.state !== 'related') found = { ...found, ctmark: 0 };
  const quoted = found.state === 'related' ? (found.family === 4 ? 28 : 48) : 0;
  // Of IPv6 frames beyond a page the kernel finds no transport header at ingress (seen on 6.18).
  const most = found.family === 6 && hasIngress(host) ? 3000 : 65_535;
  return { ...found, length: Math.max(Math.min(found.length, most), minimumLength(found) + quoted) };
}

function hasIngress({ tables }: HostSpec): boolean {
  return tables.some(({ chains }) => chains.some(({ head }) => head?.includes('hook ingress') === true));
}

/**
 * No fragment header: conntrack puts fragments together before any rule sees them, single ones too. No AH where rules
 * are nftables': there the protocol of such a packet is AH's (include/net/netfilter/nf_tables_ipv6.h asks
 * ipv6_find_hdr to stop there), while ip6tables-legacy looks behind it as postern does.
 */
function extensionHeadersOf({ backend }: HostSpec): number {
  const { hop, dst, route, auth } = EXTENSION_HEADERS;
  return hop | dst | route | (backend === 'legacy' ? auth : 0);
}

function inState(chance: Chance, packet: Packet): Packet {
  const { protocol, family, state } = packet;
  if (protocol === 6 && state === 'established' && happens(chance, 90))
    return { ...packet, tcpFlags: pick(chance, [16, 24, 17]) };
  if (state === 'related' && happens(chance, 90))
    return {
      ...packet,
      protocol: family === 4 ? 1 : 58,
      icmpType: family === 4 ? pick(chance, [3, 11]) : 1,
      sport: 0,
      dport: 0,
      tcpFlags: 0,
    };
  if (prepare(packet, 1) !== undefined) return packet;
  const natural = naturalState(packet);
  return { ...packet, state: CONNECTION_STATES.includes(natural) ? natural : 'new' };
}
