import { type Diagram, LEAVES_BELOW, type Node, NONE } from './diagram.ts';
import { withLeaves } from './decision.ts';
import { Division, type Extent } from './division.ts';
import { FIRST_LEAF } from './node-memory.ts';

/** The leaves of a decision, each with the packets that come to it; these sets are disjoint. */
export interface Parts {
  readonly leaves: readonly Node[];
  readonly sets: readonly Node[];
}

/**
 * How many times more edges the sets of all leaves may have than the decision; where they have more, the leaves are divided
 * in halves first.
 */
const EDGES_FOR_ONE = 6;
/** Fewer are never worth dividing, and more than the most never tried: half as many after each division. */
const FEWEST_EDGES = 20_000;
const MOST_EDGES = 8_000_000;

/**
 * Divides a decision by its leaves, in ascending order. One walk does it, with work in proportion to the edges of all sets.
 * Where many leaves stand below each of many nodes, though each set is simple, the leaves are halved until it does.
 */
export function partsOf(diagram: Diagram, decision: Node): Parts {
  const leaves: Node[] = [];
  const sets: Node[] = [];
  const divide = (part: Node, most: number): void => {
    const extent = extentOf(diagram, part);
    const { edges, least, greatest } = extent;
    const some = FEWEST_EDGES + Math.min(most, EDGES_FOR_ONE * edges);
    const division = new Division(diagram, extent, least === greatest ? Number.POSITIVE_INFINITY : some);
    const found = division.parts(part);
    if (found === undefined) {
      const below = leavesBelow(diagram, part, (least + greatest + 1) >> 1);
      divide(below, most / 2);
      divide(diagram.difference(part, below), most / 2);
      return;
    }
    for (const [leaf, set] of found.sort((a, b) => a[0] - b[0])) {
      leaves.push(leaf);
      sets.push(set);
    }
  };
  divide(decision, MOST_EDGES);
  return { leaves, sets };
}

/** The leaves of a decision that some packet comes to, in ascending order: found without making the sets of these packets. */
export function leavesOf(diagram: Diagram, decision: Node): readonly Node[] {
  const leaves = new Set<Node>();
  const seen = new Set<Node>();
  const open = [decision];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (let only = onlyChildOf(diagram, node); only !== NONE; only = onlyChildOf(diagram, node)) node = only;
    if (node >= FIRST_LEAF) leaves.add(node);
    else if (node !== NONE && !seen.has(node)) {
      seen.add(node);
      for (let i = diagram.edgeTotal(node) - 1; i >= 0; i--) open.push(diagram.child(node, i));
    }
  }
  return [...leaves].sort((a, b) => a - b);
}

/** The decision without the leaves from `end` on. */
function leavesBelow(diagram: Diagram, node: Node, end: Node): Node {
  return withLeaves(diagram, node, LEAVES_BELOW, end, (leaf, limit) => (leaf < limit ? leaf : NONE));
}

/** How many edges a decision has, and its least and greatest leaf. */
function extentOf(diagram: Diagram, decision: Node): Extent {
  const seen = new Set<Node>();
  const open = [decision];
  let [edges, least, greatest] = [0, 2 * FIRST_LEAF, FIRST_LEAF];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    // Mere paths are short, and need not be remembered.
    for (let only = onlyChildOf(diagram, node); only !== NONE; only = onlyChildOf(diagram, node)) {
      edges++;
      node = only;
    }
    if (node >= FIRST_LEAF) {
      least = Math.min(least, node);
      greatest = Math.max(greatest, node);
    } else if (node !== NONE && !seen.has(node)) {
      seen.add(node);
      for (let i = diagram.edgeTotal(node) - 1; i >= 0; i--) open.push(diagram.child(node, i));
      edges += diagram.edgeTotal(node);
    }
  }
  return { edges, least, greatest };
}

const onlyChildOf = (diagram: Diagram, node: Node): Node =>
  node === NONE || node >= FIRST_LEAF ? NONE : diagram.onlyChild(node);
