import type { DiagramOptions } from './diagram-options.ts';
import { ALL, FIRST_LEAF, type Node, NONE, tableOf } from './node-memory.ts';
import { NodeStore } from './node-store.ts';

export { ALL, type Node, NONE } from './node-memory.ts';
export { DiagramLimit } from './node-store.ts';

/** The operations that the cache tells apart. Those from EXISTS on take a number of the caller's as second operand. */
const AND = 0;
const OR = 1;
const DIFFERENCE = 2;
const FIRST = 3;
const RESTRICT = 4;
const INSIDE = 5;
/** Whether something can come of an operation whose first operand is NONE, and whose second is; by operation. */
const KEPT_BY_NONE = Uint8Array.of(0, 1, 0, 1, 0, 0);
const MADE_BY_NONE = Uint8Array.of(0, 1, 1, 1, 0, 0);
/** For {@link Diagram.remembered}: what operations.ts and decision.ts compute. */
export const EXISTS = 6;
export const LEAVES = 7;
export const LEAVES_BELOW = 8;

/** Four words an entry: the first operand and the operation, the second operand, the result, nothing. */
const MOST_CACHE_BITS = 21;

/**
 * Sets as canonical decision diagrams, see {@link NodeStore}, and *decisions*: diagrams whose leaves say what becomes of a
 * packet (decision.ts). In a decision NONE means that nothing is decided, and where one is taken as a set it is the set of
 * packets for which something is.
 */
export class Diagram extends NodeStore {
  private cacheBits: number;
  private cache: Int32Array<ArrayBuffer>;
  private readonly literals = new WeakMap<object, Map<string, Node>>();

  constructor(options?: DiagramOptions) {
    super(options);
    this.cacheBits = Math.min(MOST_CACHE_BITS, Math.log2(this.nodes.length >> 2));
    this.cache = tableOf(4 << this.cacheBits);
  }

