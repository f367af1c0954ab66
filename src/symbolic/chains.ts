import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { rangesNode } from '../packet/literals.ts';
import { CONNECTION_STATES } from '../packet/packet.ts';
import { normalise } from '../packet/ranges.ts';
import type { AssignAction, Chain, Rule, Ruleset, TranslateAction } from '../rule/ruleset.ts';
import { callOrderOf, NESTING_LIMIT } from './call-order.ts';
import type { ConditionCompiler } from './compile.ts';
import { type Place, placeKey, type Scope, type Surroundings } from './scope.ts';
import { connectionNode, stateNode } from './states.ts';
import { ACCEPT, BACK, DENY, PASS, type Summary, type SummaryAlgebra } from './summary.ts';
import { assigned, forgot, IDENTITY, UNTRACKED } from './transform.ts';
import { translationSummary, withoutAddress } from './translation.ts';

/** Numbers of rules and of policies, for an analysis that says of each accepted packet which of them accepts it. */
export interface RuleLabels {
  /** The base chain whose decisions are labelled; the others of the hook must not be, or nobody's label would remain. */
  readonly chain: string;
  readonly of: ReadonlyMap<Rule | Chain, number>;
}

type Outcomes = readonly ('accept' | 'drop' | 'continue')[];

const UNTRACKED_STATE = CONNECTION_STATES.indexOf('untracked');

/**
 * A run of rules with its summary, split in two halves down to single rules. The halves let a walk skip the runs that do
 * not concern it.
 */
export interface Segment {
  readonly summary: Summary;
  readonly halves?: readonly [Segment, Segment];
  /** In a leaf: its rule. */
  readonly rule?: Rule;
}

const EMPTY: Segment = { summary: PASS };

/** Turns chains into summaries, each once for every place at which it is used. */
export class ChainSummaries {
  private readonly chains: ReadonlyMap<string, Chain>;
  private readonly memo = new Map<string, Segment>();
  private readonly order: ReturnType<typeof callOrderOf>;

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
  }

  /** A base chain with its policy: everything ends in `accept` or `deny`. */
  base(chain: Chain, place: Place): Summary {
    const body = this.algebra.called(this.body(chain, place).summary);
    return this.algebra.sequence(body, chain.base?.policy === 'drop' ? DENY : this.accept(chain));
  }

  /** A chain's rules one after the other; what returns is in `back`. */
  body(chain: Chain, place: Place): Segment {
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
    const { rules } = chain;
    const segment = rules.length === 0 ? EMPTY : this.sequence(rules, 0, rules.length, place);
    this.memo.set(key, segment);
    return segment;
  }

  /** The chain that a jump names. */
  chain(id: string): Chain {
    const chain = this.chains.get(id);
    if (chain === undefined) throw new Error(`the assembler let a jump to ${id} through`);
    return chain;
  }

  /**
   * Rules [from, to) combined as a balanced tree: the sets of neighbours are small and alike, so this costs far less than
   * carrying one big set from rule to rule.
   */
  private sequence(rules: readonly Rule[], from: number, to: number, place: Place): Segment {
    if (to - from === 1) {
      const rule = rules[from] as Rule;
      return { summary: this.rule(rule, place), rule };
    }
    const middle = (from + to) >> 1;
    const first = this.sequence(rules, from, middle, place);
    // What nothing can pass need not be read: after an unconditional verdict, for instance.
    if (first.summary.stop === ALL && first.summary.moved.length === 0) return first;
    const second = this.sequence(rules, middle, to, place);
    return { summary: this.algebra.sequence(first.summary, second.summary), halves: [first, second] };
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
        return rest();
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
    const changed = this.algebra.changed(assigned(action, 1), rest);
    if (field === 'tcpFlags' || !this.surroundings.editionsMatter) return changed;
    const kept: [number, number][] = [];
    for (let value = 0; value < 256; value++)
      if ((((value & action.keep) ^ action.xor) & 255) === value) kept.push([value, value]);
    return this.algebra.choose(rangesNode(diagram, field, normalise(kept), ALL), rest, changed);
  }

  /** A packet that has a connection entry keeps it (net/netfilter/xt_CT.c, xt_ct_target). */
  private notrack(place: Place, rest: Summary): Summary {
    const changed = this.algebra.changed(UNTRACKED, rest);
    const { diagram, scope, surroundings } = this;
    const already = stateNode(diagram, [UNTRACKED_STATE, UNTRACKED_STATE], scope, place, surroundings);
    return this.algebra.choose(diagram.or(this.connection(place), already), rest, changed);
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
