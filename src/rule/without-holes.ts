import { addressBits, addressMaximum, formatAddress } from '../packet/address.ts';
import { type AddressMaskCondition, allOf, anyOf, type Condition, negate } from './condition.ts';
import type { Action, CoverageEntry, Rule, Ruleset } from './ruleset.ts';
import type { Span } from '../text/source.ts';

/** A mask that stands for so many separate ranges can still be listed. */
const MOST_RANGES = 1024n;

const REASON =
  'this mask of addresses has holes, and stands for more separate ranges than can be listed: what depends on it is reported as possible';

/** A rule set, and what is told of it. */
interface Plain {
  readonly ruleset: Ruleset;
  readonly coverage: readonly CoverageEntry[];
}

/**
 * The rule set with address masks as unmodelled matches where they stand for more ranges than boxes can name, such as the second
 * half of an IPv6 address (`& ::ffff:ffff:ffff:ffff`); undefined where it has none. Diagrams decide them; only lists of what is open
 * cannot say what they are.
 */
export function withoutHoles(ruleset: Ruleset): Plain | undefined {
  const coverage: CoverageEntry[] = [];
  const plainRule = (rule: Rule): Rule => {
    const match = plainCondition(rule.match, rule.origin);
    const actions = rule.actions.map((action) => plainAction(action, rule.origin));
    if (match === rule.match && actions.every((action, at) => action === rule.actions[at])) return rule;
    coverage.push({ span: rule.origin, status: 'approximated', reason: REASON });
    return { ...rule, match, actions };
  };
  const chains = ruleset.chains.map((chain) => {
    const rules = chain.rules.map(plainRule);
    return rules.every((rule, at) => rule === chain.rules[at]) ? chain : { ...chain, rules };
  });
  return coverage.length === 0 ? undefined : { ruleset: { ...ruleset, chains }, coverage };
}

function plainAction(action: Action, span: Span): Action {
  if (action.kind !== 'require') return action;
  const match = plainCondition(action.match, span);
  return match === action.match ? action : { ...action, match };
}

/** The condition itself where it has no such mask. */
function plainCondition(condition: Condition, span: Span): Condition {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const of = condition.of.map((inner) => plainCondition(inner, span));
      if (of.every((inner, at) => inner === condition.of[at])) return condition;
      return condition.kind === 'and' ? allOf(of) : anyOf(of);
    }
    case 'not': {
      const of = plainCondition(condition.of, span);
      return of === condition.of ? condition : negate(of);
    }
    case 'address-mask':
      return rangesOf(condition) <= MOST_RANGES ? condition : opaqueMask(condition, span);
    default:
      return condition;
  }
}

/** Each bit that is not asked doubles the ranges, but for those behind the last one that is. */
function rangesOf({ family, mask }: AddressMaskCondition): bigint {
  let ranges = 1n;
  let asked = false;
  for (let bit = 0n; bit < BigInt(addressBits(family)); bit++)
    if ((mask & (1n << bit)) !== 0n) asked = true;
    else if (asked) ranges *= 2n;
  return ranges;
}

function opaqueMask({ family, field, mask, value }: AddressMaskCondition, span: Span): Condition {
  const [word, side] = [family === 4 ? 'ip' : 'ip6', field === 'src' ? 'saddr' : 'daddr'];
  const text = `${word} ${side} & ${formatAddress(family, mask)} == ${formatAddress(family, value)}`;
  const ofFamily: Condition =
    family === 4
      ? { kind: 'address', family, field, values: [0, Number(addressMaximum(4))] }
      : { kind: 'address', family, field, values: [0n, addressMaximum(6)] };
  return allOf([ofFamily, { kind: 'opaque', text, stateful: false, span }]);
}
