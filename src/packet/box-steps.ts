import { ALL, type Diagram, type Node, NONE } from './diagram.ts';
import { EXACT_BYTES, split, testsAnyOf } from './field-split.ts';
import { type DiagramField, isAddress } from './layout.ts';
import type { Ranges } from './ranges.ts';

type Spend = (steps: number) => void;

/** The nodes below a field, each with the field's values that lead there. */
type Below = readonly (readonly [Node, Ranges<bigint>])[];

interface Step {
  readonly below: Below;
  /** How many ranges and nodes it took to find them: what a limit counts, also where they are known already. */
  readonly cost: number;
}

/** A diagram's steps are forgotten when so many ranges and nodes are known: they shall not outweigh the diagram. */
const KNOWN_STEPS = 1 << 19;

/**
 * The steps through fields that boxes of a diagram's sets take. The sets of one rule set differ in some fields and share
 * what they say of the others, as one node: its values are found once, and are one array in all the boxes.
 */
class Steps {
  private readonly known: readonly [Map<Node, Step>, Map<Node, Step>] = [new Map(), new Map()];
  private size = 0;

  constructor(private readonly diagram: Diagram) {}

  split(node: Node, field: DiagramField, ipv4: boolean, spend: Spend): Below {
    const levels = levelsOf(this.diagram, field, ipv4);
    const single = levels.length <= EXACT_BYTES ? singleStep(this.diagram, node, levels) : undefined;
    if (single !== undefined) {
      spend(1);
      return this.addresses(single, field, ipv4, spend);
    }
    const only = isAddress(field) ? undefined : onlyBelow(this.diagram, node, levels);
    if (only === undefined) return this.step(node, field, ipv4, spend);
    const [[, values]] = this.step(only.shape, field, ipv4, spend) as [readonly [Node, Ranges<bigint>]];
    return [[only.below, values]];
  }

  /** The node's step, found once. */
  private step(node: Node, field: DiagramField, ipv4: boolean, spend: Spend): Below {
    const known = this.known[ipv4 ? 1 : 0];
    let step = known.get(node);
    if (step === undefined) {
      step = this.found(node, field, ipv4, spend);
      if (this.size > KNOWN_STEPS) this.forget();
      known.set(node, step);
      this.size += step.cost;
    } else spend(step.cost);
    return step.below;
  }

  private found(node: Node, field: DiagramField, ipv4: boolean, spend: Spend): Step {
    let cost = 0;
    const each = (): void => {
      cost++;
      spend(1);
    };
    // What is left is asked, and not taken.
    const foresee = (steps: number): void => {
      spend(steps - cost);
      spend(cost - steps);
    };
    const below = split(this.diagram, node, levelsOf(this.diagram, field, ipv4), each, foresee);
    return { below: this.addresses([...below], field, ipv4, spend), cost };
  }

  /** Addresses in the place of the numbers that the diagram has for them, in the order of the least. */
  private addresses(below: Below, field: DiagramField, ipv4: boolean, spend: Spend): Below {
    const { numbering } = this.diagram;
    if (numbering === undefined || !isAddress(field)) return below;
    const found = below.map(([child, numbers]) => {
      const addresses = numbering.addressesOf(numbers, ipv4 ? 4 : 16);
      spend(addresses.length / 2);
      return [child, addresses] as const;
    });
    return found.sort(([, a], [, b]) => ((a[0] as bigint) < (b[0] as bigint) ? -1 : 1));
  }

  private forget(): void {
    for (const map of this.known) map.clear();
    this.size = 0;
  }
}

const STEPS = new WeakMap<Diagram, Steps>();

/** The steps of a diagram's sets, kept as long as the diagram. */
export function stepsOf(diagram: Diagram): Steps {
  let steps = STEPS.get(diagram);
  if (steps === undefined) {
    steps = new Steps(diagram);
    STEPS.set(diagram, steps);
  }
  return steps;
}

/**
 * A node's values of a field where all lead to one node: `shape` has the same values, and everything below. Many sets name the same
 * interfaces and go on differently.
 */
function onlyBelow(
  diagram: Diagram,
  node: Node,
  levels: readonly number[],
): { readonly below: Node; readonly shape: Node } | undefined {
  if (levels.length <= EXACT_BYTES) return undefined;
  let below: Node | undefined;
  const walk = (at: Node, index: number): Node | undefined => {
    if (at === NONE) return NONE;
    if (!testsAnyOf(diagram, at, levels, index)) {
      below ??= at;
      return at === below ? ALL : undefined;
    }
    const mark = diagram.begin();
    const total = diagram.edgeTotal(at);
    for (let i = 0; i < total; i++) {
      const child = walk(diagram.child(at, i), index + 1);
      if (child === undefined) {
        diagram.drop(mark);
        return undefined;
      }
      diagram.push(mark, child, diagram.bound(at, i));
    }
    return diagram.finish(mark, diagram.level(at));
  };
  const shape = walk(node, 0);
  return shape === undefined || below === undefined ? undefined : { below, shape };
}

/** The levels of a field's values. For IPv4 the twelve unused address bytes do not count. */
function levelsOf({ layout }: Diagram, field: DiagramField, ipv4: boolean): readonly number[] {
  const levels = layout.levels[field];
  if (!ipv4 || levels.length !== 16) return levels;
  let short = SHORT.get(levels);
  if (short === undefined) {
    short = levels.slice(0, 4);
    SHORT.set(levels, short);
  }
  return short;
}

const SHORT = new Map<readonly number[], readonly number[]>();

/** One range of values that leads to one node, which most fields of most sets are; undefined of everything else. */
function singleStep(diagram: Diagram, node: Node, levels: readonly number[]): Below | undefined {
  let at = node;
  let [from, to] = [0, 0];
  let index = 0;
  for (; index < levels.length && from === to && diagram.level(at) === levels[index]; index++) {
    const edge = diagram.onlyEdge(at);
    if (edge < 0) return undefined;
    const least = edge === 0 ? 0 : diagram.bound(at, edge - 1) + 1;
    const top = diagram.layout.top[levels[index] as number] as number;
    to = from * 256 + Math.min(diagram.bound(at, edge), top);
    from = from * 256 + least;
    at = diagram.child(at, edge);
  }
  if (testsAnyOf(diagram, at, levels, index)) return undefined;
  const unit = 256 ** (levels.length - index);
  const [lo, hi] = [from * unit, (to + 1) * unit - 1];
  return [[at, lo === hi && lo < 1 << 16 ? single(lo) : [BigInt(lo), BigInt(hi)]]];
}

/** Ranges of one port or protocol, made once: most boxes have such. What they become in a report is then made once, too. */
const SINGLES = new Map<number, Ranges<bigint>>();

function single(value: number): Ranges<bigint> {
  let range = SINGLES.get(value);
  if (range === undefined) {
    range = [BigInt(value), BigInt(value)];
    SINGLES.set(value, range);
  }
  return range;
}
