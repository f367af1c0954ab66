import { ALL, type Diagram, LEAVES, type Node, NONE } from './diagram.ts';
import { FIRST_LEAF, LEAF_LIMIT, MARKED_LEAF } from './node-memory.ts';

/** What a rule does with the packets that it decides; `back`: they return to the calling chain. */
export type Outcome = 'accept' | 'deny' | 'back';

/** Few chains return packets by a rule, so it is marked which decisions do. */
const CODES: Readonly<Record<Outcome, number>> = { accept: 0, deny: 1, back: MARKED_LEAF };
const OUTCOMES: readonly Outcome[] = ['accept', 'deny', 'back'];

/** How many numbers a leaf can have. */
export const NUMBER_LIMIT = LEAF_LIMIT / 4;

/** The decision that is the same for every packet, with the number of whoever makes it (below NUMBER_LIMIT). */
export function leafOf(outcome: Outcome, number = 0): Node {
  return FIRST_LEAF + 4 * number + CODES[outcome];
}

/** What a leaf says. */
export function readLeaf(leaf: Node): { readonly outcome: Outcome; readonly number: number } {
  const label = leaf - FIRST_LEAF;
  return { outcome: OUTCOMES[label & 3] as Outcome, number: label >>> 2 };
}

/** Whether a decision decides every packet alike. */
export function isLeaf(decision: Node): boolean {
  return decision >= FIRST_LEAF;
}

/** The packets that come to one of the outcomes, as a set. */
export function packetsWith(diagram: Diagram, decision: Node, ...outcomes: readonly Outcome[]): Node {
  return mapped(diagram, decision, maskOf(outcomes));
}

/** Every packet of which anything is decided, as a set. */
export function decidedPackets(diagram: Diagram, decision: Node): Node {
  return mapped(diagram, decision, maskOf(OUTCOMES));
}

/** The decision without what comes back to the calling chain: that is undecided. */
export function withoutReturns(diagram: Diagram, decision: Node): Node {
  if (decision < FIRST_LEAF && !diagram.hasMark(decision)) return decision;
  return mapped(diagram, decision, KEPT | maskOf(['back']));
}

/** With KEPT the leaves of these outcomes become NONE and others stay, else they become ALL and others NONE. */
const KEPT = 8;

function maskOf(outcomes: readonly Outcome[]): number {
  return outcomes.reduce((mask, outcome) => mask | (1 << CODES[outcome]), 0);
}

function mapped(diagram: Diagram, node: Node, mask: number): Node {
  return withLeaves(diagram, node, LEAVES, mask, leafUnder);
}

function leafUnder(leaf: Node, mask: number): Node {
  const asked = (mask & (1 << ((leaf - FIRST_LEAF) & 3))) !== 0;
  if ((mask & KEPT) !== 0) return asked ? NONE : leaf;
  return asked ? ALL : NONE;
}

/**
 * The decision with other leaves.
 *
 * @param op for the diagram's memory, with `key`: together they say what `leaf` does
 * @param leaf what takes a leaf's place
 */
export function withLeaves(
  diagram: Diagram,
  node: Node,
  op: number,
  key: number,
  leaf: (leaf: Node, key: number) => Node,
): Node {
  if (node === NONE) return NONE;
  if (node >= FIRST_LEAF) return leaf(node, key);
  // A mere path is walked faster than looked up.
  const only = diagram.onlyChild(node);
  if (only !== NONE) return diagram.withChild(node, withLeaves(diagram, only, op, key, leaf));
  const known = diagram.remembered(op, node, key);
  if (known !== undefined) return known;
  const mark = diagram.begin();
  const total = diagram.edgeTotal(node);
  for (let i = 0; i < total; i++)
    diagram.push(mark, withLeaves(diagram, diagram.child(node, i), op, key, leaf), diagram.bound(node, i));
  const result = diagram.finish(mark, diagram.level(node));
  diagram.remember(op, node, key, result);
  return result;
}

/** The decision in which one leaf has the place of all: what was decided somehow is decided so. */
export function relabelled(diagram: Diagram, decision: Node, leaf: Node): Node {
  if (decision === NONE) return NONE;
  if (decision >= FIRST_LEAF) return leaf;
  const only = diagram.onlyChild(decision);
  if (only === NONE) return diagram.restrict(leaf, decision);
  return diagram.withChild(decision, relabelled(diagram, only, leaf));
}
