import { ALWAYS, allOf, anyOf, type Condition, negate } from './condition.ts';
import type { Action } from './action.ts';
import type { CoverageEntry, Rule, Ruleset } from './ruleset.ts';

const REASON =
  'whether a packet comes in by the interface that leads back to its source: the deployment says so (`routes: symmetric`), and it is taken to hold';

/** What is told of a condition that asks for the way back, where nobody says more. */
export function wayBackReason(text: string): string {
  return `\`${text}\` asks the routes for the way back to a packet’s source, and they are not given: what depends on it is reported as possible. Where packets come in by the interface that leads back to their source, a deployment can say so (\`routes: symmetric\`)`;
}

/**
 * The rule set of a host whose packets come in by the interface that leads back to their source, as its deployment says: reverse path
 * filters (`fib saddr . iif oif missing drop`, `-m rpfilter --invert -j DROP`) let them pass. The same where it has none.
 */
export function withSymmetricRoutes(ruleset: Ruleset): Ruleset {
  const chains = ruleset.chains.map((chain) => {
    const rules = chain.rules.map(known);
    return rules.every((rule, at) => rule === chain.rules[at]) ? chain : { ...chain, rules };
  });
  return chains.every((chain, at) => chain === ruleset.chains[at]) ? ruleset : { ...ruleset, chains };
}

/** What is told of the rule set then. */
export function toldOfSymmetricRoutes(coverage: readonly CoverageEntry[]): readonly CoverageEntry[] {
  return coverage.map((entry) => (entry.wayBack === true ? { ...entry, reason: REASON } : entry));
}

function known(rule: Rule): Rule {
  const match = knownCondition(rule.match);
  const actions = rule.actions.map(knownAction);
  if (match === rule.match && actions.every((action, at) => action === rule.actions[at])) return rule;
  return { ...rule, match, actions };
}

function knownAction(action: Action): Action {
  if (action.kind !== 'require') return action;
  const match = knownCondition(action.match);
  return match === action.match ? action : { ...action, match };
}

/** The condition itself where it does not ask for the way back. */
function knownCondition(condition: Condition): Condition {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const of = condition.of.map(knownCondition);
      if (of.every((inner, at) => inner === condition.of[at])) return condition;
      return condition.kind === 'and' ? allOf(of) : anyOf(of);
    }
    case 'not': {
      const of = knownCondition(condition.of);
      return of === condition.of ? condition : negate(of);
    }
    case 'opaque':
      return condition.wayBack === true ? ALWAYS : condition;
    default:
      return condition;
  }
}
