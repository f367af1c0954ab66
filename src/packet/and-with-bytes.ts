import { type Diagram, type Node, NONE } from './diagram.ts';
import { forBoth, pairOf } from './node-pairs.ts';
import { fieldsAt } from './operations.ts';

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
    const key = pairOf(one, other);
    let result = memo.get(key);
    if (result === undefined) {
      result = both(one, other, Math.min(diagram.level(one), level));
      memo.set(key, result);
    }
    return result;
  };
  const both = (one: Node, other: Node, level: number): Node => {
    const mark = diagram.begin();
    forBoth(diagram, one, other, level, (x, y, bound) => {
      diagram.push(mark, walk(x, y), bound);
      return true;
    });
    return diagram.finish(mark, level);
  };
  return walk(a, b);
}
