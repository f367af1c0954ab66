import type { DiagramOptions } from './diagram-options.ts';
import { ADDRESSES_FIRST } from './layout.ts';
import {
  FIELDS,
  FIRST,
  FIRST_LEAF,
  HASH,
  MARK_BIT,
  MARKED_LEAF,
  type Node,
  NodeMemory,
  NONE,
  SHAPE,
  tableOf,
} from './node-memory.ts';
import type { AddressNumbering } from './numbering.ts';

/** Thrown inside the engine when a diagram outgrows its bound; the analysis turns it into a diagnostic. */
export class DiagramLimit extends Error {}

/** How much a diagram may hold, in bytes of nodes and edges; tables that find them take half as much again. */
const BYTE_LIMIT = 400e6;

/** Room for nodes at the beginning, as powers of two: without any expectation, and the most that is believed. */
const FEWEST_BITS = 12;
const MOST_BITS_EXPECTED = 22;

/**
 * An entry of the table that finds nodes: the node, and above it so much of its hash that others are rarely looked at, which
 * would cost a way to memory.
 */
const TAG_SHIFT = 24;
const NODE_BITS = (1 << TAG_SHIFT) - 1;

function entryOf(node: Node, hash: number): number {
  return node | (hash & ~NODE_BITS);
}

/** Makes the nodes of diagrams, each once, within a bound of memory. */
export class NodeStore extends NodeMemory {
  /** See {@link DiagramOptions}. */
  readonly numbering: AddressNumbering | undefined;
  /** Less than BYTE_LIMIT inside {@link within}. */
  private byteLimit = BYTE_LIMIT;
  protected top = 0;
  private nodeCount = 2;
  private edgeCount = 0;
  private table: Int32Array<ArrayBuffer>;
  private stack = new Uint32Array(1 << 12);

  /** See {@link DiagramOptions}. */
  constructor({ layout = ADDRESSES_FIRST, expected = 0, numbering }: DiagramOptions = {}) {
    const room = Math.min(MOST_BITS_EXPECTED, Math.max(FEWEST_BITS, Math.ceil(Math.log2(expected + 1))));
    super(layout, room);
    this.numbering = numbering;
    this.table = tableOf(2 << room);
  }

  /**
   * Does something within so many bytes more.
   *
   * @returns undefined where it needs more; what it has made by then stays
   */
  within<T>(bytes: number, make: () => T): T | undefined {
    const mark = this.top;
    const { byteLimit } = this;
    this.byteLimit = Math.min(byteLimit, this.bytes + bytes);
    try {
      return make();
    } catch (error) {
      if (!(error instanceof DiagramLimit) || this.byteLimit === byteLimit) throw error;
      this.top = mark;
      return undefined;
    } finally {
      this.byteLimit = byteLimit;
    }
  }

  /** How many nodes have been made. */
  get size(): number {
    return this.nodeCount;
  }

  /** How many bytes nodes and edges take. */
  private get bytes(): number {
    return 16 * this.nodeCount + 4 * this.edgeCount;
  }

  /** The same node with another child in the place of its one child (see {@link onlyChild}). */
  withChild(node: Node, child: Node): Node {
    const mark = this.top;
    const first = this.nodes[4 * node + FIRST] as number;
    const shape = this.nodes[4 * node + SHAPE] as number;
    for (let i = first; i < first + (shape >>> 8); i++) {
      const edge = this.edges[i] as number;
      this.push(mark, edge >>> 8 === NONE ? NONE : child, edge & 255);
    }
    return this.finish(mark, shape & 255);
  }

  /**
   * Begins a node. Call {@link push} for its edges in ascending order and then {@link finish} with this mark;
   * other nodes may be built in between, as the edges wait on a stack.
   */
  begin(): number {
    return this.top;
  }

  /** Gives up the node begun at `mark`. */
  drop(mark: number): void {
    this.top = mark;
  }

  /** Adds the edge to `child` for the values up to `bound` to the node begun at `mark`. */
  push(mark: number, child: Node, bound: number): void {
    const top = this.top;
    if (top > mark && (this.stack[top - 1] as number) >>> 8 === child) {
      this.stack[top - 1] = ((child << 8) | bound) >>> 0;
      return;
    }
    if (top === this.stack.length) this.stack = grown(this.stack, 2 * top);
    this.stack[top] = ((child << 8) | bound) >>> 0;
    this.top = top + 1;
  }

