import { type Diagram, type Node, NONE } from './diagram.ts';
import type { Ranges } from './ranges.ts';

/**
 * The nodes below a field, each with the field's values that lead there, in the order of their least values.
 *
 * @param each called for each step, so that somebody can end it
 * @param foresee called with the number of all steps where they are many, so that nobody waits for an end that is sure
 */
export function split(
  diagram: Diagram,
  node: Node,
  short: readonly number[],
  each: () => void,
  foresee: (steps: number) => void,
): ReadonlyMap<Node, Ranges<bigint>> {
  let taken = 0;
  const spend = (): void => {
    if (++taken === MANY) foresee(stepsBelow(diagram, node, short));
    each();
  };
  return short.length <= EXACT_BYTES
    ? splitNumbers(diagram, node, short, spend)
    : splitWide(diagram, node, short, spend);
}

/** Fields of any width: IPv6 addresses. */
function splitWide(
  diagram: Diagram,
  node: Node,
  levels: readonly number[],
  spend: () => void,
): Map<Node, bigint[]> {
  const found = new Map<Node, bigint[]>();
  const add = (child: Node, lo: bigint, hi: bigint): void => {
    if (child === NONE) return;
    spend();
    const values = found.get(child);
    if (values === undefined) found.set(child, [lo, hi]);
    else if (values[values.length - 1] === lo - 1n) values[values.length - 1] = hi;
    else values.push(lo, hi);
  };
  const walk = (at: Node, index: number, prefix: bigint): void => {
    if (at === NONE) return;
    spend();
    const rest = BigInt(8 * (levels.length - index));
    const level = levels[index];
    if (level === undefined || !testsAnyOf(diagram, at, levels, index)) {
      add(at, prefix << rest, (prefix << rest) + (1n << rest) - 1n);
      return;
    }
    const top = diagram.layout.top[level] as number;
    if (diagram.level(at) !== level) {
      for (let value = 0; value <= top; value++) walk(at, index + 1, (prefix << 8n) + BigInt(value));
      return;
    }
    const below = rest - 8n;
    for (let i = 0, from = 0; i < diagram.edgeTotal(at) && from <= top; i++) {
      const child = diagram.child(at, i);
      const to = Math.min(diagram.bound(at, i), top);
      if (child !== NONE && testsAnyOf(diagram, child, levels, index + 1))
        for (let value = from; value <= to; value++) walk(child, index + 1, (prefix << 8n) + BigInt(value));
      else {
        const first = (prefix << 8n) + BigInt(from);
        add(child, first << below, ((first + BigInt(to - from) + 1n) << below) - 1n);
      }
      from = to + 1;
    }
  };
  walk(node, 0, 0n);
  return found;
}

/** So many steps are no longer taken without a look at how many there will be. */
const MANY = 1 << 14;

/** How many steps a split takes, without taking them: a mask with holes has more than there is time for. */
function stepsBelow(diagram: Diagram, node: Node, levels: readonly number[]): number {
  const known = levels.map(() => new Map<Node, number>());
  const walk = (at: Node, index: number): number => {
    if (at === NONE) return 0;
    const level = levels[index];
    if (level === undefined || !testsAnyOf(diagram, at, levels, index)) return 2;
    const counted = known[index] as Map<Node, number>;
    let steps = counted.get(at);
    if (steps !== undefined) return steps;
    const top = diagram.layout.top[level] as number;
    steps = 1;
    if (diagram.level(at) !== level) steps += (top + 1) * walk(at, index + 1);
    else
      for (let i = 0, from = 0; i < diagram.edgeTotal(at) && from <= top; i++) {
        const child = diagram.child(at, i);
        const to = Math.min(diagram.bound(at, i), top);
        if (child !== NONE)
          steps += testsAnyOf(diagram, child, levels, index + 1)
            ? (to - from + 1) * walk(child, index + 1)
            : 1;
        from = to + 1;
      }
    counted.set(at, steps);
    return steps;
  };
  return walk(node, 0);
}

/** Values of so many bytes are exact as numbers, which are far cheaper than bigints. */
export const EXACT_BYTES = 6;

/** The same for fields of few bytes. */
function splitNumbers(
  diagram: Diagram,
  node: Node,
  levels: readonly number[],
  spend: () => void,
): Map<Node, bigint[]> {
  const found = new Map<Node, number[]>();
  const add = (child: Node, lo: number, hi: number): void => {
    if (child === NONE) return;
    spend();
    const values = found.get(child);
    if (values === undefined) found.set(child, [lo, hi]);
    else if (values[values.length - 1] === lo - 1) values[values.length - 1] = hi;
    else values.push(lo, hi);
  };
  const walk = (at: Node, index: number, prefix: number): void => {
    if (at === NONE) return;
    spend();
    const unit = 256 ** (levels.length - index);
    const level = levels[index];
    if (level === undefined || !testsAnyOf(diagram, at, levels, index)) {
      add(at, prefix * unit, prefix * unit + unit - 1);
      return;
    }
    const top = diagram.layout.top[level] as number;
    if (diagram.level(at) !== level) {
      for (let value = 0; value <= top; value++) walk(at, index + 1, prefix * 256 + value);
      return;
    }
    const total = diagram.edgeTotal(at);
    const below = unit / 256;
    for (let i = 0, from = 0; i < total && from <= top; i++) {
      const child = diagram.child(at, i);
      const to = Math.min(diagram.bound(at, i), top);
      if (child !== NONE && testsAnyOf(diagram, child, levels, index + 1))
        for (let value = from; value <= to; value++) walk(child, index + 1, prefix * 256 + value);
      else add(child, (prefix * 256 + from) * below, (prefix * 256 + to + 1) * below - 1);
      from = to + 1;
    }
  };
  walk(node, 0, 0);
  const exact = new Map<Node, bigint[]>();
  for (const [child, values] of found) exact.set(child, values.map(BigInt));
  return exact;
}

/** Whether the node itself tests one of the field's levels from `index` on. */
export function testsAnyOf(diagram: Diagram, node: Node, levels: readonly number[], index: number): boolean {
  const level = diagram.level(node);
  const first = levels[index];
  return (
    first !== undefined &&
    level >= first &&
    level <= (levels[levels.length - 1] as number) &&
    (levels.length === 1 || levels.includes(level))
  );
}
