import type { Packet } from '../../src/packet/packet.ts';
import type { Condition } from '../../src/rule/condition.ts';
import type { Chain, Rule, Ruleset } from '../../src/rule/ruleset.ts';

/**
 * A smaller rule set about which the engines still disagree for the packet: rules, conditions and actions are taken away one
 * at a time for as long as that can be done.
 */
export function reduced(
  ruleset: Ruleset,
  packet: Packet,
  fails: (ruleset: Ruleset, packet: Packet) => boolean,
): Ruleset {
  let best = ruleset;
  for (let smaller = true; smaller; ) {
    smaller = false;
    for (const candidate of candidates(best)) {
      if (!fails(candidate, packet)) continue;
      best = candidate;
      smaller = true;
      break;
    }
  }
  return best;
}

function* candidates(ruleset: Ruleset): Generator<Ruleset> {
  if (ruleset.host !== undefined) yield { ...ruleset, host: undefined };
  for (const [at, chain] of ruleset.chains.entries()) {
    const others = (rules: readonly Rule[]): Ruleset => ({
      ...ruleset,
      chains: ruleset.chains.map((one, i): Chain => (i === at ? { ...chain, rules } : one)),
    });
    if (chain.rules.length > 1) yield others([]);
    for (const [i, rule] of chain.rules.entries()) {
      yield others(chain.rules.filter((one) => one !== rule));
      for (const smaller of smallerRules(rule)) yield others(chain.rules.with(i, smaller));
    }
  }
}

function* smallerRules(rule: Rule): Generator<Rule> {
  if (rule.actions.length > 1)
    for (const action of rule.actions)
      yield { ...rule, actions: rule.actions.filter((one) => one !== action) };
  for (const match of smallerConditions(rule.match)) yield { ...rule, match };
}

function* smallerConditions(condition: Condition): Generator<Condition> {
  if (condition.kind !== 'always') yield { kind: 'always' };
  if (condition.kind === 'and' || condition.kind === 'or') yield* condition.of;
  if (condition.kind === 'not') {
    const inner = condition.of;
    if (inner.kind === 'and' || inner.kind === 'or') for (const of of inner.of) yield { kind: 'not', of };
  }
}
