import { isLeaf, leafOf } from '../../packet/decision.ts';
import { ALL, type Diagram, type Node } from '../../packet/diagram.ts';
import type { Chain, Rule, Ruleset } from '../../rule/ruleset.ts';
import type { ConditionCompiler } from '../conditions/compile.ts';
import { RuleDecisions } from '../deciding/rule-decisions.ts';
import { EMPTY, PlainRun, PolicySummary, type Segment } from '../deciding/segment.ts';
import { type Place, placeKey, type Scope, type Surroundings } from '../scope.ts';
import { callOrderOf, NESTING_LIMIT } from './call-order.ts';
import { type RuleLabels, RuleSummaries } from './rule-summaries.ts';
import { DENY, type Summary, type SummaryAlgebra } from './summary.ts';

export type { Segment } from '../deciding/segment.ts';

/** Chains that others summarize, and who does; see common.ts. */
export interface CommonChains {
  readonly of: ChainSummaries;
  readonly ids: ReadonlySet<string>;
}

/** Turns chains into summaries, each once for every place at which it is used. */
export class ChainSummaries {
  private readonly chains: ReadonlyMap<string, Chain>;
  private readonly memo = new Map<string, Segment>();
  /** Chains with the rules that nothing can reach, where they have any. */
  private readonly whole = new Map<string, Segment>();
  private readonly cut = new Set<string>();
  private isCut = false;
  private readonly bases = new Map<string, Summary>();
  private readonly order: ReturnType<typeof callOrderOf>;
  private readonly decisions: RuleDecisions;
  private readonly rules: RuleSummaries;

  constructor(
    private readonly diagram: Diagram,
    compiler: ConditionCompiler,
    private readonly algebra: SummaryAlgebra,
    scope: Scope,
    surroundings: Surroundings,
    ruleset: Ruleset,
    private readonly labels?: RuleLabels,
    private readonly common?: CommonChains,
  ) {
    const called = { summary: (id: string, place: Place) => this.body(this.chain(id), place).summary };
    this.rules = new RuleSummaries(diagram, compiler, algebra, scope, surroundings, called, labels);
    this.chains = new Map(ruleset.chains.map((chain) => [chain.id, chain]));
    this.order = callOrderOf(ruleset);
    this.decisions = new RuleDecisions(diagram, compiler, {
      leaf: (_, outcome) => leafOf(outcome),
      chain: (id, place) => this.body(this.chain(id), place).decision,
    });
  }

  /** A base chain with its policy: everything ends in `accept` or `deny`. */
  base(chain: Chain, place: Place): Summary {
    const owner = this.ownerOf(chain);
    if (owner !== this) return owner.base(chain, place);
    const key = `${placeKey(place)} ${chain.id}`;
    let summary = this.bases.get(key);
    if (summary === undefined) {
      summary = this.withPolicy(chain, this.body(chain, place));
      this.bases.set(key, summary);
    }
    return summary;
  }

  private withPolicy(chain: Chain, { decision, summary }: Segment): Summary {
    const policy = chain.base?.policy ?? 'accept';
    if (decision !== undefined && this.labels === undefined)
      return new PolicySummary(this.diagram, decision, policy);
    const body = this.algebra.called(summary);
    return this.algebra.sequence(body, policy === 'drop' ? DENY : this.rules.accept(chain));
  }

  /**
   * A chain's rules one after the other; what returns is in `back`.
   *
   * @param whole with the rules that nothing can reach: a walk that passes over what denies comes to them
   */
  body(chain: Chain, place: Place, whole = false): Segment {
    const owner = this.ownerOf(chain);
    if (owner !== this) return owner.body(chain, place, whole);
    const segment = this.reached(chain, place);
    const key = `${placeKey(place)} ${chain.id}`;
    if (!whole || !this.cut.has(key)) return segment;
    let all = this.whole.get(key);
    if (all === undefined) {
      const pieces = this.pieces(chain.rules, place, true);
      all = this.sequence(pieces, 0, pieces.length, true);
      this.whole.set(key, all);
    }
    return all;
  }

  private reached(chain: Chain, place: Place): Segment {
    const key = `${placeKey(place)} ${chain.id}`;
    const known = this.memo.get(key);
    if (known !== undefined) return known;
    // Legacy iptables lets jumps nest as deep as there are chains; callees first, and no recursion goes deep.
    if (this.order.height(chain) > NESTING_LIMIT)
      for (const id of this.order.below([chain.id]))
        if (id !== chain.id) this.ownerOf(this.chain(id)).remember(this.chain(id), place);
    return this.remember(chain, place);
  }

  /** Who summarizes the chain: these summaries, or those that several scopes have in common. */
  private ownerOf({ id }: Chain): ChainSummaries {
    return this.common?.ids.has(id) === true ? this.common.of : this;
  }

  private remember(chain: Chain, place: Place): Segment {
    const key = `${placeKey(place)} ${chain.id}`;
    const known = this.memo.get(key);
    if (known !== undefined) return known;
    const outer = this.isCut;
    this.isCut = false;
    const pieces = this.pieces(chain.rules, place, false);
    const segment = pieces.length === 0 ? EMPTY : this.sequence(pieces, 0, pieces.length, false);
    this.memo.set(key, segment);
    if (this.isCut) this.cut.add(key);
    this.isCut = outer;
    return segment;
  }

  /** The chain that a jump names. */
  chain(id: string): Chain {
    const chain = this.chains.get(id);
    if (chain === undefined) throw new Error(`the assembler let a jump to ${id} through`);
    return chain;
  }

  /** How many calls nest below the chain at most. */
  heightOf(chain: Chain): number {
    return this.order.height(chain);
  }

  /** The rules as runs of such as decide for certain, and the others one by one. */
  private pieces(rules: readonly Rule[], place: Place, whole: boolean): Segment[] {
    const pieces: Segment[] = [];
    let decisions: Node[] = [];
    const close = (end: number): void => {
      if (decisions.length > 0)
        pieces.push(PlainRun.of(this.diagram, rules, end - decisions.length, decisions));
      decisions = [];
    };
    for (const [i, rule] of rules.entries()) {
      const decision = this.labels === undefined ? this.decisions.rule(rule, place) : undefined;
      if (decision !== undefined) {
        decisions.push(decision);
        // What nothing can pass need not be read: after an unconditional verdict, for instance.
        if (whole || !isLeaf(decision)) continue;
        close(i + 1);
        this.isCut ||= i + 1 < rules.length;
        return pieces;
      }
      close(i);
      const summary = this.rules.rule(rule, place);
      pieces.push({ summary, rule, halves: undefined, decision: undefined });
    }
    close(rules.length);
    return pieces;
  }

  /**
   * Pieces [from, to) combined as a balanced tree: the sets of neighbours are small and alike, so this costs far less than
   * carrying one big set from rule to rule.
   */
  private sequence(pieces: readonly Segment[], from: number, to: number, whole: boolean): Segment {
    if (to - from === 1) return pieces[from] as Segment;
    const middle = (from + to) >> 1;
    const first = this.sequence(pieces, from, middle, whole);
    if (!whole && first.summary.stop === ALL && first.summary.moved.length === 0) {
      this.isCut = true;
      return first;
    }
    const second = this.sequence(pieces, middle, to, whole);
    const summary = this.algebra.sequence(first.summary, second.summary);
    return { summary, halves: [first, second], rule: undefined, decision: undefined };
  }
}
