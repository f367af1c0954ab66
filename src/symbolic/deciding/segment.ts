import { decidedPackets, packetsWith } from '../../packet/decision.ts';
import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { firstOf } from '../../packet/first-of.ts';
import { meets } from '../../packet/relations.ts';
import type { Rule } from '../../rule/ruleset.ts';
import { type Flow, NO_FLOWS, PASS, type Summary } from '../chains/summary.ts';
import { IDENTITY } from '../translation/transform.ts';

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

/** Puts the decisions of single rules where the halves of halves find them. */
function keepLeaves(
  tree: Int32Array,
  decisions: readonly Node[],
  from: number,
  to: number,
  slot: number,
): void {
  if (to - from < 2) {
    tree[slot] = decisions[from] as Node;
    return;
  }
  const middle = (from + to) >> 1;
  keepLeaves(tree, decisions, from, middle, 2 * slot + 1);
  keepLeaves(tree, decisions, middle, to, 2 * slot + 2);
}

/** Rules that each decide for certain, combined as a balanced tree of decisions. */
export class PlainRun implements Segment {
  private parts: readonly [PlainRun, PlainRun] | undefined;
  private known: Summary | undefined;

  /**
   * @param rules of which this run is [from, to)
   * @param tree the decisions of the run (at `slot`) and of its halves (at 2 · slot + 1 and 2 · slot + 2), and so on
   */
  private constructor(
    private readonly diagram: Diagram,
    private readonly rules: readonly Rule[],
    private readonly from: number,
    private readonly to: number,
    private readonly tree: Int32Array,
    private readonly slot: number,
  ) {}

  /** @param decisions of the rules [from, to); at least one */
  static of(diagram: Diagram, rules: readonly Rule[], from: number, decisions: readonly Node[]): PlainRun {
    const tree = new Int32Array(2 << Math.ceil(Math.log2(decisions.length))).fill(UNKNOWN);
    keepLeaves(tree, decisions, 0, decisions.length, 0);
    firstOf(diagram, decisions, 0, decisions.length, (slot, decision) => {
      tree[slot] = decision;
    });
    return new PlainRun(diagram, rules, from, from + decisions.length, tree, 0);
  }

  /** The rules in order, each with its decision. */
  *entries(): Iterable<readonly [Rule, Node]> {
    const stack: PlainRun[] = [this];
    for (let run = stack.pop(); run !== undefined; run = stack.pop()) {
      const { halves, rule } = run;
      if (halves !== undefined) stack.push(halves[1], halves[0]);
      else if (rule !== undefined) yield [rule, run.decision];
    }
  }

  /** The rules that decide some of the packets where these come to them, in order. */
  *rulesAbout(packets: Node): Iterable<Rule> {
    const stack: PlainRun[] = [this];
    for (let run = stack.pop(); run !== undefined; run = stack.pop()) {
      if (!meets(this.diagram, packets, run.decision)) continue;
      const { halves, rule } = run;
      if (halves !== undefined) stack.push(halves[1], halves[0]);
      else if (rule !== undefined) yield rule;
    }
  }

  get decision(): Node {
    const { tree, slot } = this;
    let decision = tree[slot] as Node;
    if (decision === UNKNOWN && this.halves !== undefined) {
      decision = this.diagram.first(this.halves[0].decision, this.halves[1].decision);
      tree[slot] = decision;
    }
    return decision;
  }

  get rule(): Rule | undefined {
    return this.to - this.from === 1 ? this.rules[this.from] : undefined;
  }

  get halves(): readonly [PlainRun, PlainRun] | undefined {
    const { diagram, rules, from, to, tree, slot } = this;
    if (to - from === 1) return undefined;
    const middle = from + ((to - from) >> 1);
    this.parts ??= [
      new PlainRun(diagram, rules, from, middle, tree, 2 * slot + 1),
      new PlainRun(diagram, rules, middle, to, tree, 2 * slot + 2),
    ];
    return this.parts;
  }

  get summary(): Summary {
    this.known ??= this.decision === NONE ? PASS : new DecisionSummary(this.diagram, this.decision);
    return this.known;
  }
}
