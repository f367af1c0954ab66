import { ALL, type Diagram, type Node, NONE } from './diagram.ts';
import { forBoth, pairOf } from './node-pairs.ts';
import { exists, type LevelSet } from './operations.ts';

/**
 * Packets for which some value at the given levels is in both sets: the same as `exists(and(a, b))`. No more can come of it than of
 * `b` alone, so that where one value after the other is tried, the search ends as soon as there is all of that. Whether somebody
 * among 100,000 networks reaches a port is mostly known after a few of them.
 */
export function existsAnd(diagram: Diagram, a: Node, b: Node, set: LevelSet): Node {
  const memo = new Map<number, Node>();
  const walk = (one: Node, other: Node): Node => {
    if (one === NONE || other === NONE) return NONE;
    if (one === ALL || one === other) return exists(diagram, other, set);
    if (other === ALL) return exists(diagram, one, set);
    const level = Math.min(diagram.level(one), diagram.level(other));
    const asked = (diagram.fields(one) | diagram.fields(other)) & set.fields;
    if (asked === 0 || level > set.last) return diagram.and(one, other);
    const key = pairOf(one, other);
    let result = memo.get(key);
    if (result === undefined) {
      result = set.levels[level] === 1 ? some(one, other, level) : each(one, other, level);
      memo.set(key, result);
    }
    return result;
  };
  const some = (one: Node, other: Node, level: number): Node => {
    const most = exists(diagram, other, set);
    let found: Node = NONE;
    forBoth(diagram, one, other, level, (x, y) => {
      found = diagram.or(found, walk(x, y));
      return found !== most;
    });
    return found;
  };
  const each = (one: Node, other: Node, level: number): Node => {
    const mark = diagram.begin();
    forBoth(diagram, one, other, level, (x, y, bound) => {
      diagram.push(mark, walk(x, y), bound);
      return true;
    });
    return diagram.finish(mark, level);
  };
  return walk(a, b);
}
