import { type Diagram, type Node, NONE } from './diagram.ts';

/** Nodes are numbers below 2^24 (node-memory.ts). */
const NODES = 2 ** 24;

/** A number for two nodes. */
export const pairOf = (a: Node, b: Node): number => a * NODES + b;

/** The children of two nodes for the same values of a level, in ascending order up to each `bound`, until one visit says no. */
export function forBoth(
  diagram: Diagram,
  a: Node,
  b: Node,
  level: number,
  visit: (a: Node, b: Node, bound: number) => boolean,
): void {
  const [testsA, testsB] = [diagram.level(a) === level, diagram.level(b) === level];
  for (let i = 0, j = 0; ; ) {
    const endA = testsA ? diagram.bound(a, i) : 255;
    const x = testsA ? diagram.child(a, i) : a;
    // Where the one has nothing, the edges of the other are passed over: they may be many.
    if (x === NONE && testsB) j = diagram.edgeTo(b, j, endA);
    const endB = testsB ? diagram.bound(b, j) : 255;
    const y = testsB ? diagram.child(b, j) : b;
    if (y === NONE && testsA) i = diagram.edgeTo(a, i, endB);
    const end = Math.min(testsA ? diagram.bound(a, i) : 255, endB);
    if (!visit(y === NONE || x === NONE ? NONE : x, y, end) || end === 255) return;
    if (testsA && diagram.bound(a, i) === end) i++;
    if (testsB && endB === end) j++;
  }
}
