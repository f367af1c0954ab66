import { EXTENSION_HEADERS, type Packet, PORT_PROTOCOLS } from '../../../src/packet/packet.ts';
import { minimumLength } from '../wire/frame.ts';
import { isIcmp } from '../wire/transport.ts';
import { parseAddress } from '../wire/address.ts';

/** A packet by what is special about it; the rest is {@link packetOf}'s. */
export type Sketch = Partial<Omit<Packet, 'src' | 'dst' | 'extensionHeaders'>> & {
  readonly src?: string;
  readonly dst?: string;
  readonly headers?: readonly (keyof typeof EXTENSION_HEADERS)[];
};

/** Matches as written, with packets that match and packets that do not. */
export interface MatchCase {
  readonly rule: string;
  readonly matches: readonly Sketch[];
  readonly misses: readonly Sketch[];
}

/** One match that postern models exactly. */
export interface MatchEntry {
  readonly construct: string;
  /** `both`: the same cases in either family. */
  readonly family: 4 | 6 | 'both';
  readonly hook: 'input' | 'forward' | 'output';
  /** What is particular about it, for the page. */
  readonly note?: string;
  readonly cases: readonly MatchCase[];
}

/** A whole rule set: one target, or one fact about the packet's way. */
export interface RulesEntry {
  readonly construct: string;
  readonly family: 4 | 6;
  readonly hook: 'input' | 'forward' | 'output';
  readonly note?: string;
  /** For iptables-restore. */
  readonly rules: string;
  readonly ipset?: string;
  /** postern is given the host's addresses; the packets go to or through a router. */
  readonly facts?: true;
  readonly passes: readonly Sketch[];
  readonly stops: readonly Sketch[];
  /** Where the passing packets are delivered, where a rule translates them. */
  readonly delivered?: { readonly dst?: string; readonly dport?: number };
}

/** A match or target whose outcome postern leaves open. */
export interface OpaqueEntry {
  readonly construct: string;
  readonly family: 4 | 6;
  /** A rule in the filter table's INPUT chain. */
  readonly rule: string;
  /** The whole text instead, where one rule does not show it. */
  readonly rules?: string;
  readonly note: string;
  /** This kernel or these tools may not have it. */
  readonly rare?: true;
}

/** What is an error, to the tools as to postern. */
export interface RefusedEntry {
  readonly construct: string;
  readonly rules: string;
  readonly note: string;
}

/** A match entry of both families unless `more` says otherwise, at input. */
export function match(
  construct: string,
  cases: readonly MatchCase[],
  more: Partial<Pick<MatchEntry, 'family' | 'hook' | 'note'>> = {},
): MatchEntry {
  return { construct, family: 'both', hook: 'input', cases, ...more };
}

/** One line of the table. */
export function on(rule: string, matches: readonly Sketch[], misses: readonly Sketch[]): MatchCase {
  return { rule, matches, misses };
}

const HOME = {
  4: { src: '198.51.100.7', dst: '10.1.2.10', away: '203.0.113.9' },
  6: { src: '2001:db8:ffff::7', dst: '2001:db8:1::10', away: '2001:db8:aaaa::9' },
} as const;

const SYN = 2;
const ACK = 16;

/** A whole packet: a TCP SYN to the host's port 80 by eth0, unless the sketch says otherwise. */
export function packetOf(sketch: Sketch, family: 4 | 6, hook: MatchEntry['hook']): Packet {
  const { src, dst, headers = [], ...rest } = sketch;
  const home = HOME[family];
  const packet: Packet = {
    family,
    hook,
    in: hook === 'output' ? '' : 'eth0',
    out: hook === 'input' ? '' : 'eth1',
    src: parseAddress(src ?? home.src),
    dst: parseAddress(dst ?? (hook === 'input' ? home.dst : home.away)),
    protocol: 6,
    sport: 40_000,
    dport: 80,
    icmpType: 0,
    icmpCode: 0,
    tcpFlags: rest.state === 'established' ? ACK : SYN,
    state: 'new',
    mark: 0,
    ctmark: 0,
    mac: hook === 'output' ? 0 : 0x020000000001,
    length: 100,
    ttl: 64,
    tos: 0,
    pkttype: 'unicast',
    fragment: 'none',
    extensionHeaders: headers.reduce((sum, name) => sum | EXTENSION_HEADERS[name], 0),
    groups: [],
    peerGroups: [],
    ...rest,
  };
  return withoutForeignFields(packet);
}

function withoutForeignFields(packet: Packet): Packet {
  const ported = PORT_PROTOCOLS.includes(packet.protocol);
  const icmp = isIcmp(packet);
  const found = {
    ...packet,
    sport: ported ? packet.sport : 0,
    dport: ported ? packet.dport : 0,
    tcpFlags: packet.protocol === 6 ? packet.tcpFlags : 0,
    icmpType: icmp ? packet.icmpType : 0,
    icmpCode: icmp ? packet.icmpCode : 0,
  };
  return { ...found, length: Math.max(found.length, minimumLength(found)) };
}

export const tcp = (dport: number, more: Sketch = {}): Sketch => ({ protocol: 6, dport, ...more });
export const udp = (dport: number, more: Sketch = {}): Sketch => ({ protocol: 17, dport, ...more });
export const protocol = (number: number, more: Sketch = {}): Sketch => ({ protocol: number, ...more });
/** ICMP; conntrack calls what is no request invalid. */
export const icmp = (icmpType: number, icmpCode = 0): Sketch => ({
  protocol: 1,
  icmpType,
  icmpCode,
  state: [8, 13, 15, 17].includes(icmpType) ? 'new' : 'invalid',
});
/** ICMPv6; neighbour and listener discovery are untracked. */
export const icmp6 = (icmpType: number, icmpCode = 0): Sketch => ({
  protocol: 58,
  icmpType,
  icmpCode,
  state: [128, 139].includes(icmpType)
    ? 'new'
    : [130, 131, 132, 133, 134, 135, 136, 143, 151, 152].includes(icmpType)
      ? 'untracked'
      : 'invalid',
});