  /** The node at `level` with the edges pushed since `mark`; where all lead to one child, that child. */
  finish(mark: number, level: number): Node {
    const { stack, table, nodes } = this;
    const count = this.top - mark;
    this.top = mark;
    if (count === 1) return (stack[mark] as number) >>> 8;
    let hash = Math.imul(level + 1, 0x9e3779b1);
    for (let i = mark; i < mark + count; i++)
      hash = Math.imul(hash ^ (stack[i] as number), 0x85ebca6b) ^ (hash >>> 15);
    hash = (hash ^ (hash >>> 16)) >>> 0;
    const shape = (count << 8) | level;
    const slots = table.length - 1;
    let slot = hash & slots;
    for (let entry = table[slot] as number; entry !== 0; entry = table[slot] as number) {
      if ((entry ^ hash) >>> TAG_SHIFT === 0) {
        const node = entry & NODE_BITS;
        const at = 4 * node;
        if (nodes[at + HASH] === hash && nodes[at + SHAPE] === shape && this.sameEdges(at, mark, count))
          return node;
      }
      slot = (slot + 1) & slots;
    }
    return this.add(shape, hash, mark, count, slot);
  }

  private sameEdges(at: number, mark: number, count: number): boolean {
    const { edges, stack } = this;
    const first = this.nodes[at + FIRST] as number;
    for (let i = 0; i < count; i++) if (edges[first + i] !== stack[mark + i]) return false;
    return true;
  }

  private add(shape: number, hash: number, mark: number, count: number, slot: number): Node {
    const node = this.nodeCount;
    this.checkLimits(count);
    if (4 * node === this.nodes.length) this.makeRoom();
    if (this.edgeCount + count > this.edges.length) this.makeRoomForEdges();
    const { nodes, edges, stack, edgeCount } = this;
    let fields = this.layout.fieldBit[shape & 255] as number;
    for (let i = 0; i < count; i++) {
      const edge = stack[mark + i] as number;
      edges[edgeCount + i] = edge;
      const child = edge >>> 8;
      if (child < FIRST_LEAF) fields |= nodes[4 * child + FIELDS] as number;
      else if ((child & 3) === MARKED_LEAF) fields |= MARK_BIT;
    }
    const at = 4 * node;
    nodes[at + FIRST] = edgeCount;
    nodes[at + SHAPE] = shape;
    nodes[at + HASH] = hash;
    nodes[at + FIELDS] = fields;
    this.edgeCount = edgeCount + count;
    this.nodeCount = node + 1;
    this.table[slot] = entryOf(node, hash);
    if (this.nodeCount * 2 > this.table.length) this.spreadOut();
    return node;
  }

  /** Called when there is no room for another node; the cache of a diagram grows with it. */
  protected makeRoom(): void {
    this.nodes = grown(this.nodes, Math.min(2 * this.nodes.length, 4 * FIRST_LEAF));
  }

  private makeRoomForEdges(): void {
    const { length } = this.edges;
    this.edges = grown(this.edges, length < 1 << 24 ? 2 * length : length + (1 << 24));
  }

  private checkLimits(edges: number): void {
    if (this.nodeCount >= FIRST_LEAF) throw new DiagramLimit(`more than ${FIRST_LEAF} diagram nodes`);
    if (this.bytes + 4 * edges > this.byteLimit)
      throw new DiagramLimit(`diagrams of more than ${Math.round(this.byteLimit / 1e6)} MB`);
  }

  /** Twice as many slots: every node knows its hash, so no edges are read. */
  private spreadOut(): void {
    const table = tableOf(this.table.length * 2);
    const slots = table.length - 1;
    for (let node = 2; node < this.nodeCount; node++) {
      const hash = this.nodes[4 * node + HASH] as number;
      let slot = hash & slots;
      while (table[slot] !== 0) slot = (slot + 1) & slots;
      table[slot] = entryOf(node, hash);
    }
    this.table = table;
  }
}

function grown(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const bigger = new Uint32Array(length);
  bigger.set(array);
  return bigger;
}
