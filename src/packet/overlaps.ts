import { type Diagram, type Node, NONE } from './diagram.ts';
import { meets } from './relations.ts';

/** So many pairs for each set, and these few besides, before somebody else should tell the sets apart. */
const PAIRS = 16;
const FEW_PAIRS = 1_000;
/** With so many others a set is compared in one field, on average. */
const STEPS = 512;
/** With more than so many it is compared in the other fields too. */
const MANY = 8;
/** So many pairs for each set that do share packets. */
const OVERLAPS = 8;
/** Sets are sorted by one of these fields: by the first that few sets leave open, or leave wide. */
const FIELDS = ['src', 'dst', 'dport'] as const;
/** One set in so many is few. */
const FEW_WIDE = 20;
/** So many bytes of a field count: an IPv4 address. */
const BYTES = 4;
/** Of an address, or of all ports. */
const WIDE = 2 ** 16 - 1;

/** Pairs of sets by their places in a list, one after the other. */
export type Pairs = readonly number[];

/**
 * The pairs of sets that may share packets, as far as the addresses and the port tell: of rules about different ones these are
 * few, also where many name one source, each with a port of its own.
 *
 * @param sets none of them empty; decisions are taken as the set of what they decide
 * @returns undefined where they are many
 */
export function neighboursOf(diagram: Diagram, sets: readonly Node[]): Pairs | undefined {
  const first = narrowest(diagram, sets);
  const others: Spans[] = [];
  const { least } = first;
  const order = Uint32Array.from(sets.keys()).sort((a, b) => (least[a] as number) - (least[b] as number));
  const pairs: number[] = [];
  const open: number[] = [];
  let [most, steps] = [FEW_PAIRS, FEW_PAIRS];
  for (const i of order) {
    keepOpen(open, first, least[i] as number);
    most += PAIRS;
    steps += STEPS - open.length;
    if (steps < 0) return undefined;
    // The other fields cost as much as the first, and mostly nobody needs them.
    if (open.length > MANY && others.length === 0) others.push(...otherSpans(diagram, sets, first));
    addPairs(pairs, i, open, others);
    if (pairs.length / 2 > most) return undefined;
    open.push(i);
  }
  return pairs;
}

/** Takes away those of the sets that end before the value. */
function keepOpen(open: number[], { greatest }: Spans, from: number): void {
  let total = 0;
  for (const j of open) if ((greatest[j] as number) >= from) open[total++] = j;
  open.length = total;
}

/** Adds the pairs of a set and others that have a value in common in each of the fields. */
function addPairs(pairs: number[], i: number, others: readonly number[], fields: readonly Spans[]): void {
  let close = others;
  for (const { least, greatest } of fields) {
    const [lo, hi] = [least[i] as number, greatest[i] as number];
    close = close.filter((j) => (least[j] as number) <= hi && (greatest[j] as number) >= lo);
  }
  for (const j of close) pairs.push(i, j);
}

/**
 * Which of the sets share packets with earlier ones: for each that does, those earlier ones.
 *
 * @param neighbours the pairs that may, see {@link neighboursOf}
 * @returns undefined where such pairs are many
 */
export function overlapsOf(
  diagram: Diagram,
  sets: readonly Node[],
  neighbours: Pairs,
): ReadonlyMap<number, readonly number[]> | undefined {
  const found = new Map<number, number[]>();
  let left = OVERLAPS * sets.length;
  for (let at = 0; at < neighbours.length; at += 2) {
    const [i, j] = [neighbours[at] as number, neighbours[at + 1] as number];
    if (!meets(diagram, sets[i] as Node, sets[j] as Node)) continue;
    if (--left < 0) return undefined;
    const later = Math.max(i, j);
    const earlier = found.get(later);
    if (earlier === undefined) found.set(later, [Math.min(i, j)]);
    else earlier.push(Math.min(i, j));
  }
  return found;
}

/** The least and the greatest value of a field's first bytes among each set's packets. */
interface Spans {
  readonly field: (typeof FIELDS)[number];
  readonly least: Float64Array;
  readonly greatest: Float64Array;
  /** How many sets have no bounds that are easily told. */
  readonly wide: number;
}

/** By the field that tells most of the sets apart. */
function narrowest(diagram: Diagram, sets: readonly Node[]): Spans {
  let best: Spans | undefined;
  for (const field of FIELDS) {
    const spans = spansOf(diagram, sets, field);
    if (best === undefined || spans.wide < best.wide) best = spans;
    if (best.wide * FEW_WIDE <= sets.length) break;
  }
  return best as Spans;
}

function otherSpans(diagram: Diagram, sets: readonly Node[], { field }: Spans): Spans[] {
  const others = FIELDS.filter((other) => other !== field).map((other) => spansOf(diagram, sets, other));
  return others.sort((a, b) => a.wide - b.wide);
}

function spansOf(diagram: Diagram, sets: readonly Node[], field: Spans['field']): Spans {
  const levels = diagram.layout.levels[field].slice(0, BYTES);
  const least = new Float64Array(sets.length);
  const greatest = new Float64Array(sets.length);
  let wide = 0;
  for (const [i, set] of sets.entries()) {
    const node = below(diagram, set, levels[0] as number);
    greatest[i] = node === NONE ? Number.POSITIVE_INFINITY : endOf(diagram, node, levels, true);
    least[i] = node === NONE ? 0 : endOf(diagram, node, levels, false);
    if ((greatest[i] as number) - (least[i] as number) >= WIDE) wide++;
  }
  return { field, least, greatest, wide };
}

/** The one node of the set at the level or below it; NONE where there are several. */
function below(diagram: Diagram, set: Node, level: number): Node {
  let node = set;
  while (node !== NONE && diagram.level(node) < level) node = diagram.onlyChild(node);
  return node;
}

/** The least or the greatest value that the levels have in the set, which is not empty. */
function endOf(diagram: Diagram, set: Node, levels: readonly number[], greatest: boolean): number {
  let node = set;
  let value = 0;
  for (const level of levels) {
    value *= 256;
    if (diagram.level(node) !== level) {
      if (greatest) value += 255;
      continue;
    }
    const total = diagram.edgeTotal(node);
    const end = greatest ? total - 1 : 0;
    const edge = diagram.child(node, end) !== NONE ? end : greatest ? end - 1 : 1;
    if (greatest) value += diagram.bound(node, edge);
    else if (edge > 0) value += diagram.bound(node, edge - 1) + 1;
    node = diagram.child(node, edge);
  }
  return value;
}
