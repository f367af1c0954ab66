import { ALL, type Node } from '../packet/diagram.ts';
import { rangesNode } from '../packet/literals.ts';
import type { Chain, Rule, Ruleset } from '../rule/ruleset.ts';
import { Analysis } from '../symbolic/analysis.ts';
import { visibleWithRule } from '../symbolic/bounds.ts';
import type { RuleLabels } from '../symbolic/chains.ts';
import type { Stage } from '../symbolic/stages.ts';
import type { Flow } from '../symbolic/summary.ts';
import type { FamilyView, HookView } from './view.ts';

/**
 * One filtering chain with what it calls, analysed once more with each rule's number as a field of the packets that it
 * accepts. That costs about as much as without, and then all rules' packets are there together, in one set.
 */
export class LabelledStage {
  private readonly lines: readonly (Rule | Chain)[];
  private readonly analysis: Analysis;

  constructor(
    private readonly view: FamilyView,
    hook: HookView,
    readonly stage: Stage,
  ) {
    this.lines = linesOf(view.ruleset, stage.chain);
    const of = new Map(this.lines.map((line, i) => [line, i + 1] as const));
    const labels: RuleLabels = { chain: stage.chain.id, of };
    const { scope, predicates } = hook.analysis;
    this.analysis = new Analysis(view.space, view.ruleset, scope, false, predicates, labels);
  }

  /** What the chain accepts of flows that enter it, in box fields, each packet with the numbers of the lines that can accept it. */
  accepted(flows: readonly Flow[]): Node {
    const { diagram } = this.view;
    const sets = flows.flatMap((flow) => {
      const { accept } = this.analysis.stageSummary(this.stage, flow.transform);
      return this.analysis.algebra.follow([flow], accept).map(({ set }) => set);
    });
    return visibleWithRule(diagram, diagram.orAll(sets));
  }

  /** Labelled packets of rules only, or of the policy only. */
  only(labelled: Node, what: 'rules' | 'policy'): Node {
    const policy = this.lines.length;
    const numbers = what === 'policy' ? [policy, policy] : [0, policy - 1];
    return this.view.diagram.and(labelled, rangesNode(this.view.diagram, 'rule', numbers, ALL));
  }

  /** The rule, or the base chain for its policy, of a number. */
  line(label: number): Rule | Chain {
    return this.lines[label - 1] as Rule | Chain;
  }
}

/** The rules that packets of the chain can meet, in the order in which they do, and the chain itself last, for its policy. */
function linesOf(ruleset: Ruleset, base: Chain): (Rule | Chain)[] {
  const chains = new Map(ruleset.chains.map((chain) => [chain.id, chain]));
  const lines: (Rule | Chain)[] = [];
  const seen = new Set([base.id]);
  const open: { readonly rules: readonly Rule[]; next: number }[] = [{ rules: base.rules, next: 0 }];
  for (let top = open[open.length - 1]; top !== undefined; top = open[open.length - 1]) {
    const rule = top.rules[top.next++];
    if (rule === undefined) {
      open.pop();
      continue;
    }
    lines.push(rule);
    // What the last call calls is met last, so it lies at the bottom.
    for (const id of calledBy(rule).reverse()) {
      const chain = chains.get(id);
      if (chain === undefined || seen.has(id)) continue;
      seen.add(id);
      open.push({ rules: chain.rules, next: 0 });
    }
  }
  return [...lines, base];
}

function calledBy({ actions }: Rule): string[] {
  return actions.flatMap((action) =>
    action.kind === 'jump' || action.kind === 'goto' ? [action.chain] : [],
  );
}
