import { decidedPackets, packetsWith } from '../packet/decision.ts';
import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { firstPart } from '../packet/first-of.ts';
import type { Part } from '../packet/product.ts';
import type { Rule } from '../rule/ruleset.ts';
import { type Flow, NO_FLOWS, PASS, type Summary } from './summary.ts';
import { IDENTITY } from './transform.ts';

/**
 * A run of rules with its summary, split in two halves down to single rules. The halves let a walk skip the runs that do
 * not concern it.
 */
export interface Segment {
  readonly summary: Summary;
  readonly halves: readonly [Segment, Segment] | undefined;
  /** In a leaf: its rule. */
  readonly rule: Rule | undefined;
  /** Where every packet comes to one certain outcome or falls through unchanged: which (packet/decision.ts). */
  readonly decision: Node | undefined;
}

/** A chain without rules. */
export const EMPTY: Segment = { summary: PASS, halves: undefined, rule: undefined, decision: NONE };

/** What a decision does, as a summary; each set is made when it is first asked for. */
export class DecisionSummary implements Summary {
  readonly moved = NO_FLOWS;
  private readonly known: Partial<Record<'accept' | 'deny' | 'back', readonly Flow[]>> = {};

  constructor(
    private readonly diagram: Diagram,
    private readonly decision: Node,
  ) {}

  get accept(): readonly Flow[] {
    return this.flows('accept');
  }

  get deny(): readonly Flow[] {
    return this.flows('deny');
  }

  get back(): readonly Flow[] {
    return this.flows('back');
  }

  get stop(): Node {
    return decidedPackets(this.diagram, this.decision);
  }

  private flows(outcome: 'accept' | 'deny' | 'back'): readonly Flow[] {
    this.known[outcome] ??= flowsOf(packetsWith(this.diagram, this.decision, outcome));
    return this.known[outcome];
  }
}

/** What a base chain does whose rules make a decision: what they leave undecided, its policy decides. */
export class PolicySummary implements Summary {
  readonly moved = NO_FLOWS;
  readonly back = NO_FLOWS;
  readonly stop = ALL;
  private readonly known: Partial<Record<'accept' | 'deny', readonly Flow[]>> = {};

  constructor(
    private readonly diagram: Diagram,
    private readonly decision: Node,
    private readonly policy: 'accept' | 'drop',
  ) {}

  get accept(): readonly Flow[] {
    this.known.accept ??= flowsOf(this.packets('accept', this.policy === 'accept'));
    return this.known.accept;
  }

  get deny(): readonly Flow[] {
    this.known.deny ??= flowsOf(this.packets('deny', this.policy === 'drop'));
    return this.known.deny;
  }

  private packets(outcome: 'accept' | 'deny', byPolicy: boolean): Node {
    const { diagram, decision } = this;
    if (!byPolicy) return packetsWith(diagram, decision, outcome);
    return diagram.not(packetsWith(diagram, decision, outcome === 'accept' ? 'deny' : 'accept'));
  }
}

function flowsOf(set: Node): readonly Flow[] {
  return set === NONE ? NO_FLOWS : [{ transform: IDENTITY, set }];
}

const UNKNOWN = -1;

/** Rules that each decide for certain, combined as a balanced tree of decisions. */
export class PlainRun implements Segment {
  private parts: readonly [PlainRun, PlainRun] | undefined;
  private known: Summary | undefined;

  /**
   * @param rules of which this run is [from, to)
   * @param own what each rule of the whole run decides, of which the first is rule `first`
   * @param tree the decisions of the run (at `slot`) and of its halves (at 2 · slot + 1 and 2 · slot + 2), and so on, as far as
   *   anybody asked for them
   */
  private constructor(
    private readonly diagram: Diagram,
    private readonly rules: readonly Rule[],
    private readonly own: readonly Part[],
    private readonly first: number,
    private readonly from: number,
    private readonly to: number,
    private readonly tree: Int32Array,
    private readonly slot: number,
  ) {}

  /** @param own of the rules from `from` on: what each decides; at least one */
  static of(diagram: Diagram, rules: readonly Rule[], from: number, own: readonly Part[]): PlainRun {
    const tree = new Int32Array(2 << Math.ceil(Math.log2(own.length))).fill(UNKNOWN);
    return new PlainRun(diagram, rules, own, from, from, from + own.length, tree, 0);
  }

  /** The rules in order, each with what it decides. */
  *entries(): Iterable<readonly [Rule, Part]> {
    for (let at = this.from; at < this.to; at++)
      yield [this.rules[at] as Rule, this.own[at - this.first] as Part];
  }

  get decision(): Node {
    const { diagram, own, first, from, to, tree, slot } = this;
    const decision = tree[slot] as Node;
    if (decision !== UNKNOWN) return decision;
    const keep = (at: number, node: Node): void => {
      tree[at] = node;
    };
    return firstPart(diagram, own, from - first, to - first, keep, slot);
  }

  get rule(): Rule | undefined {
    return this.to - this.from === 1 ? this.rules[this.from] : undefined;
  }

  get halves(): readonly [PlainRun, PlainRun] | undefined {
    const { diagram, rules, own, first, from, to, tree, slot } = this;
    if (to - from === 1) return undefined;
    const middle = from + ((to - from) >> 1);
    this.parts ??= [
      new PlainRun(diagram, rules, own, first, from, middle, tree, 2 * slot + 1),
      new PlainRun(diagram, rules, own, first, middle, to, tree, 2 * slot + 2),
    ];
    return this.parts;
  }

  get summary(): Summary {
    this.known ??= this.decision === NONE ? PASS : new DecisionSummary(this.diagram, this.decision);
    return this.known;
  }
}
