import { addressMaximum, formatAddress } from '../packet/address.ts';
import { type AddressMaskCondition, allOf, type Condition } from './condition.ts';
import { isListable } from './masked-ranges.ts';
import { rewrittenRule, withRules } from './rewrite.ts';
import type { CoverageEntry, Rule, Ruleset } from './ruleset.ts';
import type { Span } from '../text/source.ts';
import { withoutUnlistableMap } from './unlistable-map.ts';

const REASON =
  'this mask of addresses has holes, and stands for more separate ranges than can be listed: what depends on it is reported as possible';

const MAPS_ANYTHING =
  'packets to any network get addresses of this one: those that become the same one are too many separate addresses to list, and which a packet gets is reported as possible (with `-d`, or `-s` for sources, it is exact)';

type Sets = Ruleset['sets'];

/** A rule set, and what is told of it. */
interface Plain {
  readonly ruleset: Ruleset;
  readonly coverage: readonly CoverageEntry[];
}

/**
 * The rule set with address masks as unmodelled matches where they stand for more ranges than boxes can name, such as the second
 * half of an IPv6 address (`& ::ffff:ffff:ffff:ffff`), and with any address of a network where rules give packets the one of just their
 * host bits; undefined where it has neither. Diagrams decide them; only lists of what is open cannot say what they are.
 */
export function withoutHoles(ruleset: Ruleset): Plain | undefined {
  const coverage: CoverageEntry[] = [];
  const plainRule = (rule: Rule): Rule => {
    const plain = rewrittenRule(rule, (one) => plainCondition(one, rule.origin, ruleset.sets));
    if (plain !== rule) coverage.push({ span: rule.origin, status: 'approximated', reason: REASON });
    const listed = withoutUnlistableMap(plain);
    if (listed !== plain) coverage.push({ span: rule.origin, status: 'approximated', reason: MAPS_ANYTHING });
    return listed;
  };
  const chains = withRules(ruleset.chains, plainRule);
  return coverage.length === 0 ? undefined : { ruleset: { ...ruleset, chains }, coverage };
}

/** The condition itself where it has no such mask. */
function plainCondition(condition: Condition, span: Span, sets: Sets): Condition {
  switch (condition.kind) {
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
