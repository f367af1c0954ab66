import { kept } from '../text/kept.ts';
import type { DiagramField } from '../packet/layout.ts';
import type { ConnectionState, Fragment } from '../packet/packet.ts';
import type { Direction, InterfacePattern } from '../rule/condition.ts';
import type { NamedSet } from '../rule/named-set.ts';
import type { HostFacts, NetfilterHook } from '../rule/ruleset.ts';

/**
 * Which packets an analysis is about. A field that is given here is a constant: conditions on it are decided while
 * rules are translated, which keeps diagrams small. What is absent stays a variable of the diagram.
 */
export interface Scope {
  readonly family: 4 | 6;
  readonly hook: 'input' | 'forward' | 'output';
  readonly state?: ConnectionState;
  /** The state in the eyes of a cloud, which tracks connections by itself, whatever the host keeps out of conntrack; absent: the same. */
  readonly outsideState?: ConnectionState;
  readonly tcpFlags?: number;
  readonly fragment?: Fragment;
  /** Whether a rule gave the first packet of the packets' connection another destination; absent: nobody knows. */
  readonly destinationChanged?: 'no' | 'yes';
  /** Which way established packets go. */
  readonly direction?: Direction;
  /**
   * Packets are as the kernel has them: those to forward arrive with hops to go and sent to this host by the link, and those that the
   * host sends have the type that it gives them.
   */
  readonly forwardable?: true;
}

/** Where in the packet's way a condition is asked. */
export interface Place {
  readonly hook: NetfilterHook;
  /** Whether connection tracking has seen the packet. */
  readonly tracked: boolean;
  /** What has been translated by now: the address and the port of either end. */
  readonly translated: Translated;
  /** Where the packet leaves, if that is no longer the interface that it came with (a local packet that is sent elsewhere). */
  readonly out?: string;
}

export interface Translated {
  readonly destination: boolean;
  readonly destinationPort: boolean;
  readonly source: boolean;
  readonly sourcePort: boolean;
  /** Whether translation made another destination of it, or source; a rule may translate to what was there before. */
  readonly destinationChanged: Changed;
  readonly sourceChanged: Changed;
  /** The destination was translated to an address of the host that nobody has named. */
  readonly toHost: boolean;
}

export type Changed = 'no' | 'yes' | 'maybe';

/** What of the rule set conditions depend on, besides the packet. */
export interface Surroundings {
  readonly host: HostFacts | undefined;
  readonly sets: ReadonlyMap<string, NamedSet>;
  /** Whether any rule takes packets out of connection tracking. */
  readonly hasNotrack: boolean;
  /** Whether any rule reads or changes the connection's mark. */
  readonly usesConnectionMark: boolean;
  /** Whether any condition asks for a mark, the packet's or the connection's. */
  readonly asksMarks: boolean;
  /** Whether any condition asks for TCP flags. */
  readonly asksFlags: boolean;
  /** Whether a rule may change TCP flags, so that they are no constant of the scope. */
  readonly hasForgottenFlags: boolean;
  /** Whether a rule asks for or changes what forwarding depends on: TTL and packet type. */
  readonly asksHops: boolean;
  /** Whether any condition asks for an address or a port that a connection began with (`--ctorigdst`). */
  readonly asksOriginals: boolean;
  /** Whether a rule asks for or changes the packet type: unicast, broadcast, multicast. */
  readonly asksPacketType: boolean;
  /** Whether anything depends on what a translation changed: opaque predicates, address types, `--ctstate DNAT`. */
  readonly editionsMatter: boolean;
  /** Numbers of the groups that conditions name, from 1. */
  readonly groups: ReadonlyMap<string, number>;
  /** Names of loopback interfaces: `lo`, and those that the host's facts call so. */
  readonly loopbacks: readonly InterfacePattern[];
}

const placeKeys = new WeakMap<Place, string>();

/** A text that equal places share. */
export function placeKey(place: Place): string {
  return kept(placeKeys, place, () => keyOf(place));
}

function keyOf({ hook, tracked, translated: t, out }: Place): string {
  const flags = [t.destination, t.destinationPort, t.source, t.sourcePort, t.toHost].map(Number).join('');
  return `${hook}${tracked ? 't' : 'r'}${flags}${t.destinationChanged[0]}${t.sourceChanged[0]}${out === undefined ? '' : `>${out}`}`;
}

export type OriginalField = 'origSrc' | 'origDst' | 'origSport' | 'origDport';

/** The levels that hold what a first packet's connection began with: the packet's own until that is translated. */
export function originalLevel(field: OriginalField, { translated }: Place): DiagramField {
  switch (field) {
    case 'origDst':
      return translated.destination ? 'origDst' : 'dst';
    case 'origSrc':
      return translated.source ? 'origSrc' : 'src';
    case 'origDport':
      return translated.destinationPort ? 'origDport' : 'dport';
    case 'origSport':
      return translated.sourcePort ? 'origSport' : 'sport';
  }
}
