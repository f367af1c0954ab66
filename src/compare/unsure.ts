import type { Condition } from '../rule/condition.ts';
import type { Rule } from '../rule/ruleset.ts';

/** Whether a rule asks for something that is not modelled, of all packets. */
export const asksUnmodelled = ({ match, actions }: Rule): boolean =>
  isUnsure(match) || actions.some((action) => action.kind === 'require' && isUnsure(action.match));

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
