import { allOf, anyOf, type Condition, negate } from './condition.ts';
import type { Chain, Rule } from './ruleset.ts';

/** The condition with others in the place of its leaves; itself where all of them stay. */
export function rewritten(condition: Condition, leaf: (one: Condition) => Condition): Condition {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const of = condition.of.map((inner) => rewritten(inner, leaf));
      if (of.every((inner, at) => inner === condition.of[at])) return condition;
      return condition.kind === 'and' ? allOf(of) : anyOf(of);
    }
    case 'not': {
      const of = rewritten(condition.of, leaf);
      return of === condition.of ? condition : negate(of);
    }
    default:
      return leaf(condition);
  }
}

/** The same of a rule, behind its actions too. */
export function rewrittenRule(rule: Rule, leaf: (one: Condition) => Condition): Rule {
  const match = rewritten(rule.match, leaf);
  const actions = rule.actions.map((action) => {
    if (action.kind !== 'require') return action;
    const inner = rewritten(action.match, leaf);
    return inner === action.match ? action : { ...action, match: inner };
  });
  if (match === rule.match && actions.every((action, at) => action === rule.actions[at])) return rule;
  return { ...rule, match, actions };
}

/** Chains with other rules in the place of theirs; each chain itself where all of them stay. */
export function withRules(chains: readonly Chain[], of: (rule: Rule) => Rule): readonly Chain[] {
  return chains.map((chain) => {
    const rules = chain.rules.map(of);
    return rules.every((rule, at) => rule === chain.rules[at]) ? chain : { ...chain, rules };
  });
}
