import { allOf, type Condition } from '../../../rule/condition.ts';
import type { MatchUse, OptionUse } from '../ast.ts';
import { options } from '../getopt.ts';
import { type MatchModule, opaque, opaqueOption, optionText, type RuleContext, signed } from './module.ts';

/** How an opaque match is put together. */
export interface OpaqueKind {
  /** It may answer differently for one packet at two places. */
  readonly stateful: boolean;
  /** Its options are conditions that must all hold; otherwise they describe one condition together. */
  readonly separate: boolean;
  readonly family?: 4 | 6;
}

/** A match extension that is not modelled. */
export function opaqueMatch(name: string, kind: OpaqueKind, ...specs: readonly string[]): MatchModule {
  return {
    kind: 'match',
    name,
    ...(kind.family === undefined ? {} : { family: kind.family }),
    options: options(...specs),
    lower: (use, context) =>
      kind.separate
        ? allOf(use.options.map((option) => opaqueOption(context, use, option, kind.stateful)))
        : opaqueWhole(use, context, kind.stateful),
  };
}

/** The match as one condition. A `!` before its only negated option negates the whole. */
export function opaqueWhole(use: MatchUse, context: RuleContext, stateful: boolean): Condition {
  const negated = use.options.filter((option) => option.negated);
  const whole = negated.length === 1 ? negated[0] : undefined;
  const text = [`-m ${use.name}`, ...use.options.map((option) => partText(option, option !== whole))].join(
    ' ',
  );
  const condition = opaque(context, use, text, stateful);
  return whole === undefined ? condition : signed(whole, condition);
}

/** One option as text, with its `!` or without. */
export function partText(option: OptionUse, withNegation: boolean): string {
  return option.negated && withNegation ? `! ${optionText(option)}` : optionText(option);
}
