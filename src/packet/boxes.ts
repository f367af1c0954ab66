import { ALL, type Diagram, DiagramLimit, type Node, NONE } from './diagram.ts';
import { type DiagramField, FIELD_OF_LEVEL, LEVEL_TOP, LEVELS } from './layout.ts';
import type { Ranges } from './ranges.ts';

/**
 * A product of field sets; a field that is absent is unconstrained. Addresses are in `src`/`dst` as bigints,
 * in the family's width where `family` is constrained to one; interface names are ranges of 15-byte strings (see
 * interface-names.ts).
 */
export type PacketBox = Partial<Record<DiagramField, Ranges<bigint>>>;

/** Thrown where a set has more ranges than anybody reads; the analysis turns it into a diagnostic. */
export class BoxLimit extends DiagramLimit {}

/**
 * How many ranges the boxes of one set may have together. The address mask 0.0.0.255 alone has 16 million, and an IPv6
 * one more than there is time to count.
 */
const RANGE_LIMIT = 5_000_000;

/**
 * The boxes of a set: disjoint, exact, in ascending order. A box exists for each path through the fields.
 *
 * @throws BoxLimit where they have more than `limit` ranges
 */
export function boxesOf(diagram: Diagram, node: Node, limit: number = RANGE_LIMIT): PacketBox[] {
  const boxes: PacketBox[] = [];
  let left = limit;
  const spend = (): void => {
    if (--left < 0) throw new BoxLimit(`more than ${limit} ranges`);
  };
  const walk = (at: Node, box: PacketBox, ipv4: boolean): void => {
    if (at === NONE) return;
    if (at === ALL) {
      boxes.push(box);
      return;
    }
    const field = FIELD_OF_LEVEL[diagram.level(at)];
    if (field === undefined) throw new Error('a set that depends on opaque predicates has no boxes');
    // The bytes of mark and ctmark alternate, so one product cannot hold what a set says of both.
    if (box[field] !== undefined) throw new Error('a set that compares mark and ctmark has no boxes');
    for (const [child, values] of split(diagram, at, field, ipv4, spend)) {
      const family4 = field === 'family' ? values[0] === 0n && values.length === 2 && values[1] === 0n : ipv4;
      walk(child, { ...box, [field]: values }, family4);
    }
  };
  walk(node, {}, false);
  return boxes;
}

/**
 * The nodes below a field, each with the field's values that lead there, in the order of their least values.
 * For IPv4 the twelve unused address bytes do not count.
 *
 * @param spend called for each step, so that somebody can end it
 */
function split(
  diagram: Diagram,
  node: Node,
  field: DiagramField,
  ipv4: boolean,
  spend: () => void,
): Map<Node, bigint[]> {
  const levels = LEVELS[field];
  const short = ipv4 && levels.length === 16 ? levels.slice(0, 4) : levels;
  if (short.length <= EXACT_BYTES) return splitNumbers(diagram, node, short, spend);
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
    const rest = BigInt(8 * (short.length - index));
    const level = short[index];
    if (level === undefined || !testsAnyOf(diagram, at, short, index)) {
      add(at, prefix << rest, (prefix << rest) + (1n << rest) - 1n);
      return;
    }
    const top = LEVEL_TOP[level] as number;
    const tests = diagram.level(at) === level;
    if (!tests) {
      for (let value = 0; value <= top; value++) walk(at, index + 1, (prefix << 8n) + BigInt(value));
      return;
    }
    let from = 0;
    for (let i = 0; i < diagram.edgeTotal(at) && from <= top; i++) {
      const child = diagram.child(at, i);
      const to = Math.min(diagram.bound(at, i), top);
      if (child !== NONE && testsAnyOf(diagram, child, short, index + 1))
        for (let value = from; value <= to; value++) walk(child, index + 1, (prefix << 8n) + BigInt(value));
      else {
        const below = rest - 8n;
        add(
          child,
          ((prefix << 8n) + BigInt(from)) << below,
          (((prefix << 8n) + BigInt(to) + 1n) << below) - 1n,
        );
      }
      from = to + 1;
    }
  };
  walk(node, 0, 0n);
  return found;
}

/** Values of so many bytes are exact as numbers, which are far cheaper than bigints. */
const EXACT_BYTES = 6;

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
    const top = LEVEL_TOP[level] as number;
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
function testsAnyOf(diagram: Diagram, node: Node, levels: readonly number[], index: number): boolean {
  const level = diagram.level(node);
  const first = levels[index];
  return (
    first !== undefined &&
    level >= first &&
    level <= (levels[levels.length - 1] as number) &&
    (levels.length === 1 || levels.includes(level))
  );
}
