import { type Diagram, type Node, NONE } from './diagram.ts';
import { TERMINAL_LEVEL } from './layout.ts';

/** So many decisions are merged at once; more are combined two by two. */
const GROUP = 64;
/** How many list entries a group may look at for each of its decisions, before it is combined two by two after all. */
const STEPS = 64;

/**
 * Decisions one after the other: each packet is decided by the first that decides it. They are combined as a balanced tree,
 * as neighbours are small and alike; its smallest branches are merged at once, which makes no nodes in between.
 *
 * @param keep told of subtrees: their slots, 0 for the whole, and 2 · slot + 1 and 2 · slot + 2 for halves
 */
export function firstOf(
  diagram: Diagram,
  decisions: readonly Node[],
  from = 0,
  to = decisions.length,
  keep: (slot: number, decision: Node) => void = () => undefined,
  slot = 0,
): Node {
  let decision: Node | undefined = decisions[from] ?? NONE;
  if (to - from > 1) {
    const middle = (from + to) >> 1;
    decision = to - from <= GROUP ? merged(diagram, decisions.slice(from, to)) : undefined;
    if (decision === undefined) {
      const before = firstOf(diagram, decisions, from, middle, keep, 2 * slot + 1);
      decision = diagram.first(before, firstOf(diagram, decisions, middle, to, keep, 2 * slot + 2));
    }
  }
  keep(slot, decision);
  return decision;
}

function merged(diagram: Diagram, decisions: readonly Node[]): Node | undefined {
  return new Merge(diagram, STEPS * decisions.length).of(decisions.filter((node) => node !== NONE));
}

/** Lists of decisions, divided byte by byte: below each value only those that can still decide are left. */
class Merge {
  constructor(
    private readonly diagram: Diagram,
    private left: number,
  ) {}

  /** Undefined where the decisions overlap so much that merging them two by two is better. */
  of(all: readonly Node[]): Node | undefined {
    const { diagram } = this;
    const list = upToTerminal(diagram, all);
    if (list.length < 2) return list[0] ?? NONE;
    this.left -= list.length;
    if (this.left < 0) return undefined;
    const level = list.reduce((least, node) => Math.min(least, diagram.level(node)), TERMINAL_LEVEL);
    const intervals = new Intervals(diagram, list, level);
    this.left -= intervals.bounds.length;
    const mark = diagram.begin();
    for (const [i, bound] of intervals.bounds.entries()) {
      const child = this.of(intervals.lists[i] as Node[]);
      if (child === undefined) {
        diagram.drop(mark);
        return undefined;
      }
      diagram.push(mark, child, bound);
    }
    return diagram.finish(mark, level);
  }
}

/** A decision that is the same for every packet leaves nothing to those after it. */
function upToTerminal(diagram: Diagram, list: readonly Node[]): readonly Node[] {
  for (let i = 0; i < list.length; i++)
    if (diagram.level(list[i] as Node) === TERMINAL_LEVEL) return list.slice(0, i + 1);
  return list;
}

// Used again for each level: they are of no use once its intervals are known.
const ENDS = new Uint8Array(256);
const INTERVAL_OF = new Uint8Array(256);

/** The values of one level, cut where an edge of one of the nodes ends. */
class Intervals {
  readonly bounds: number[] = [];
  /** For each interval what the nodes say there, without those that decide nothing. */
  readonly lists: Node[][] = [];

  constructor(diagram: Diagram, nodes: readonly Node[], level: number) {
    const ends = ENDS.fill(0);
    for (const node of nodes) {
      if (diagram.level(node) !== level) continue;
      for (let i = diagram.edgeTotal(node) - 1; i >= 0; i--) ends[diagram.bound(node, i)] = 1;
    }
    const intervalOf = INTERVAL_OF;
    for (let value = 0; value < 256; value++) {
      intervalOf[value] = this.bounds.length;
      if (ends[value] === 1) {
        this.bounds.push(value);
        this.lists.push([]);
      }
    }
    for (const node of nodes) {
      if (diagram.level(node) === level) this.add(diagram, node, intervalOf);
      else for (const list of this.lists) list.push(node);
    }
  }

  private add(diagram: Diagram, node: Node, intervalOf: Uint8Array): void {
    const total = diagram.edgeTotal(node);
    let next = 0;
    for (let i = 0; i < total; i++) {
      const child = diagram.child(node, i);
      const last = intervalOf[diagram.bound(node, i)] as number;
      if (child !== NONE) for (let at = next; at <= last; at++) (this.lists[at] as Node[]).push(child);
      next = last + 1;
    }
  }
}
