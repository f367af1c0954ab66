import { allOf, type Condition, NEVER } from '../../../rule/condition.ts';
import type { MatchUse, OptionUse } from '../ast.ts';
import { options } from '../getopt.ts';
import {
  badArgument,
  type MatchModule,
  opaque,
  opaqueOption,
  optionText,
  type RuleContext,
  signed,
} from './module.ts';

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

/** Options whose arguments are checked, because a slip in them is common; the tools refuse them too. */
const NUMBERS: ReadonlySet<string> = new Set([
  'limit-burst',
  'connlimit-upto',
  'connlimit-above',
  'seconds',
  'hitcount',
  'every',
  'packet',
  'quota',
]);
const RATE = /^[0-9]+(?:\/[a-zA-Z]+)?$/;

/** Whether every argument is of its option's kind; otherwise an error is reported. */
function checkArguments(use: MatchUse, context: RuleContext): boolean {
  for (const option of use.options) {
    const word = option.values[0];
    if (word === undefined) continue;
    const number = NUMBERS.has(option.name) && !/^(?:0[xX][0-9a-fA-F]+|[0-9]+)$/.test(word.text);
    const rate = option.name === 'limit' && !RATE.test(word.text);
    if (!number && !rate) continue;
    badArgument(context, option, word, number ? 'a number' : 'a rate such as `5/minute`');
    return false;
  }
  return true;
}

/** The match as one condition. A `!` before its only negated option negates the whole. */
export function opaqueWhole(use: MatchUse, context: RuleContext, stateful: boolean): Condition {
  if (!checkArguments(use, context)) return NEVER;
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
