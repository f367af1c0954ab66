import { TERMINAL_LEVEL } from './layout.ts';

/** A node of a {@link Diagram}: an index. Equal sets are equal numbers. */
export type Node = number;

/** The empty set. */
export const NONE: Node = 0;
/** Every packet. */
export const ALL: Node = 1;

/** Thrown inside the engine when a diagram outgrows its bound; the analysis turns it into a diagnostic. */
export class DiagramLimit extends Error {}

const CHILD_LIMIT = 1 << 24;

const AND = 0;
const OR = 1;
const DIFFERENCE = 2;

/**
 * A store of canonical decision diagrams over bytes. A node tests one byte of a packet (its level) and has a list
 * of edges, each for the values up to its bound: an edge is `child << 8 | bound`, bounds ascend, the last is 255, and
 * neighbours lead to different children. Nodes are unique, so equal sets are the same node.
 *
 * Compared with a BDD over bits an address is 4 levels deep instead of 32, and a range costs a few edges.
 */
export class Diagram {
  private levels = new Uint8Array(1 << 12);
  private firsts = new Uint32Array(1 << 12);
  private counts = new Uint16Array(1 << 12);
  private nodeCount = 2;
  private edges = new Uint32Array(1 << 14);
  private edgeCount = 0;
  private table = new Int32Array(1 << 13);
  private stack = new Uint32Array(1 << 12);
  private top = 0;
  private cacheBits = 12;
  private cacheKeys = new Float64Array(1 << 12);
  private cacheValues = new Uint32Array(1 << 12);

  /** @param nodeLimit how many nodes may exist at most (a DiagramLimit is thrown beyond) */
  constructor(private readonly nodeLimit = CHILD_LIMIT) {
    this.levels[NONE] = TERMINAL_LEVEL;
    this.levels[ALL] = TERMINAL_LEVEL;
    this.cacheKeys.fill(-1);
  }

  /** How many nodes have been made. */
  get size(): number {
    return this.nodeCount;
  }

  /** The level that a node tests; TERMINAL_LEVEL for the two terminals. */
  level(node: Node): number {
    return this.levels[node] as number;
  }

  /** How many edges the node has, and each edge's child and bound (inclusive). */
  edgeTotal(node: Node): number {
    return this.counts[node] as number;
  }
  child(node: Node, index: number): Node {
    return (this.edges[(this.firsts[node] as number) + index] as number) >>> 8;
  }
  bound(node: Node, index: number): number {
    return (this.edges[(this.firsts[node] as number) + index] as number) & 255;
  }

  /** The child for one value of the level, also where the node skips the level. */
  step(node: Node, level: number, value: number): Node {
    if (this.levels[node] !== level) return node;
    let at = this.firsts[node] as number;
    while (((this.edges[at] as number) & 255) < value) at++;
    return (this.edges[at] as number) >>> 8;
  }

  /**
   * Begins a node. Call {@link push} for its edges in ascending order and then {@link finish} with this mark;
   * other nodes may be built in between, as the edges wait on a stack.
   */
  begin(): number {
    return this.top;
  }

  /** Adds the edge to `child` for the values up to `bound` to the node begun at `mark`. */
  push(mark: number, child: Node, bound: number): void {
    const top = this.top;
    if (top > mark && (this.stack[top - 1] as number) >>> 8 === child) {
      this.stack[top - 1] = ((child << 8) | bound) >>> 0;
      return;
    }
    if (top === this.stack.length) this.stack = grown(this.stack, Uint32Array);
    this.stack[top] = ((child << 8) | bound) >>> 0;
    this.top = top + 1;
  }

  /** The node at `level` with the edges pushed since `mark`; where all lead to one child, that child. */
  finish(mark: number, level: number): Node {
    const count = this.top - mark;
    this.top = mark;
    if (count === 1) return (this.stack[mark] as number) >>> 8;
    let hash = Math.imul(level + 1, 0x9e3779b1);
    for (let i = mark; i < mark + count; i++)
      hash = Math.imul(hash ^ (this.stack[i] as number), 0x85ebca6b) ^ (hash >>> 15);
    const slots = this.table.length - 1;
    let slot = (hash ^ (hash >>> 16)) & slots;
    for (let node = this.table[slot] as number; node !== 0; node = this.table[slot] as number) {
      if (this.levels[node] === level && this.counts[node] === count && this.sameEdges(node, mark, count))
        return node;
      slot = (slot + 1) & slots;
    }
    return this.add(level, mark, count, slot);
  }

  and(a: Node, b: Node): Node {
    if (a === b || b === ALL) return a;
    if (a === ALL) return b;
    if (a === NONE || b === NONE) return NONE;
    return a < b ? this.apply(AND, a, b) : this.apply(AND, b, a);
  }

  or(a: Node, b: Node): Node {
    if (a === b || b === NONE) return a;
    if (a === NONE) return b;
    if (a === ALL || b === ALL) return ALL;
    return a < b ? this.apply(OR, a, b) : this.apply(OR, b, a);
  }

  /** What is in `a` and not in `b`. */
  difference(a: Node, b: Node): Node {
    if (a === NONE || b === ALL || a === b) return NONE;
    if (b === NONE) return a;
    return this.apply(DIFFERENCE, a, b);
  }

  not(a: Node): Node {
    return this.difference(ALL, a);
  }

