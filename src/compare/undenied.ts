import { type Node, NONE } from '../packet/diagram.ts';
import type { Action, Ruleset } from '../rule/ruleset.ts';
import { Analysis } from '../symbolic/analysis.ts';
import type { Flow } from '../symbolic/summary.ts';
import { IDENTITY } from '../symbolic/transform.ts';
import type { HookView } from './hook-view.ts';

/**
 * Packets as they would come to one of a hook's base chains if no rule before it denied them: translated, where a rule would
 * translate them.
 *
 * @param index the chain's place on the way through the hook
 * @param packets as they enter the hook
 */
export function undeniedFlows({ analysis }: HookView, index: number, packets: Node): readonly Flow[] {
  if (packets === NONE) return [];
  if (!translatesDestinations(analysis.ruleset)) return [{ transform: IDENTITY, set: packets }];
  return undenied(analysis).pass(packets).stages[index]?.entered ?? [];
}

const ANALYSES = new WeakMap<Analysis, Analysis>();

/** The analysis of the same packets where no rule denies any. */
function undenied(analysis: Analysis): Analysis {
  let known = ANALYSES.get(analysis);
  if (known === undefined) {
    const { space, ruleset, scope, predicates } = analysis;
    known = new Analysis(space, withoutDenials(ruleset), scope, false, predicates);
    ANALYSES.set(analysis, known);
  }
  return known;
}

const RULESETS = new WeakMap<Ruleset, Ruleset>();

/** The rules without those that drop or reject; policies, and what the kernel does by itself, stay. */
function withoutDenials(ruleset: Ruleset): Ruleset {
  let known = RULESETS.get(ruleset);
  if (known === undefined) {
    const chains = ruleset.chains.map((chain) => ({
      ...chain,
      rules: chain.rules.map((rule) =>
        rule.implied === undefined && rule.actions.some(mayDeny) ? { ...rule, actions: [] } : rule,
      ),
    }));
    known = { ...ruleset, chains };
    RULESETS.set(ruleset, known);
  }
  return known;
}

function mayDeny(action: Action): boolean {
  if (action.kind === 'verdict') return action.verdict !== 'accept';
  return action.kind === 'unknown' && action.outcomes.includes('drop');
}

const TRANSLATING = new WeakMap<Ruleset, boolean>();

/** Whether any rule gives packets another destination. */
export function translatesDestinations(ruleset: Ruleset): boolean {
  let known = TRANSLATING.get(ruleset);
  if (known === undefined) {
    const isOne = (action: Action): boolean => action.kind === 'translate' && action.what === 'dnat';
    known = ruleset.chains.some(({ rules }) => rules.some(({ actions }) => actions.some(isOne)));
    TRANSLATING.set(ruleset, known);
  }
  return known;
}
