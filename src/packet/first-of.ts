import type { Diagram, Node } from './diagram.ts';
import { NONE } from './diagram.ts';
import { Merge } from './merge.ts';
import { decisionOf, type Part, type Product } from './product.ts';
import { ProductMerge } from './product-merge.ts';

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

/**
 * The same of parts, as far as possible without diagrams for each of them: products that stand together are merged at once,
 * and only where they overlap too much, half by half.
 */
export function firstPart(
  diagram: Diagram,
  parts: readonly Part[],
  from = 0,
  to = parts.length,
  keep: (slot: number, decision: Node) => void = () => undefined,
  slot = 0,
): Node {
  let decision: Node | undefined;
  if (to - from < 2) decision = to === from ? NONE : decisionOf(diagram, parts[from] as Part);
  else {
    const stretches = stretchesOf(diagram, parts, from, to);
    if (stretches !== undefined) decision = firstOf(diagram, stretches);
    else if (to - from <= GROUP) {
      const nodes = parts.slice(from, to).map((part) => decisionOf(diagram, part));
      return firstOf(diagram, nodes, 0, nodes.length, keep, slot);
    } else {
      const middle = (from + to) >> 1;
      const before = firstPart(diagram, parts, from, middle, keep, 2 * slot + 1);
      decision = diagram.first(before, firstPart(diagram, parts, middle, to, keep, 2 * slot + 2));
    }
  }
  keep(slot, decision);
  return decision;
}

/** The parts with one decision in the place of products that stand together; undefined where these overlap too much. */
function stretchesOf(diagram: Diagram, parts: readonly Part[], from: number, to: number): Node[] | undefined {
  const nodes: Node[] = [];
  let products: Product[] = [];
  for (let at = from; at <= to; at++) {
    const part = at < to ? (parts[at] as Part) : NONE;
    if (typeof part !== 'number') {
      products.push(part);
      continue;
    }
    if (products.length > 0) {
      const merged = new ProductMerge(diagram, products).result();
      if (merged === undefined) return undefined;
      nodes.push(merged);
      products = [];
    }
    if (part !== NONE) nodes.push(part);
  }
  return nodes;
}
