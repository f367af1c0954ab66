import { type Diagram, type Node, NONE } from './diagram.ts';
import { TERMINAL_LEVEL } from './layout.ts';

/** How many list entries may be looked at for each decision, before combining them two by two is better. */
const STEPS = 64;
/** Instead of a node: the decisions overlap too much. */
const TOO_MUCH = -1;

// Used again by every merge, none of which begins within another: lists, and what one level needs at a time.
let lists = new Int32Array(1 << 12);
const ENDS = new Uint32Array(256 / 32);
const INTERVAL_OF = new Uint8Array(256);
const COUNTS = new Int32Array(257);

/**
 * Decisions one after the other, all at once: lists of decisions are divided byte by byte, and below each value only those that
 * can still decide are left.
 */
export class Merge {
  private readonly count: number;
  private top = 0;
  private left: number;

  constructor(
    private readonly diagram: Diagram,
    decisions: readonly Node[],
  ) {
    this.left = STEPS * decisions.length;
    this.reserve(decisions.length);
    for (const node of decisions) if (node !== NONE) lists[this.top++] = node;
    this.count = this.top;
  }

  /** Undefined where the decisions overlap so much that merging them two by two is better. */
  result(): Node | undefined {
    const node = this.of(0, this.count);
    return node === TOO_MUCH ? undefined : node;
  }

  /** The list that stands in these places. */
  private of(from: number, end: number): Node {
    const { diagram } = this;
    let to = from;
    let level = TERMINAL_LEVEL;
    // A decision that is the same for every packet leaves nothing to those after it.
    for (let own = 0; to < end && own !== TERMINAL_LEVEL; to++) {
      own = diagram.level(lists[to] as Node);
      if (own < level) level = own;
    }
    if (to - from < 2) return to === from ? NONE : (lists[from] as Node);
    const base = this.top;
    const count = this.cut(from, to, level);
    this.left -= to - from + count;
    if (this.left < 0) return TOO_MUCH;
    this.distribute(from, to, level, base, count);
    const mark = diagram.begin();
    for (let i = 0; i < count; i++) {
      const offset = base + count + i;
      const child = this.of(lists[offset] as number, lists[offset + 1] as number);
      if (child === TOO_MUCH) {
        diagram.drop(mark);
        return TOO_MUCH;
      }
      diagram.push(mark, child, lists[base + i] as number);
    }
    this.top = base;
    return diagram.finish(mark, level);
  }

  /** Writes the bounds of the level's intervals, which end where an edge of one of the nodes does; returns how many. */
  private cut(from: number, to: number, level: number): number {
    const { diagram } = this;
    ENDS.fill(0);
    for (let i = from; i < to; i++) {
      const node = lists[i] as Node;
      if (diagram.level(node) !== level) continue;
      for (let edge = diagram.edgeTotal(node) - 1; edge >= 0; edge--) {
        const bound = diagram.bound(node, edge);
        ENDS[bound >> 5] = (ENDS[bound >> 5] as number) | (1 << (bound & 31));
      }
    }
    this.reserve(256);
    let count = 0;
    for (let word = 0; word < ENDS.length; word++)
      for (let bits = ENDS[word] as number; bits !== 0; bits &= bits - 1) {
        const bound = 32 * word + 31 - Math.clz32(bits & -bits);
        INTERVAL_OF[bound] = count;
        lists[this.top + count++] = bound;
      }
    return count;
  }

  /** Writes a list for each interval, in the order of the nodes: what they say there, without those that decide nothing. */
  private distribute(from: number, to: number, level: number, base: number, count: number): void {
    const everywhere = this.countChildren(from, to, level, count);
    this.reserve(2 * count + 1);
    let at = base + 2 * count + 1;
    for (let i = 0; i < count; i++) {
      const length = everywhere + (COUNTS[i] as number);
      lists[base + count + i] = at;
      COUNTS[i] = at;
      at += length;
    }
    lists[base + 2 * count] = at;
    this.reserve(at - this.top);
    this.top = at;
    this.putChildren(from, to, level, count);
  }

  /** Counts for each interval the children of the level's nodes; returns how many nodes are below the level. */
  private countChildren(from: number, to: number, level: number, count: number): number {
    const { diagram } = this;
    COUNTS.fill(0, 0, count);
    let everywhere = 0;
    for (let i = from; i < to; i++) {
      const node = lists[i] as Node;
      if (diagram.level(node) !== level) {
        everywhere++;
        continue;
      }
      const total = diagram.edgeTotal(node);
      for (let edge = 0, next = 0; edge < total; edge++) {
        const last = INTERVAL_OF[diagram.bound(node, edge)] as number;
        if (diagram.child(node, edge) !== NONE)
          for (let at = next; at <= last; at++) COUNTS[at] = (COUNTS[at] as number) + 1;
        next = last + 1;
      }
    }
    return everywhere;
  }

  /** Puts each child where COUNTS says that the next one of its interval goes. */
  private putChildren(from: number, to: number, level: number, count: number): void {
    const { diagram } = this;
    const put = (node: Node, first: number, last: number): void => {
      for (let at = first; at <= last; at++) {
        const place = COUNTS[at] as number;
        lists[place] = node;
        COUNTS[at] = place + 1;
      }
    };
    for (let i = from; i < to; i++) {
      const node = lists[i] as Node;
      if (diagram.level(node) !== level) {
        put(node, 0, count - 1);
        continue;
      }
      const total = diagram.edgeTotal(node);
      for (let edge = 0, next = 0; edge < total; edge++) {
        const child = diagram.child(node, edge);
        const last = INTERVAL_OF[diagram.bound(node, edge)] as number;
        if (child !== NONE) put(child, next, last);
        next = last + 1;
      }
    }
  }

  /** Makes room for so many more entries. */
  private reserve(more: number): void {
    if (this.top + more <= lists.length) return;
    const bigger = new Int32Array(2 * (this.top + more));
    bigger.set(lists);
    lists = bigger;
  }
}