  /**
   * The set of a field's values, made once for each list of them: interfaces' names are the same few lists, and long to
   * spell. The lists are never changed.
   */
  literal(field: string, values: object, make: () => Node): Node {
    let known = this.literals.get(values);
    if (known === undefined) {
      known = new Map();
      this.literals.set(values, known);
    }
    let node = known.get(field);
    if (node === undefined) {
      node = make();
      known.set(field, node);
    }
    return node;
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

  /** What is in `a` and not in `b`; `b` may be a decision, and so may `a`. */
  difference(a: Node, b: Node): Node {
    if (a === NONE || a === b || b === ALL || b >= FIRST_LEAF) return NONE;
    if (b === NONE) return a;
    return this.apply(DIFFERENCE, a, b);
  }

  not(a: Node): Node {
    return this.difference(ALL, a);
  }

  /** The decision `a`, and where it decides nothing, `b`. */
  first(a: Node, b: Node): Node {
    if (a === NONE) return b;
    if (b === NONE || a === b || a === ALL || a >= FIRST_LEAF) return a;
    return this.apply(FIRST, a, b);
  }

  /** The decision, for the packets of the set (or decision); nothing is decided of the others. */
  restrict(decision: Node, set: Node): Node {
    if (decision === NONE || set === NONE) return NONE;
    if (set === ALL || set >= FIRST_LEAF || decision === set) return decision;
    return this.apply(RESTRICT, decision, set);
  }

  /** The packets of the set of which something is decided. */
  inside(set: Node, decision: Node): Node {
    if (set === NONE || decision === NONE) return NONE;
    if (decision === ALL || decision >= FIRST_LEAF || set === decision) return set;
    return this.apply(INSIDE, set, decision);
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

  /**
   * The result of an operation on a node that somebody has told {@link remember}; undefined where it is not known (any
   * more): the cache forgets.
   */
  remembered(op: number, a: Node, b: number): Node | undefined {
    const at = this.slot(op, a, b);
    const { cache } = this;
    return cache[at] === ((op << 24) | a) && cache[at + 1] === b ? (cache[at + 2] as number) : undefined;
  }

  remember(op: number, a: Node, b: number, result: Node): void {
    const at = this.slot(op, a, b);
    this.cache[at] = (op << 24) | a;
    this.cache[at + 1] = b;
    this.cache[at + 2] = result;
  }

  private apply(op: number, a: Node, b: Node): Node {
    const at = this.slot(op, a, b);
    const { cache } = this;
    if (cache[at] === ((op << 24) | a) && cache[at + 1] === b) return cache[at + 2] as number;
    const levelA = this.level(a);
    const levelB = this.level(b);
    const mark = this.top;
    if (levelA === levelB) this.merge(mark, op, a, b);
    else if (levelA < levelB) this.below(mark, op, a, b);
    else this.above(mark, op, a, b);
    const result = this.finish(mark, Math.min(levelA, levelB));
    this.remember(op, a, b, result);
    return result;
  }

  /** Edges of the first operand, each with the whole of the second. */
  private below(mark: number, op: number, a: Node, b: Node): void {
    const first = this.nodes[4 * a] as number;
    const end = first + ((this.nodes[4 * a + 1] as number) >>> 8);
    for (let i = first; i < end; i++) {
      const edge = this.edges[i] as number;
      this.push(mark, this.combine(op, edge >>> 8, b), edge & 255);
    }
  }

  private above(mark: number, op: number, a: Node, b: Node): void {
    const first = this.nodes[4 * b] as number;
    const end = first + ((this.nodes[4 * b + 1] as number) >>> 8);
    for (let i = first; i < end; i++) {
      const edge = this.edges[i] as number;
      this.push(mark, this.combine(op, a, edge >>> 8), edge & 255);
    }
  }

  private merge(mark: number, op: number, a: Node, b: Node): void {
    let i = this.nodes[4 * a] as number;
    let j = this.nodes[4 * b] as number;
    const endA = i + ((this.nodes[4 * a + 1] as number) >>> 8);
    const endB = j + ((this.nodes[4 * b + 1] as number) >>> 8);
    for (;;) {
      const edgeA = this.edges[i] as number;
      const edgeB = this.edges[j] as number;
      const boundA = edgeA & 255;
      const boundB = edgeB & 255;
      // Where one of the two has nothing and nothing can come of it, the edges of the other are passed over: they may be many.
      if (boundA > boundB && edgeA <= 255 && KEPT_BY_NONE[op] === 0) {
        j = this.edgeFrom(j + 1, endB, boundA);
      } else if (boundB > boundA && edgeB <= 255 && MADE_BY_NONE[op] === 0) {
        i = this.edgeFrom(i + 1, endA, boundB);
      } else if (boundA < boundB) {
        this.push(mark, this.combine(op, edgeA >>> 8, edgeB >>> 8), boundA);
        i++;
      } else {
        this.push(mark, this.combine(op, edgeA >>> 8, edgeB >>> 8), boundB);
        if (boundB === 255) return;
        j++;
        if (boundA === boundB) i++;
      }
    }
  }

  private combine(op: number, a: Node, b: Node): Node {
    switch (op) {
      case AND:
        return this.and(a, b);
      case OR:
        return this.or(a, b);
      case DIFFERENCE:
        return this.difference(a, b);
      case FIRST:
        return this.first(a, b);
      case RESTRICT:
        return this.restrict(a, b);
      default:
        return this.inside(a, b);
    }
  }

  private slot(op: number, a: Node, b: number): number {
    const hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(op, 0xc2b2ae35);
    return ((hash ^ (hash >>> 15)) & ((1 << this.cacheBits) - 1)) << 2;
  }

  /** The cache keeps pace with the diagram up to 2M entries (32 MB), and keeps what it has. */
  protected override makeRoom(): void {
    super.makeRoom();
    if (this.cacheBits >= MOST_CACHE_BITS) return;
    const old = this.cache;
    this.cacheBits++;
    this.cache = tableOf(4 << this.cacheBits);
    for (let i = 0; i < old.length; i += 4) {
      const key = old[i] as number;
      if (key !== 0) this.remember(key >>> 24, key & 0xffffff, old[i + 1] as number, old[i + 2] as number);
    }
  }
}
