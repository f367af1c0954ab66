import type { NetfilterHook } from '../../../rule/ruleset.ts';
import type { Action, AssignableField } from '../../../rule/action.ts';
import type { OptionUse, TargetUse, Word } from '../ast.ts';
import type { OptionOwner } from '../getopt.ts';
import type { RuleContext } from '../matches/module.ts';
import { quoteWord } from '../words.ts';

/** A hook, for targets that differ by it. */
export type Hook = NetfilterHook;

/** One target extension: its options, and what it does. */
export interface TargetModule extends OptionOwner {
  readonly kind: 'target';
  /** The family whose tool alone has it. */
  readonly family?: 4 | 6;
  /** The actions, in order; errors go to the context's problems. */
  lower(use: TargetUse, context: RuleContext): readonly Action[];
}

/** The target as written, in canonical spacing: `LOG --log-prefix "x"`. */
export function targetText(use: TargetUse): string {
  const words = use.options.flatMap((option) => [
    `--${option.name}`,
    ...option.values.map((v) => quoteWord(v.text)),
  ]);
  return [use.name.text, ...words, ...use.rest.map((word) => quoteWord(word.text))].join(' ');
}

/** The target's effect on the verdict: none. */
export function note(use: TargetUse): readonly Action[] {
  return [{ kind: 'note', text: targetText(use) }];
}

/** `field := value` in the bits of `mask`, the others stay. */
export function assign(field: AssignableField, mask: number, value: number, full: number): Action {
  return { kind: 'assign', field, keep: (~mask & full) >>> 0, xor: value >>> 0 };
}

/** Reports an argument that a target's option does not take. */
export function badTargetArgument(
  context: RuleContext,
  option: OptionUse,
  word: Word,
  expected: string,
): readonly Action[] {
  context.problems.error('bad-argument', word, `\`${word.text}\` is not what \`--${option.name}\` takes`, {
    expected,
  });
  return [];
}

/** Reports a target whose options do not do. */
export function badTarget(
  context: RuleContext,
  use: TargetUse,
  message: string,
  expected: string,
): readonly Action[] {
  context.problems.error('bad-target', use, message, { expected });
  return [];
}

/** An outcome that postern does not know, with its line in the coverage. */
export function unknownOutcome(
  use: TargetUse,
  context: RuleContext,
  outcomes: readonly ('accept' | 'drop' | 'continue')[],
  reason: string,
  status: 'approximated' | 'unrecognised' = 'approximated',
): readonly Action[] {
  context.problems.cover(status, context.span, `\`-j ${targetText(use)}\`: ${reason}`);
  return [{ kind: 'unknown', outcomes, text: `-j ${targetText(use)}` }];
}
