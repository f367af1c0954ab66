import { ALL, type Diagram, LEAVES, type Node, NONE } from './diagram.ts';
import { FIRST_LEAF, LEAF_LIMIT } from './node-store.ts';

/** What a rule does with the packets that it decides; `back`: they return to the calling chain. */
export type Outcome = 'accept' | 'deny' | 'back';

const CODES: Readonly<Record<Outcome, number>> = { accept: 0, deny: 1, back: 2 };
const OUTCOMES: readonly Outcome[] = ['accept', 'deny', 'back'];

/** How many numbers a leaf can have. */
export const NUMBER_LIMIT = LEAF_LIMIT / 4;

/** The decision that is the same for every packet, with the number of whoever makes it (below NUMBER_LIMIT). */
export function leafOf(outcome: Outcome, number = 0): Node {
  return FIRST_LEAF + 4 * number + CODES[outcome];
}

/** What a leaf says. */
export function readLeaf(leaf: Node): { readonly outcome: Outcome; readonly number: number } {
  const label = leaf - FIRST_LEAF;
  return { outcome: OUTCOMES[label & 3] as Outcome, number: label >>> 2 };
}

/** Whether a decision decides every packet alike. */
export function isLeaf(decision: Node): boolean {
  return decision >= FIRST_LEAF;
}

/** The packets that come to one of the outcomes, as a set. */
export function packetsWith(diagram: Diagram, decision: Node, ...outcomes: readonly Outcome[]): Node {
  return mapped(diagram, decision, maskOf(outcomes));
}

/** Every packet of which anything is decided, as a set. */
export function decidedPackets(diagram: Diagram, decision: Node): Node {
  return mapped(diagram, decision, maskOf(OUTCOMES));
}

/** The decision without those of one outcome: what came to it is undecided. */
export function without(diagram: Diagram, decision: Node, outcome: Outcome): Node {
  return mapped(diagram, decision, KEPT | maskOf([outcome]));
}

/** With KEPT the leaves of these outcomes become NONE and others stay, else they become ALL and others NONE. */
const KEPT = 8;

function maskOf(outcomes: readonly Outcome[]): number {
  return outcomes.reduce((mask, outcome) => mask | (1 << CODES[outcome]), 0);
}

function mapped(diagram: Diagram, node: Node, mask: number): Node {
  if (node === NONE) return NONE;
  if (node >= FIRST_LEAF) {
    const asked = (mask & (1 << ((node - FIRST_LEAF) & 3))) !== 0;
    if ((mask & KEPT) !== 0) return asked ? NONE : node;
    return asked ? ALL : NONE;
  }
  const known = diagram.remembered(LEAVES, node, mask);
  if (known !== undefined) return known;
  const mark = diagram.begin();
  const total = diagram.edgeTotal(node);
  for (let i = 0; i < total; i++)
    diagram.push(mark, mapped(diagram, diagram.child(node, i), mask), diagram.bound(node, i));
  const result = diagram.finish(mark, diagram.level(node));
  diagram.remember(LEAVES, node, mask, result);
  return result;
}

/** The decision with each leaf replaced by what it stands for; `of` gives sets that test nothing that the decision tests. */
export function replaced(diagram: Diagram, decision: Node, of: (leaf: Node) => Node): Node {
  const memo = new Map<Node, Node>();
  const walk = (node: Node): Node => {
    if (node === NONE) return NONE;
    if (node >= FIRST_LEAF) return of(node);
    let result = memo.get(node);
    if (result === undefined) {
      const mark = diagram.begin();
      const total = diagram.edgeTotal(node);
      for (let i = 0; i < total; i++)
        diagram.push(mark, walk(diagram.child(node, i)), diagram.bound(node, i));
      result = diagram.finish(mark, diagram.level(node));
      memo.set(node, result);
    }
    return result;
  };
  return walk(decision);
}

/** The leaves of a decision, each with the packets that come to it; these sets are disjoint. */
export interface Parts {
  readonly leaves: readonly Node[];
  readonly sets: readonly Node[];
}

const NO_PARTS: Parts = { leaves: [], sets: [] };

/**
 * Divides a decision by its leaves in one walk: the work is in proportion to the nodes of the sets together. Leaves come in
 * the order in which they are met.
 *
 * @param budget how many edges the sets may have together; undefined is returned where they have more
 */
export function partsOf(diagram: Diagram, decision: Node, budget: number): Parts | undefined {
  const memo = new Map<Node, Parts>();
  let left = budget;
  const walk = (node: Node): Parts => {
    if (node === NONE || left < 0) return NO_PARTS;
    if (node >= FIRST_LEAF) return { leaves: [node], sets: [ALL] };
    let parts = memo.get(node);
    if (parts === undefined) {
      const divided = new Divided(diagram, node);
      const total = diagram.edgeTotal(node);
      for (let i = 0; i < total; i++) {
        const child = walk(diagram.child(node, i));
        left -= child.leaves.length;
        divided.add(child, i);
      }
      parts = divided.finish();
      memo.set(node, parts);
    }
    return parts;
  };
  const parts = walk(decision);
  return left < 0 ? undefined : parts;
}

/** One node, divided by the leaves below it: for each leaf a list of the edges that lead to it. */
class Divided {
  private readonly indexes = new Map<Node, number>();
  private readonly leaves: Node[] = [];
  private readonly firsts: number[] = [];
  private readonly lasts: number[] = [];
  private readonly nexts: number[] = [];
  private readonly children: Node[] = [];
  private readonly edges: number[] = [];

  constructor(
    private readonly diagram: Diagram,
    private readonly node: Node,
  ) {}

  add({ leaves, sets }: Parts, edge: number): void {
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i] as Node;
      const entry = this.children.length;
      this.children.push(sets[i] as Node);
      this.edges.push(edge);
      this.nexts.push(-1);
      const index = this.indexes.get(leaf);
      if (index === undefined) {
        this.indexes.set(leaf, this.leaves.length);
        this.leaves.push(leaf);
        this.firsts.push(entry);
        this.lasts.push(entry);
      } else {
        this.nexts[this.lasts[index] as number] = entry;
        this.lasts[index] = entry;
      }
    }
  }

  finish(): Parts {
    const level = this.diagram.level(this.node);
    return { leaves: this.leaves, sets: this.firsts.map((first) => this.set(first, level)) };
  }

  private set(first: number, level: number): Node {
    const { diagram, node } = this;
    const mark = diagram.begin();
    let done = -1;
    for (let entry = first; entry >= 0; entry = this.nexts[entry] as number) {
      const edge = this.edges[entry] as number;
      if (edge > done + 1) diagram.push(mark, NONE, diagram.bound(node, edge - 1));
      diagram.push(mark, this.children[entry] as Node, diagram.bound(node, edge));
      done = edge;
    }
    if (done + 1 < diagram.edgeTotal(node)) diagram.push(mark, NONE, 255);
    return diagram.finish(mark, level);
  }
}
