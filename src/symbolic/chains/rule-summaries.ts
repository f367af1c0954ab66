import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { rangesNode } from '../../packet/literals.ts';
import { CONNECTION_STATES } from '../../packet/packet.ts';
import type { AssignAction, Tracks, TranslateAction } from '../../rule/action.ts';
import type { Chain, Rule } from '../../rule/ruleset.ts';
import type { ConditionCompiler } from '../conditions/compile.ts';
import { preparedBy } from '../prepared.ts';
import type { Place, Scope, Surroundings } from '../scope.ts';
import { connectionNode, stateNode } from '../states.ts';
import { IDENTITY } from '../translation/transform.ts';
import { assigned, forgot, TRACKED, UNTRACKED } from '../translation/transforms.ts';
import { sameBytes } from '../translation/same-bytes.ts';
import { translationSummary, withoutAddress } from '../translation/translation.ts';
import { ACCEPT, BACK, DENY, PASS, type Summary, type SummaryAlgebra } from './summary.ts';

/** Numbers of rules and of policies, for an analysis that says of each accepted packet which of them accepts it. */
export interface RuleLabels {
  /** The base chain whose decisions are labelled; the others of the hook must not be, or nobody's label would remain. */
  readonly chain: string;
  readonly of: ReadonlyMap<Rule | Chain, number>;
}

/** The chains that rules call. */
interface Called {
  /** What becomes of the packets that a rule at the place sends to the chain. */
  summary(chain: string, place: Place): Summary;
}

type Outcomes = readonly ('accept' | 'drop' | 'continue')[];

const UNTRACKED_STATE = CONNECTION_STATES.indexOf('untracked');

/** Turns single rules into summaries: the condition, and the actions one after the other. */
export class RuleSummaries {
  constructor(
    private readonly diagram: Diagram,
    private readonly compiler: ConditionCompiler,
    private readonly algebra: SummaryAlgebra,
    private readonly scope: Scope,
    private readonly surroundings: Surroundings,
    private readonly chains: Called,
    private readonly labels: RuleLabels | undefined,
  ) {}

  /** What becomes of the packets that come to the rule. */
  rule(rule: Rule, place: Place): Summary {
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
        return this.algebra.sequence(this.algebra.called(this.chains.summary(action.chain, place)), rest());
      case 'goto':
        return this.algebra.gone(this.chains.summary(action.chain, place));
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
    if (!asksBytesAgain) return changed;
    return this.algebra.choose(sameBytes(diagram, transform), rest, changed);
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
    return translationSummary(diagram, action, without, place, scope, surroundings);
  }

  private unknown(rule: Rule, outcomes: Outcomes, rest: Summary): Summary {
    const parts = outcomes.map((outcome) =>
      outcome === 'accept' ? this.accept(rule) : outcome === 'drop' ? DENY : rest,
    );
    return parts.reduce((a, b) => this.algebra.either(a, b));
  }

  /** Accepts, and where labels are wanted says who did. */
  accept(by: Rule | Chain): Summary {
    const label = this.labels?.of.get(by);
    if (label === undefined) return ACCEPT;
    const set = rangesNode(this.diagram, 'rule', [label, label], ALL);
    return { ...PASS, accept: [{ transform: IDENTITY, set }], stop: ALL };
  }
}
