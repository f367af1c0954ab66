import { type Layout, TERMINAL_LEVEL } from './layout.ts';

/** A node of a diagram: an index. Equal sets are equal numbers. */
export type Node = number;

/** The empty set. */
export const NONE: Node = 0;
/** Every packet. */
export const ALL: Node = 1;

/** Nodes from here on are leaves other than {@link NONE} and {@link ALL}; they need no memory. */
export const FIRST_LEAF = 0xe00000;
/** How many leaves there are: an edge has 24 bits for its child. */
export const LEAF_LIMIT = 0x1000000 - FIRST_LEAF;

/** Leaves whose last two bits are these are *marked*, and a bit of a node's fields says whether one is below it (decision.ts). */
export const MARKED_LEAF = 2;
export const MARK_BIT = 2 ** 30;

/** The words of a node: where its edges begin, their number and the level, a hash, the fields that it depends on. */
export const FIRST = 0;
export const SHAPE = 1;
export const HASH = 2;
export const FIELDS = 3;

/** Words in a page of memory, or in a part of one. */
const PAGE = 1024;

/**
 * A table of zeros that is going to be read at random, and then written where it was read. A page that is read first gets its
 * memory only when it is written, and Linux tells every processor that has a thread of this process of the change: that costs more than
 * the page. So each is written at once.
 */
export function tableOf(length: number): Int32Array<ArrayBuffer> {
  const table = new Int32Array(length);
  for (let i = 0; i < length; i += PAGE) table[i] = 0;
  return table;
}

/**
 * The nodes of canonical decision diagrams over bytes. A node tests one byte of a packet (its level) and has a list
 * of edges, each for the values up to its bound: an edge is `child << 8 | bound`, bounds ascend, the last is 255, and
 * neighbours lead to different children. Nodes are unique, so equal sets are the same node. Nodes are never given back.
 *
 * Compared with a BDD over bits an address is 4 levels deep instead of 32, and a range costs a few edges.
 */
export class NodeMemory {
  /** Four words a node. */
  protected nodes: Uint32Array<ArrayBuffer>;
  protected edges: Uint32Array<ArrayBuffer>;

  /** @param room for how many nodes there is room at the beginning, as a power of two */
  constructor(
    readonly layout: Layout,
    room: number,
  ) {
    this.nodes = new Uint32Array(4 << room);
    this.edges = new Uint32Array(4 << room);
    this.nodes[4 * NONE + SHAPE] = TERMINAL_LEVEL;
    this.nodes[4 * ALL + SHAPE] = TERMINAL_LEVEL;
  }

  /** The level that a node tests; TERMINAL_LEVEL for the terminals. */
  level(node: Node): number {
    return node >= FIRST_LEAF ? TERMINAL_LEVEL : (this.nodes[4 * node + SHAPE] as number) & 255;
  }

  /** The fields that a set depends on, a bit for each (see `Layout.fieldBit`). */
  fields(node: Node): number {
    return node >= FIRST_LEAF ? 0 : (this.nodes[4 * node + FIELDS] as number) & ~MARK_BIT;
  }

  /** Whether there is a marked leaf below the node, see {@link MARKED_LEAF}. */
  hasMark(node: Node): boolean {
    return ((this.nodes[4 * node + FIELDS] as number) & MARK_BIT) !== 0;
  }

  /** How many edges the node has, and each edge's child and bound (inclusive). */
  edgeTotal(node: Node): number {
    return node >= FIRST_LEAF ? 0 : (this.nodes[4 * node + SHAPE] as number) >>> 8;
  }
  child(node: Node, index: number): Node {
    return (this.edges[(this.nodes[4 * node + FIRST] as number) + index] as number) >>> 8;
  }
  bound(node: Node, index: number): number {
    return (this.edges[(this.nodes[4 * node + FIRST] as number) + index] as number) & 255;
  }

  /** Which of a node's edges is the first at or after `index` whose bound is not below `value`. */
  edgeTo(node: Node, index: number, value: number): number {
    const first = this.nodes[4 * node + FIRST] as number;
    const end = first + ((this.nodes[4 * node + SHAPE] as number) >>> 8);
    return this.edgeFrom(first + index, end, value) - first;
  }

  /** The same among the edges [at, end), the last of which has the bound 255. */
  protected edgeFrom(at: number, end: number, value: number): number {
    const { edges } = this;
    let low = at;
    let high = end - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (((edges[middle] as number) & 255) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The one child other than NONE that the node has; NONE where it has several. */
  onlyChild(node: Node): Node {
    const first = this.nodes[4 * node + FIRST] as number;
    const end = first + ((this.nodes[4 * node + SHAPE] as number) >>> 8);
    let only: Node = NONE;
    for (let i = first; i < end; i++) {
      const child = (this.edges[i] as number) >>> 8;
      if (child === NONE || child === only) continue;
      if (only !== NONE) return NONE;
      only = child;
    }
    return only;
  }

  /** The one edge that leads to another child than NONE; -1 where there are several. */
  onlyEdge(node: Node): number {
    const first = this.nodes[4 * node + FIRST] as number;
    const total = (this.nodes[4 * node + SHAPE] as number) >>> 8;
    let only = -1;
    for (let i = 0; i < total; i++) {
      if ((this.edges[first + i] as number) >>> 8 === NONE) continue;
      if (only >= 0) return -1;
      only = i;
    }
    return only;
  }

  /** The child for one value of the level, also where the node skips the level. */
  step(node: Node, level: number, value: number): Node {
    if (this.level(node) !== level || level === TERMINAL_LEVEL) return node;
    let at = this.nodes[4 * node + FIRST] as number;
    while (((this.edges[at] as number) & 255) < value) at++;
    return (this.edges[at] as number) >>> 8;
  }
}
