import { isLeaf, leafOf } from '../../packet/decision.ts';
import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { rangesNode } from '../../packet/literals.ts';
import { CONNECTION_STATES } from '../../packet/packet.ts';
import { normalise } from '../../packet/ranges.ts';
import type { AssignAction, Tracks, TranslateAction } from '../../rule/action.ts';
import type { Chain, Rule, Ruleset } from '../../rule/ruleset.ts';
import { callOrderOf, NESTING_LIMIT } from './call-order.ts';
import type { ConditionCompiler } from '../conditions/compile.ts';
import { type Place, placeKey, type Scope, type Surroundings } from '../scope.ts';
import { RuleDecisions } from '../deciding/rule-decisions.ts';
import { EMPTY, PlainRun, PolicySummary, type Segment } from '../deciding/segment.ts';
import { connectionNode, stateNode } from '../states.ts';
import { ACCEPT, BACK, DENY, PASS, type Summary, type SummaryAlgebra } from './summary.ts';
import { preparedBy } from '../prepared.ts';
import { IDENTITY } from '../translation/transform.ts';
import { assigned, forgot, TRACKED, UNTRACKED } from '../translation/transforms.ts';
import { translationSummary, withoutAddress } from '../translation/translation.ts';

/** Numbers of rules and of policies, for an analysis that says of each accepted packet which of them accepts it. */
export interface RuleLabels {
  /** The base chain whose decisions are labelled; the others of the hook must not be, or nobody's label would remain. */
  readonly chain: string;
  readonly of: ReadonlyMap<Rule | Chain, number>;
}

export type { Segment } from '../deciding/segment.ts';

type Outcomes = readonly ('accept' | 'drop' | 'continue')[];

const UNTRACKED_STATE = CONNECTION_STATES.indexOf('untracked');

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

  constructor(
    private readonly diagram: Diagram,
    private readonly compiler: ConditionCompiler,
    private readonly algebra: SummaryAlgebra,
    private readonly scope: Scope,
    private readonly surroundings: Surroundings,
    ruleset: Ruleset,
    private readonly labels?: RuleLabels,
  ) {
    this.chains = new Map(ruleset.chains.map((chain) => [chain.id, chain]));
    this.order = callOrderOf(ruleset);
    this.decisions = new RuleDecisions(diagram, compiler, {
      leaf: (_, outcome) => leafOf(outcome),
      chain: (id, place) => this.body(this.chain(id), place).decision,
    });
  }

  /** A base chain with its policy: everything ends in `accept` or `deny`. */
  base(chain: Chain, place: Place): Summary {
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
    return this.algebra.sequence(body, policy === 'drop' ? DENY : this.accept(chain));
  }

  /**
   * A chain's rules one after the other; what returns is in `back`.
   *
   * @param whole with the rules that nothing can reach: a walk that passes over what denies comes to them
   */
  body(chain: Chain, place: Place, whole = false): Segment {
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
        if (id !== chain.id) this.remember(this.chain(id), place);
    return this.remember(chain, place);
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
      const summary = this.rule(rule, place);
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

  private rule(rule: Rule, place: Place): Summary {
    if (rule.actions.length === 0) return PASS;
    const { may, must } = this.compiler.compile(rule.match, place);
    if (may === NONE) return PASS;
    return this.algebra.guard(may, must, this.actions(rule, 0, place));
  }

  private actions(rule: Rule, index: number, place: Place): Summary {
    const action = rule.actions[index];
    if (action === undefined) return PASS;
    const rest = (): Summary => this.actions(rule, index + 1, place);
    switch (action.kind) {
      case 'note':
        return this.prepared(preparedBy(action, place, this.surroundings), place, rest());
      case 'verdict':
        return action.verdict === 'accept' ? this.accept(rule) : DENY;
      case 'return':
        return BACK;
      case 'jump':
        return this.algebra.sequence(this.algebra.called(this.target(action.chain, place)), rest());
      case 'goto':
        return this.algebra.gone(this.target(action.chain, place));
      case 'require': {
        const { may, must } = this.compiler.compile(action.match, place);
        return this.algebra.guard(may, must, rest());
      }
      case 'assign':
        return this.assign(action, place, rest());
      case 'forget':
        return this.algebra.changed(forgot(action.field), rest());
      case 'notrack':
        return this.notrack(place, rest());
      case 'translate':
        return this.translate(action, place);
      case 'unknown':
        return this.unknown(rule, action.outcomes, rest());
    }
  }

  /** A connection's mark needs a connection (net/netfilter/xt_connmark.c). */
  private assign(action: AssignAction, place: Place, rest: Summary): Summary {
    const { diagram } = this;
    const { field } = action;
    if (field === 'mark' || field === 'ctmark') {
      const changed = this.algebra.changed(assigned(action, 0), rest);
      if (field === 'mark' && action.from !== 'ctmark') return changed;
      return this.algebra.choose(this.connection(place), changed, rest);
    }
    const { asksBytesAgain } = this.compiler.predicates;
    const transform = assigned(action, Number(asksBytesAgain));
    const changed = this.algebra.changed(transform, rest);
    if (field === 'tcpFlags' || !asksBytesAgain) return changed;
    const kept: [number, number][] = [];
    for (let value = 0; value < 256; value++)
      if (transform[field]?.[value] === value) kept.push([value, value]);
    return this.algebra.choose(rangesNode(diagram, field, normalise(kept), ALL), rest, changed);
  }

  /** A packet that has a connection entry keeps it (net/netfilter/xt_CT.c, xt_ct_target). */
  private notrack(place: Place, rest: Summary): Summary {
    const changed = this.algebra.changed(UNTRACKED, rest);
    const { diagram, scope, surroundings } = this;
    const already = stateNode(diagram, [UNTRACKED_STATE, UNTRACKED_STATE], scope, place, surroundings);
    return this.algebra.choose(diagram.or(this.connection(place), already), rest, changed);
  }

  private prepared(tracks: Tracks | undefined, place: Place, rest: Summary): Summary {
    if (tracks === undefined) return rest;
    return this.algebra.choose(this.connection(place), rest, this.algebra.changed(TRACKED[tracks], rest));
  }

  private connection(place: Place): Node {
    return connectionNode(this.diagram, this.scope, place, this.surroundings);
  }

  private translate(action: TranslateAction, place: Place): Summary {
    const { diagram, scope, surroundings } = this;
    const without = withoutAddress(diagram, action, place, scope, surroundings);
    return translationSummary(diagram, action, without, scope, surroundings);
  }

  private unknown(rule: Rule, outcomes: Outcomes, rest: Summary): Summary {
    const parts = outcomes.map((outcome) =>
      outcome === 'accept' ? this.accept(rule) : outcome === 'drop' ? DENY : rest,
    );
    return parts.reduce((a, b) => this.algebra.either(a, b));
  }

  /** Accepts, and where labels are wanted says who did. */
  private accept(by: Rule | Chain): Summary {
    const label = this.labels?.of.get(by);
    if (label === undefined) return ACCEPT;
    const set = rangesNode(this.diagram, 'rule', [label, label], ALL);
    return { ...PASS, accept: [{ transform: IDENTITY, set }], stop: ALL };
  }

  private target(id: string, place: Place): Summary {
    return this.body(this.chain(id), place).summary;
  }
}
