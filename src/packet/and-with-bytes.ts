import { ALL, type Diagram, type Node, NONE } from './diagram.ts';
import { fieldsAt } from './operations.ts';

/** Nodes are numbers below 2^24 (node-memory.ts). */
const NODES = 2 ** 24;

/**
 * The packets of `a` that are in `b` once each byte at a level of `values` has that one value, whatever it was: the same as
 * `and(a, withBytes(b, values))`. Of `b` only what concerns `a` is looked at. A router forwards thousands of published ports by one
 * chain about thousands of networks, and each port is about one of them.
 */
export function andWithBytes(diagram: Diagram, a: Node, b: Node, values: ReadonlyMap<number, number>): Node {
  const fields = fieldsAt(diagram.layout, values.keys());
  const memo = new Map<number, Node>();
  const walk = (one: Node, other: Node): Node => {
    if (one === NONE || other === NONE) return NONE;
    if ((diagram.fields(other) & fields) === 0) return diagram.and(one, other);
    const level = diagram.level(other);
    const value = values.get(level);
    if (value !== undefined) return walk(one, diagram.step(other, level, value));
    const key = one * NODES + other;
    let result = memo.get(key);
    if (result === undefined) {
      result = both(one, other, level);
      memo.set(key, result);
    }
    return result;
  };
  /** The two nodes' children by turns, as far as both have them. */
  const both = (one: Node, other: Node, otherLevel: number): Node => {
    const oneLevel = one === ALL ? Number.POSITIVE_INFINITY : diagram.level(one);
    const level = Math.min(oneLevel, otherLevel);
    const mark = diagram.begin();
    for (let i = 0, j = 0, end = 0; ; ) {
      const x = oneLevel === level ? diagram.child(one, i) : one;
      const endX = oneLevel === level ? diagram.bound(one, i) : 255;
      // Where the one has nothing, the edges of the other are passed over: they may be many.
      if (x === NONE && otherLevel === level) j = diagram.edgeTo(other, j, endX);
      const y = otherLevel === level ? diagram.child(other, j) : other;
      const endY = otherLevel === level ? diagram.bound(other, j) : 255;
      end = Math.min(endX, endY);
      diagram.push(mark, walk(x, y), end);
      if (end === 255) return diagram.finish(mark, level);
      if (oneLevel === level && endX === end) i++;
      if (otherLevel === level && endY === end) j++;
    }
  };
  return walk(a, b);
}
