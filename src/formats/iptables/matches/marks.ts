import { allOf, type Condition, negate } from '../../../rule/condition.ts';
import type { OptionUse } from '../ast.ts';
import { options } from '../getopt.ts';
import { parseMasked } from '../numbers.ts';
import { TRACKED } from './conntrack.ts';
import { argument, badArgument, badMatch, type MatchModule, masked, type RuleContext } from './module.ts';

const MAX_MARK = 0xffff_ffff;

function markCondition(option: OptionUse, field: 'mark' | 'ctmark', context: RuleContext): Condition {
  const read = parseMasked(argument(option).text, MAX_MARK);
  if (read === undefined)
    return badArgument(context, option, argument(option), '`value` or `value/mask` of 32 bits');
  const condition = masked(field, read.mask, read.value);
  return option.negated ? negate(condition) : condition;
}

/** `-m mark` (net/netfilter/xt_mark.c): `(mark & mask) == value`. */
export const mark: MatchModule = {
  kind: 'match',
  name: 'mark',
  options: options('!mark=1'),
  lower(use, context) {
    const option = use.options[0];
    if (option === undefined) return badMatch(context, use, '`-m mark` has no mark', '`--mark`');
    return markCondition(option, 'mark', context);
  },
};

/** `-m connmark` (net/netfilter/xt_connmark.c): without a connection it does not match, negated or not. */
export const connmark: MatchModule = {
  kind: 'match',
  name: 'connmark',
  options: options('!mark=1'),
  lower(use, context) {
    const option = use.options[0];
    if (option === undefined) return badMatch(context, use, '`-m connmark` has no mark', '`--mark`');
    return allOf([TRACKED, markCondition(option, 'ctmark', context)]);
  },
};
