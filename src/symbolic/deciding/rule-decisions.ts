import { isLeaf, leafOf, type Outcome, relabelled, withoutReturns } from '../../packet/decision.ts';
import { type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import type { Rule } from '../../rule/ruleset.ts';
import type { ConditionCompiler } from '../conditions/compile.ts';
import { preparedBy } from '../prepared.ts';
import type { Place } from '../scope.ts';

/** What the decisions of rules are made of. */
export interface DecisionParts {
  /** What a rule's verdict decides; NONE where the rule is to be passed over. */
  readonly leaf: (rule: Rule, outcome: Outcome) => Node;
  /** What the rules of a chain decide; undefined where that is not certain of every packet. */
  readonly chain: (id: string, place: Place) => Node | undefined;
}

/** Rules whose verdict on each packet is certain, as decisions. */
export class RuleDecisions {
  constructor(
    private readonly diagram: Diagram,
    private readonly compiler: ConditionCompiler,
    private readonly parts: DecisionParts,
  ) {}

  /** What the rule decides of each packet; undefined where that is not certain, or where the rule changes packets. */
  rule(rule: Rule, place: Place): Node | undefined {
    const verdict = this.prepares(rule, place) ? undefined : plainVerdict(rule);
    if (verdict !== undefined) {
      const leaf = verdict === 'back' ? leafOf('back') : this.parts.leaf(rule, verdict);
      return leaf === NONE ? NONE : this.compiler.decision(rule.match, place, leaf);
    }
    if (rule.actions.length === 0) return NONE;
    const { may, must } = this.compiler.compile(rule.match, place);
    if (may === NONE) return NONE;
    if (may !== must) return undefined;
    const decision = this.actions(rule, 0, place);
    return decision === undefined ? undefined : this.diagram.restrict(decision, may);
  }

  /** The same for other parts, of a rule of which it is known what packets it decides. */
  again(rule: Rule, place: Place, decided: Node): Node | undefined {
    const decision = decided === NONE ? NONE : this.actions(rule, 0, place);
    if (decision === undefined || decision === NONE) return decision;
    if (isLeaf(decision)) return relabelled(this.diagram, decided, decision);
    return this.diagram.restrict(decision, decided);
  }

  private prepares({ actions }: Rule, place: Place): boolean {
    return actions.some((action) => preparedBy(action, place, this.compiler.surroundings) !== undefined);
  }

  private actions(rule: Rule, index: number, place: Place): Node | undefined {
    const action = rule.actions[index];
    switch (action?.kind) {
      case undefined:
        return NONE;
      case 'note':
        if (preparedBy(action, place, this.compiler.surroundings) !== undefined) return undefined;
        return this.actions(rule, index + 1, place);
      case 'verdict':
        return this.parts.leaf(rule, action.verdict === 'accept' ? 'accept' : 'deny');
      case 'return':
        return leafOf('back');
      case 'jump':
        return this.jump(rule, index, action.chain, place);
      case 'goto': {
        const target = this.parts.chain(action.chain, place);
        return target === undefined ? undefined : this.diagram.first(target, leafOf('back'));
      }
      case 'require':
        return this.required(rule, index, place);
      default:
        return undefined;
    }
  }

  /** What comes back from the called chain goes on with the next action. */
  private jump(rule: Rule, index: number, chain: string, place: Place): Node | undefined {
    const target = this.parts.chain(chain, place);
    const rest = this.actions(rule, index + 1, place);
    if (target === undefined || rest === undefined) return undefined;
    return this.diagram.first(withoutReturns(this.diagram, target), rest);
  }

  private required(rule: Rule, index: number, place: Place): Node | undefined {
    const action = rule.actions[index];
    const rest = this.actions(rule, index + 1, place);
    if (action?.kind !== 'require' || rest === undefined) return undefined;
    const { may, must } = this.compiler.compile(action.match, place);
    return may === must ? this.diagram.restrict(rest, may) : undefined;
  }
}

/** The verdict of a rule that does nothing else; undefined of all other rules. */
function plainVerdict({ actions }: Rule): Outcome | undefined {
  const action = actions.find(({ kind }) => kind !== 'note');
  if (action?.kind === 'return') return 'back';
  if (action?.kind !== 'verdict') return undefined;
  return action.verdict === 'accept' ? 'accept' : 'deny';
}
