import type { DiagramField } from '../packet/layout.ts';
import type { ConnectionState, Fragment } from '../packet/packet.ts';
import type { HostFacts, NamedSet, NetfilterHook } from '../rule/ruleset.ts';

/**
 * Which packets an analysis is about. A field that is given here is a constant: conditions on it are decided while
 * rules are translated, which keeps diagrams small. What is absent stays a variable of the diagram.
 */
export interface Scope {
  readonly family: 4 | 6;
  readonly hook: 'input' | 'forward' | 'output';
  readonly state?: ConnectionState;
  readonly tcpFlags?: number;
  readonly fragment?: Fragment;
}

/** Where in the packet's way a condition is asked. */
export interface Place {
  readonly hook: NetfilterHook;
  /** Whether connection tracking has seen the packet. */
  readonly tracked: boolean;
  /** What has been translated by now: the address and the port of either end. */
  readonly translated: Translated;
}

export interface Translated {
  readonly destination: boolean;
  readonly destinationPort: boolean;
  readonly source: boolean;
  readonly sourcePort: boolean;
}

export const UNTRANSLATED: Translated = {
  destination: false,
  destinationPort: false,
  source: false,
  sourcePort: false,
};

/** What of the rule set conditions depend on, besides the packet. */
export interface Surroundings {
  readonly host: HostFacts | undefined;
  readonly sets: ReadonlyMap<string, NamedSet>;
  /** Whether any rule takes packets out of connection tracking. */
  readonly hasNotrack: boolean;
  /** Whether a rule may change TCP flags, so that they are no constant of the scope. */
  readonly hasForgottenFlags: boolean;
}

/** A text that equal places share. */
export function placeKey(place: Place): string {
  const t = place.translated;
  return `${place.hook}${place.tracked ? 't' : 'r'}${+t.destination}${+t.destinationPort}${+t.source}${+t.sourcePort}`;
}

/** The levels that hold an address at a place: the original one is the packet's own until it is translated. */
export function addressField(field: 'src' | 'dst' | 'origSrc' | 'origDst', place: Place): DiagramField {
  if (field === 'origDst') return place.translated.destination ? 'origDst' : 'dst';
  if (field === 'origSrc') return place.translated.source ? 'origSrc' : 'src';
  return field;
}
