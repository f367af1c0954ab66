import type { NumericField } from '../../../packet/fields.ts';
import { type Condition, NEVER, negate, type OpaqueCondition } from '../../../rule/condition.ts';
import { wayBackReason } from '../../../rule/symmetric-routes.ts';
import type { Span } from '../../../text/source.ts';
import type { MatchUse, OptionUse, Word } from '../ast.ts';
import type { OptionOwner } from '../getopt.ts';
import type { Problems } from '../problems.ts';
import { quoteWord } from '../words.ts';

/** What a match or target may ask of the rule it stands in. */
export interface RuleContext {
  readonly family: 4 | 6;
  readonly problems: Problems;
  /** The protocol that `-p` demands; undefined where it demands none or excludes one. */
  readonly protocol: number | undefined;
  /** The number that stands after `-p`, negated or not; 0 without `-p`. */
  readonly writtenProtocol: number;
  readonly table: string;
  /** The hooks from which the rule can be reached, as far as its chain's name tells: a built-in chain has one. */
  readonly chain: string;
  /** The whole rule. */
  readonly span: Span;
}

/** One match extension: its options, and what it means. */
export interface MatchModule extends OptionOwner {
  readonly kind: 'match';
  /** The family whose tool alone has it. */
  readonly family?: 4 | 6;
  /** Options may stand more than once (`policy`). */
  readonly repeatable?: boolean;
  /** The condition; errors go to the context's problems. */
  lower(use: MatchUse, context: RuleContext): Condition;
}

/** The option of this name, where the match has it. */
export function optionOf(
  use: { readonly options: readonly OptionUse[] },
  name: string,
): OptionUse | undefined {
  for (const option of use.options) if (option.name === name) return option;
  return undefined;
}

/** The first argument of an option that takes one. */
export function argument(option: OptionUse): Word {
  return option.values[0] as Word;
}

/** The field is between the bounds. */
export function between(field: NumericField, low: number, high: number): Condition {
  return low > high ? NEVER : { kind: 'field', field, values: [low, high] };
}

/** `(field & mask) === value`; never, where the value has bits that the mask has not. */
export function masked(field: NumericField, mask: number, value: number): Condition {
  if ((value & ~mask) !== 0) return NEVER;
  return mask === 0 ? { kind: 'always' } : { kind: 'masked', field, mask: mask >>> 0, value: value >>> 0 };
}

/** The condition, or its negation where the option stands after `!`. */
export function signed(option: OptionUse, condition: Condition): Condition {
  return option.negated ? negate(condition) : condition;
}

/** Reports an argument that the option does not take. The condition it gives does not matter: the file is refused. */
export function badArgument(
  context: RuleContext,
  option: OptionUse,
  word: Word,
  expected: string,
): Condition {
  context.problems.error('bad-argument', word, `\`${word.text}\` is not what \`--${option.name}\` takes`, {
    expected,
  });
  return NEVER;
}

/** Reports a match whose options do not do. */
export function badMatch(context: RuleContext, use: MatchUse, message: string, expected?: string): Condition {
  context.problems.error('bad-match', use, message, expected === undefined ? {} : { expected });
  return NEVER;
}

/** `--name value …` with one blank between words; the negation is left out. */
export function optionText(option: OptionUse): string {
  return [`--${option.name}`, ...option.values.map((word) => quoteWord(word.text))].join(' ');
}

/** Why a match is taken as it is. */
const REASONS = {
  stateless: 'is not modelled: what depends on it is reported as possible, never as certain',
  stateful:
    'is not modelled and need not answer alike twice: what depends on it is reported as possible, never as certain',
} as const;

/**
 * A condition that postern does not model, with its line in the coverage.
 *
 * @param text the match without its negation, in canonical spacing
 * @param why what the coverage says after the text
 */
export function opaque(
  context: RuleContext,
  use: MatchUse,
  text: string,
  stateful: boolean,
  why: string = stateful ? REASONS.stateful : REASONS.stateless,
): OpaqueCondition {
  const reason = `\`${text}\` ${why}`;
  context.problems.cover('approximated', context.span, reason);
  return { kind: 'opaque', text, stateful, span: context.problems.span(use) };
}

/** {@link opaque} for whether there is a way back to the packet's source, of which a deployment may say more. */
export function opaqueWayBack(context: RuleContext, use: MatchUse, text: string): OpaqueCondition {
  context.problems.cover('approximated', context.span, wayBackReason(text), true);
  return { kind: 'opaque', text, stateful: false, wayBack: true, span: context.problems.span(use) };
}

/** {@link opaque} for one option of a match whose options are independent conditions. */
export function opaqueOption(
  context: RuleContext,
  use: MatchUse,
  option: OptionUse,
  stateful: boolean,
): Condition {
  return signed(option, opaque(context, use, `-m ${use.name} ${optionText(option)}`, stateful));
}
