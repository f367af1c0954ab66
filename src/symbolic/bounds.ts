import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import {
  bitsOf,
  type DiagramField,
  FIRST_VARIABLE,
  type Layout,
  LAYOUTS,
  VARIABLE_BIT,
} from '../packet/layout.ts';
import { rangesNode } from '../packet/literals.ts';
import { exists, type LevelSet, levelSet } from '../packet/operations.ts';
import { kept } from '../text/kept.ts';
import type { Passage } from './analysis.ts';
import { isTranslated } from './chains/summary.ts';

/** Which connections pass whatever the unmodelled matches do (`must`), and which can pass (`may`). */
export interface Bounds {
  readonly must: Node;
  readonly may: Node;
  /** Of `may`, what can pass without a mark, as packets arrive and processes send them; undefined: all of it. */
  readonly unmarked?: Node;
}

/**
 * Fields that a box does not have. `must` takes the first three at their usual values and the rest whatever they are;
 * `may` takes all of them as some value. See docs/pipeline.md, "Two engines".
 */
const USUAL: readonly DiagramField[] = ['mark', 'pkttype', 'extensionHeaders'];
const HIDDEN: readonly DiagramField[] = [
  ...USUAL,
  'notrack',
  'ctmark',
  'tos',
  'ttl',
  'length',
  'mac',
  'fragment',
  'tcpFlags',
  'origSrc',
  'origDst',
  'origSport',
  'origDport',
  'state',
  'rule',
];

/** What of a passage is definite and what is possible, in box fields only. */
export function boundsOf(
  diagram: Diagram,
  passage: Pick<Passage, 'accept' | 'deny' | 'certain'>,
  usual: Node = usualPackets(diagram),
): Bounds {
  const accept = diagram.orAll(passage.accept.map((flow) => flow.set));
  // What is not accepted is denied, and boxes tell the two apart: nothing is merely possible.
  if (passage.certain === true && (diagram.fields(accept) & HIDDEN_FIELDS) === 0)
    return { must: accept, may: accept };
  return boundsBetween(diagram, accept, passage.deny, usual);
}

/**
 * The same for an accepted and a denied set that may overlap.
 *
 * @param usual packets as they usually are, for what is definite
 */
export function boundsBetween(
  diagram: Diagram,
  accept: Node,
  deny: Node,
  usual: Node = usualPackets(diagram),
): Bounds {
  const may = visible(diagram, accept);
  const unmarked = visibleOf(diagram, accept, unmarkedPackets(diagram));
  const passes = visibleOf(diagram, accept, usual);
  const fails = visibleOf(diagram, deny, usual);
  const must = diagram.difference(passes, fails);
  return unmarked === may ? { must, may } : { must, may, unmarked };
}

/** What passes of the packets that a rule translates; those that chance leaves as they are go their own way. */
export function translatedBounds(
  diagram: Diagram,
  { accept, denyTranslated }: Pick<Passage, 'accept' | 'denyTranslated'>,
): Bounds {
  const moved = accept.filter(isTranslated).map(({ set }) => set);
  return boundsBetween(diagram, diagram.orAll(moved), denyTranslated);
}

/** The bounds of connections that a document needs: nobody marks their packets before the host sees them. */
export function boundsOfNeeds({ must, may, unmarked = may }: Bounds): Bounds {
  return { must, may: unmarked };
}

/** Packets with mark 0. */
export function unmarkedPackets(diagram: Diagram): Node {
  return rangesNode(diagram, 'mark', [0, 0], ALL);
}

/** Packets as connections that a document needs begin: without a mark and without IPv6 extension headers. */
export function plainPackets(diagram: Diagram): Node {
  return rangesNode(diagram, 'extensionHeaders', [0, 0], unmarkedPackets(diagram));
}

/** The set in terms of box fields: packets that are in it for some value of the others. */
export function visible(diagram: Diagram, node: Node): Node {
  return node === NONE || node === ALL
    ? node
    : exists(diagram, node, HIDDEN_LEVELS.get(diagram.layout) as LevelSet);
}

/**
 * The same for those of the packets that have some values in fields that boxes do not have, such as {@link usualPackets}. Most sets ask
 * for none of these fields, and need not be made anew.
 */
export function visibleOf(diagram: Diagram, node: Node, some: Node): Node {
  const asksNone = (diagram.fields(node) & diagram.fields(some)) === 0;
  return visible(diagram, asksNone ? node : diagram.and(node, some));
}

/** Packets with mark 0, unicast, and without IPv6 extension headers. */
export function usualPackets(diagram: Diagram): Node {
  return usualOf(diagram, 0);
}

/** The same for packets that come as a type of the link's (an index into PACKET_TYPES): to a group, to everybody. */
export function usualOf(diagram: Diagram, cast: number): Node {
  const known = kept(USUAL_PACKETS, diagram, () => new Map<number, Node>());
  return kept(known, cast, () => {
    const others = USUAL.filter((field) => field !== 'pkttype');
    return others.reduce(
      (node, field) => diagram.and(node, rangesNode(diagram, field, [0, 0], ALL)),
      rangesNode(diagram, 'pkttype', [cast, cast], ALL),
    );
  });
}

/** By the type, an index into PACKET_TYPES: nearly every question asks for them. */
const USUAL_PACKETS = new WeakMap<Diagram, Map<number, Node>>();

/** The set in terms of box fields and of the rule that decides (see RuleLabels). */
export function visibleWithRule(diagram: Diagram, node: Node): Node {
  return node === NONE || node === ALL
    ? node
    : exists(diagram, node, HIDDEN_BUT_RULE.get(diagram.layout) as LevelSet);
}

/** The levels of the fields and of all variables, for each layout. */
function levelsOf(fields: readonly DiagramField[]): ReadonlyMap<Layout, LevelSet> {
  return new Map(LAYOUTS.map((layout) => [layout, levelSet(layout, fields, FIRST_VARIABLE)]));
}

const HIDDEN_FIELDS = bitsOf(HIDDEN) | VARIABLE_BIT;
const HIDDEN_LEVELS = levelsOf(HIDDEN);
const HIDDEN_BUT_RULE = levelsOf(HIDDEN.filter((field) => field !== 'rule'));
