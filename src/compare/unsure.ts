import type { Condition } from '../rule/condition.ts';
import type { Chain, Rule, Ruleset } from '../rule/ruleset.ts';
import { onceOf } from '../text/kept.ts';

/** Whether a rule asks for something that is not modelled, of all packets. */
export const asksUnmodelled = ({ match, actions }: Rule): boolean =>
  isUnsure(match) || actions.some((action) => action.kind === 'require' && isUnsure(action.match));

/** Whether packets come to the chain by rules alone that ask for something that is not modelled, on each way to it. */
export const isCalledUnsure = (ruleset: Ruleset, { id, base }: Chain): boolean =>
  base === undefined && !surelyCalled(ruleset).has(id);

/** The chains to which other rules lead, from those of the hooks on. */
const surelyCalled = onceOf((ruleset: Ruleset): ReadonlySet<string> => {
  const chains = new Map(ruleset.chains.map((chain) => [chain.id, chain]));
  const waiting = ruleset.chains.filter(({ base }) => base !== undefined);
  const found = new Set<string>();
  for (let chain = waiting.pop(); chain !== undefined; chain = waiting.pop())
    for (const rule of chain.rules) {
      const calls = rule.actions.some(({ kind }) => kind === 'jump' || kind === 'goto');
      if (!calls || asksUnmodelled(rule)) continue;
      for (const action of rule.actions) {
        const next = action.kind === 'jump' || action.kind === 'goto' ? chains.get(action.chain) : undefined;
        if (next === undefined || found.has(next.id)) continue;
        found.add(next.id);
        waiting.push(next);
      }
    }
  return found;
});

/**
 * Whether a match depends on something that is not modelled, whatever the packet: the way back to its source (`-m rpfilter`, `fib`), a
 * set that nobody gave, a rate. One that is known of some packets is none of these. What asks for the direction or the beginning of a
 * connection is known of the packets that begin one.
 */
function isUnsure(condition: Condition, negated = false): boolean {
  switch (condition.kind) {
    case 'opaque':
      return condition.direction === undefined && condition.began === undefined;
    case 'not':
      return isUnsure(condition.of, !negated);
    case 'and':
    case 'or':
      return (condition.kind === 'and') === negated
        ? condition.of.length > 0 && condition.of.every((one) => isUnsure(one, negated))
        : condition.of.some((one) => isUnsure(one, negated));
    default:
      return false;
  }
}
