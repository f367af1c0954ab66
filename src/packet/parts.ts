import { decidedPackets } from './decision.ts';
import { ALL, type Diagram, LEAVES_BELOW, type Node, NONE } from './diagram.ts';
import { FIRST_LEAF } from './node-store.ts';

/** The leaves of a decision, each with the packets that come to it; these sets are disjoint. */
export interface Parts {
  readonly leaves: readonly Node[];
  readonly sets: readonly Node[];
}

const NO_PARTS: Parts = { leaves: [], sets: [] };

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
    const parts = division.of(part);
    if (division.isOver) {
      const below = leavesBelow(diagram, part, (least + greatest + 1) >> 1);
      divide(below, most / 2);
      divide(diagram.difference(part, below), most / 2);
      return;
    }
    const order = parts.leaves.map((leaf, i) => [leaf, parts.sets[i] as Node] as const);
    for (const [leaf, set] of order.sort((a, b) => a[0] - b[0])) {
      leaves.push(leaf);
      sets.push(set);
    }
  };
  divide(decision, MOST_EDGES);
  return { leaves, sets };
}

/** The decision without the leaves from `end` on. */
function leavesBelow(diagram: Diagram, node: Node, end: Node): Node {
  if (node === NONE) return NONE;
  if (node >= FIRST_LEAF) return node < end ? node : NONE;
  const only = diagram.onlyChild(node);
  if (only !== NONE) return diagram.withChild(node, leavesBelow(diagram, only, end));
  const known = diagram.remembered(LEAVES_BELOW, node, end);
  if (known !== undefined) return known;
  const mark = diagram.begin();
  const total = diagram.edgeTotal(node);
  for (let i = 0; i < total; i++)
    diagram.push(mark, leavesBelow(diagram, diagram.child(node, i), end), diagram.bound(node, i));
  const result = diagram.finish(mark, diagram.level(node));
  diagram.remember(LEAVES_BELOW, node, end, result);
  return result;
}

interface Extent {
  readonly edges: number;
  /** Greater than any leaf where there is none. */
  readonly least: Node;
  readonly greatest: Node;
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

class Division {
  private readonly memo = new Map<Node, Parts>();
  /** For each leaf that was met at the node at hand, one more than its place among the node's parts; else 0. */
  private readonly places: Int32Array;

  /** @param left how many edges the sets of all leaves may have together */
  constructor(
    private readonly diagram: Diagram,
    private readonly extent: Extent,
    private left: number,
  ) {
    this.places = new Int32Array(Math.max(0, extent.greatest - extent.least + 1));
  }

  get isOver(): boolean {
    return this.left < 0;
  }

  of(node: Node): Parts {
    if (node === NONE || this.left < 0) return NO_PARTS;
    if (node >= FIRST_LEAF) return { leaves: [node], sets: [ALL] };
    const leaf = this.pathLeaf(node);
    if (leaf !== NONE) return { leaves: [leaf], sets: [decidedPackets(this.diagram, node)] };
    let parts = this.memo.get(node);
    if (parts === undefined) {
      parts = this.divide(node);
      this.memo.set(node, parts);
    }
    return parts;
  }

  /** The only leaf of a mere path; NONE of other nodes. */
  private pathLeaf(node: Node): Node {
    let at = node;
    while (at !== NONE && at < FIRST_LEAF) at = this.diagram.onlyChild(at);
    return at;
  }

  private divide(node: Node): Parts {
    const { diagram } = this;
    const children: Parts[] = [];
    const total = diagram.edgeTotal(node);
    let only: Node | undefined;
    let single = true;
    for (let i = 0; i < total; i++) {
      const child = this.of(diagram.child(node, i));
      children.push(child);
      this.left -= child.leaves.length;
      if (child.leaves.length === 0) continue;
      only ??= child.leaves[0] as Node;
      single &&= child.leaves.length === 1 && child.leaves[0] === only;
    }
    if (!single) {
      const inner = diagram.onlyChild(node);
      return inner === NONE ? this.several(node, children) : this.same(node, this.of(inner));
    }
    const mark = diagram.begin();
    for (let i = 0; i < total; i++)
      diagram.push(mark, (children[i] as Parts).sets[0] ?? NONE, diagram.bound(node, i));
    return { leaves: [only as Node], sets: [diagram.finish(mark, diagram.level(node))] };
  }

  /** Of a node with one child its leaves are those of the child. */
  private same(node: Node, { leaves, sets }: Parts): Parts {
    return { leaves, sets: sets.map((set) => this.diagram.withChild(node, set)) };
  }

  /** The edges of each leaf are a list: its first one, its last one, and of each the next. */
  private several(node: Node, children: readonly Parts[]): Parts {
    const { places } = this;
    const { least } = this.extent;
    const [leaves, firsts, lasts, nexts, sets, edges] = [[], [], [], [], [], []] as number[][] as Lists;
    for (let edge = 0; edge < children.length; edge++) {
      const child = children[edge] as Parts;
      for (let i = 0; i < child.leaves.length; i++) {
        const leaf = child.leaves[i] as Node;
        const entry = sets.push(child.sets[i] as Node) - 1;
        edges.push(edge);
        nexts.push(-1);
        const place = (places[leaf - least] as number) - 1;
        if (place < 0) {
          places[leaf - least] = leaves.push(leaf);
          firsts.push(entry);
          lasts.push(entry);
        } else {
          nexts[lasts[place] as number] = entry;
          lasts[place] = entry;
        }
      }
    }
    for (const leaf of leaves) places[leaf - least] = 0;
    return { leaves, sets: firsts.map((first) => this.set(node, first, nexts, sets, edges)) };
  }

  /** The node as one leaf sees it. */
  private set(node: Node, first: number, nexts: number[], sets: Node[], edges: number[]): Node {
    const { diagram } = this;
    const mark = diagram.begin();
    let done = -1;
    for (let entry = first; entry >= 0; entry = nexts[entry] as number) {
      const edge = edges[entry] as number;
      if (edge > done + 1) diagram.push(mark, NONE, diagram.bound(node, edge - 1));
      diagram.push(mark, sets[entry] as Node, diagram.bound(node, edge));
      done = edge;
    }
    if (done + 1 < diagram.edgeTotal(node)) diagram.push(mark, NONE, 255);
    return diagram.finish(mark, diagram.level(node));
  }
}

type Lists = [number[], number[], number[], number[], number[], number[]];
