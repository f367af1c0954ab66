import { addressMaximum, formatAddress } from '../packet/address.ts';
import { type AddressMaskCondition, allOf, anyOf, type Condition, negate } from './condition.ts';
import { isListable } from './masked-ranges.ts';
import type { Action } from './action.ts';
import type { CoverageEntry, Rule, Ruleset } from './ruleset.ts';
import type { Span } from '../text/source.ts';

const REASON =
  'this mask of addresses has holes, and stands for more separate ranges than can be listed: what depends on it is reported as possible';

type Sets = Ruleset['sets'];

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
    const match = plainCondition(rule.match, rule.origin, ruleset.sets);
    const actions = rule.actions.map((action) => plainAction(action, rule.origin, ruleset.sets));
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

function plainAction(action: Action, span: Span, sets: Sets): Action {
  if (action.kind !== 'require') return action;
  const match = plainCondition(action.match, span, sets);
  return match === action.match ? action : { ...action, match };
}

/** The condition itself where it has no such mask. */
function plainCondition(condition: Condition, span: Span, sets: Sets): Condition {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const of = condition.of.map((inner) => plainCondition(inner, span, sets));
      if (of.every((inner, at) => inner === condition.of[at])) return condition;
      return condition.kind === 'and' ? allOf(of) : anyOf(of);
    }
    case 'not': {
      const of = plainCondition(condition.of, span, sets);
      return of === condition.of ? condition : negate(of);
    }
    case 'address-mask':
      return isListable(condition.family, condition.mask) ? condition : opaqueMask(condition, span);
    case 'set':
      return isListableSet(condition.set, sets)
        ? condition
        : { kind: 'opaque', text: condition.text, stateful: false, span };
    default:
      return condition;
  }
}

/** Whether the elements of a set, and of its members, have no such mask (a `bitmask`). */
function isListableSet(name: string, sets: Sets): boolean {
  return (sets.get(name)?.elements ?? []).every(({ parts }) =>
    parts.every((part) => {
      // A list has no lists as members (ipset(8), list:set).
      if (part.kind === 'set') return isListableSet(part.name, sets);
      return part.kind !== 'address' || part.mask === undefined || isListable(part.family, part.mask);
    }),
  );
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
