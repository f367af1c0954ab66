import { decidedPackets } from './decision.ts';
import { ALL, type Diagram, type Node, NONE } from './diagram.ts';
import { FIRST_LEAF } from './node-memory.ts';

/** How much a decision has to divide. */
export interface Extent {
  readonly edges: number;
  /** Greater than any leaf where there is none. */
  readonly least: Node;
  readonly greatest: Node;
}

/** The part of a node that decides nothing. */
const NOTHING = 0;

/**
 * Divides a decision by its leaves, bottom up: each node's leaves and their sets are made of those of its children. There are
 * millions of these, so they are numbers in one array: a node's are where its count stands, then each leaf with its set.
 */
export class Division {
  private readonly memo = new Map<Node, number>();
  private pairs = new Int32Array(1 << 12);
  private end = 1;
  /** Where the parts of the children stand of all nodes that are being divided. */
  private children = new Int32Array(1 << 8);
  private childCount = 0;
  /** For each leaf that was met at the node at hand, one more than its place among the node's parts; else 0. */
  private readonly places: Int32Array;
  private scratch = new Scratch(1 << 8);

  /** @param left how many edges the sets of all leaves may have together */
  constructor(
    private readonly diagram: Diagram,
    private readonly extent: Extent,
    private left: number,
  ) {
    this.places = new Int32Array(Math.max(0, extent.greatest - extent.least + 1));
  }

  /** The leaves of the decision, in no order, each with the packets that come to it; undefined where these are too many edges. */
  parts(decision: Node): (readonly [leaf: Node, set: Node])[] | undefined {
    const at = this.of(decision);
    if (this.left < 0) return undefined;
    const found: (readonly [Node, Node])[] = [];
    for (let i = at + 1; i < at + 1 + 2 * (this.pairs[at] as number); i += 2)
      found.push([this.pairs[i] as Node, this.pairs[i + 1] as Node]);
    return found;
  }

  private of(node: Node): number {
    if (node === NONE || this.left < 0) return NOTHING;
    if (node >= FIRST_LEAF) return this.single(node, ALL);
    const leaf = this.pathLeaf(node);
    if (leaf !== NONE) return this.single(leaf, decidedPackets(this.diagram, node));
    let at = this.memo.get(node);
    if (at === undefined) {
      at = this.divide(node);
      this.memo.set(node, at);
    }
    return at;
  }

  /** The only leaf of a mere path; NONE of other nodes. */
  private pathLeaf(node: Node): Node {
    let at = node;
    while (at !== NONE && at < FIRST_LEAF) at = this.diagram.onlyChild(at);
    return at;
  }

  private single(leaf: Node, set: Node): number {
    const at = this.room(1);
    this.pairs[at] = 1;
    this.pairs[at + 1] = leaf;
    this.pairs[at + 2] = set;
    return at;
  }

  /** Where the next node's pairs go. */
  private room(count: number): number {
    const at = this.end;
    this.end += 1 + 2 * count;
    if (this.end > this.pairs.length)
      this.pairs = grown(this.pairs, Math.max(this.end, 2 * this.pairs.length));
    return at;
  }

  private divide(node: Node): number {
    const total = this.diagram.edgeTotal(node);
    const first = this.childCount;
    this.childCount += total;
    if (this.childCount > this.children.length) this.children = grown(this.children, 2 * this.childCount);
    let entries = 0;
    for (let i = 0; i < total; i++) {
      const child = this.of(this.diagram.child(node, i));
      this.children[first + i] = child;
      entries += this.pairs[child] as number;
    }
    this.childCount = first;
    this.left -= entries;
    if (this.left < 0) return NOTHING;
    return this.united(node, this.gather(first, total, entries));
  }

  /** Lists the edges of each leaf: its first one, its last one, and of each the next. Returns how many leaves there are. */
  private gather(first: number, total: number, entries: number): number {
    const { children, pairs, places } = this;
    const { least } = this.extent;
    if (this.scratch.room < entries) this.scratch = new Scratch(2 * entries);
    const { leaves, firsts, lasts, nexts, sets, edges } = this.scratch;
    let count = 0;
    let entry = 0;
    for (let edge = 0; edge < total; edge++) {
      const child = children[first + edge] as number;
      const end = child + 1 + 2 * (pairs[child] as number);
      for (let i = child + 1; i < end; i += 2) {
        const leaf = pairs[i] as Node;
        sets[entry] = pairs[i + 1] as Node;
        edges[entry] = edge;
        nexts[entry] = -1;
        const place = (places[leaf - least] as number) - 1;
        if (place < 0) {
          leaves[count] = leaf;
          firsts[count] = entry;
          lasts[count] = entry;
          places[leaf - least] = ++count;
        } else {
          nexts[lasts[place] as number] = entry;
          lasts[place] = entry;
        }
        entry++;
      }
    }
    for (let i = 0; i < count; i++) places[(leaves[i] as Node) - least] = 0;
    return count;
  }

  /** The node as each of its leaves sees it. */
  private united(node: Node, count: number): number {
    const at = this.room(count);
    this.pairs[at] = count;
    const { leaves, firsts } = this.scratch;
    for (let i = 0; i < count; i++) {
      this.pairs[at + 1 + 2 * i] = leaves[i] as Node;
      this.pairs[at + 2 + 2 * i] = this.set(node, firsts[i] as number);
    }
    return at;
  }

  private set(node: Node, first: number): Node {
    const { diagram } = this;
    const { nexts, sets, edges } = this.scratch;
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

/** What is needed while one node is divided, used again for each. */
class Scratch {
  readonly leaves: Int32Array;
  readonly firsts: Int32Array;
  readonly lasts: Int32Array;
  readonly nexts: Int32Array;
  readonly sets: Int32Array;
  readonly edges: Int32Array;

  constructor(readonly room: number) {
    this.leaves = new Int32Array(room);
    this.firsts = new Int32Array(room);
    this.lasts = new Int32Array(room);
    this.nexts = new Int32Array(room);
    this.sets = new Int32Array(room);
    this.edges = new Int32Array(room);
  }
}

function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const bigger = new Int32Array(length);
  bigger.set(array);
  return bigger;
}
