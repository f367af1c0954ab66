import type { Diagram, Node } from './diagram.ts';
import { NONE } from './diagram.ts';
import { Merge } from './merge.ts';

/** So many decisions are merged at once; more are combined two by two. */
const GROUP = 64;

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
  return new Merge(diagram, decisions).result();
}