  /** The union of many sets, combined as a balanced tree, which keeps intermediate results small. */
  orAll(nodes: readonly Node[]): Node {
    let layer = nodes;
    if (layer.length === 0) return NONE;
    while (layer.length > 1) {
      const next: Node[] = [];
      for (let i = 0; i + 1 < layer.length; i += 2)
        next.push(this.or(layer[i] as Node, layer[i + 1] as Node));
      if (layer.length % 2 === 1) next.push(layer[layer.length - 1] as Node);
      layer = next;
    }
    return layer[0] as Node;
  }

  private apply(op: number, a: Node, b: Node): Node {
    const key = (a * 4 + op) * CHILD_LIMIT + b;
    const slot = this.cacheSlot(a, b, op);
    if (this.cacheKeys[slot] === key) return this.cacheValues[slot] as number;
    const levelA = this.levels[a] as number;
    const levelB = this.levels[b] as number;
    const mark = this.top;
    let level = levelA;
    if (levelA === levelB) this.merge(mark, op, a, b);
    else if (levelA < levelB) {
      const first = this.firsts[a] as number;
      const end = first + (this.counts[a] as number);
      for (let i = first; i < end; i++) {
        const edge = this.edges[i] as number;
        this.push(mark, this.combine(op, edge >>> 8, b), edge & 255);
      }
    } else {
      level = levelB;
      const first = this.firsts[b] as number;
      const end = first + (this.counts[b] as number);
      for (let i = first; i < end; i++) {
        const edge = this.edges[i] as number;
        this.push(mark, this.combine(op, a, edge >>> 8), edge & 255);
      }
    }
    const result = this.finish(mark, level);
    // The cache may have grown meanwhile, so the slot is looked up again.
    const at = this.cacheSlot(a, b, op);
    this.cacheKeys[at] = key;
    this.cacheValues[at] = result;
    return result;
  }

  private merge(mark: number, op: number, a: Node, b: Node): void {
    let i = this.firsts[a] as number;
    let j = this.firsts[b] as number;
    for (;;) {
      const edgeA = this.edges[i] as number;
      const edgeB = this.edges[j] as number;
      const boundA = edgeA & 255;
      const boundB = edgeB & 255;
      const bound = Math.min(boundA, boundB);
      this.push(mark, this.combine(op, edgeA >>> 8, edgeB >>> 8), bound);
      if (bound === 255) return;
      if (boundA === bound) i++;
      if (boundB === bound) j++;
    }
  }

  private combine(op: number, a: Node, b: Node): Node {
    if (op === OR) return this.or(a, b);
    return op === AND ? this.and(a, b) : this.difference(a, b);
  }

  private cacheSlot(a: Node, b: Node, op: number): number {
    const hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(op, 0xc2b2ae35);
    return (hash ^ (hash >>> 15)) & (this.cacheKeys.length - 1);
  }

  private sameEdges(node: Node, mark: number, count: number): boolean {
    const first = this.firsts[node] as number;
    for (let i = 0; i < count; i++) if (this.edges[first + i] !== this.stack[mark + i]) return false;
    return true;
  }

  private add(level: number, mark: number, count: number, slot: number): Node {
    const node = this.nodeCount;
    if (node >= this.nodeLimit) throw new DiagramLimit(`more than ${this.nodeLimit} diagram nodes`);
    if (node === this.levels.length) this.growNodes();
    while (this.edgeCount + count > this.edges.length) this.edges = grown(this.edges, Uint32Array);
    this.edges.set(this.stack.subarray(mark, mark + count), this.edgeCount);
    this.levels[node] = level;
    this.firsts[node] = this.edgeCount;
    this.counts[node] = count;
    this.edgeCount += count;
    this.nodeCount = node + 1;
    this.table[slot] = node;
    if (this.nodeCount * 2 > this.table.length) this.rehash();
    return node;
  }

  private growNodes(): void {
    this.levels = grown(this.levels, Uint8Array);
    this.firsts = grown(this.firsts, Uint32Array);
    this.counts = grown(this.counts, Uint16Array);
    // The operation cache keeps pace with the diagram, up to 4M entries (48 MB).
    if (this.cacheBits < 22 && 1 << this.cacheBits < this.levels.length * 2) {
      this.cacheBits = Math.min(22, this.cacheBits + 1);
      this.cacheKeys = new Float64Array(1 << this.cacheBits).fill(-1);
      this.cacheValues = new Uint32Array(1 << this.cacheBits);
    }
  }

  private rehash(): void {
    const table = new Int32Array(this.table.length * 2);
    const slots = table.length - 1;
    for (let node = 2; node < this.nodeCount; node++) {
      const first = this.firsts[node] as number;
      const end = first + (this.counts[node] as number);
      let hash = Math.imul((this.levels[node] as number) + 1, 0x9e3779b1);
      for (let i = first; i < end; i++)
        hash = Math.imul(hash ^ (this.edges[i] as number), 0x85ebca6b) ^ (hash >>> 15);
      let slot = (hash ^ (hash >>> 16)) & slots;
      while (table[slot] !== 0) slot = (slot + 1) & slots;
      table[slot] = node;
    }
    this.table = table;
  }
}

function grown<T extends Uint8Array | Uint16Array | Uint32Array>(
  array: T,
  make: new (length: number) => T,
): T {
  const bigger = new make(array.length * 2);
  bigger.set(array);
  return bigger;
}
