import type { Span } from '../text/source.ts';
import type { Walk } from './walk.ts';

/** What a packet's way depends on and nobody has said: an unmodelled match, an unknown target, an open field. */
export interface Question {
  readonly kind: QuestionKind;
  /**
   * Questions of one way with the same key have the same answer, and the interpreter itself asks no key twice but
   * for stateful ones, whose key holds the place and the visit.
   */
  readonly key: string;
  /** For `dependsOn`: the match or target as written, or a few words about the field. */
  readonly text: string;
  readonly stateful: boolean;
  /** Where it is asked, where that is known. */
  readonly span?: Span;
  /** What can be answered; `['no', 'yes']` for everything but `outcome` and `choice`. */
  readonly options: readonly string[];
}

/**
 * - `opaque`: does the unmodelled match hold?
 * - `field`, `address`, `interface`: does a field whose value is not known have one that the condition asks for?
 * - `address-type`: does the routing table call the address so?
 * - `set`: is a packet with open fields in the named set?
 * - `routing`: is the translated destination one of the host's?
 * - `outcome`: what does the unknown target do? - `choice`: which interface is it?
 */
export type QuestionKind =
  | 'opaque'
  | 'field'
  | 'address'
  | 'interface'
  | 'address-type'
  | 'set'
  | 'routing'
  | 'outcome'
  | 'choice';

/** One behaviour of everything that is not modelled. */
export interface Valuation {
  /** The answer to a question of yes or no. */
  opaque(question: Question): boolean;
  /** The index of the chosen option; out of range counts as the first. */
  choose(question: Question, options: readonly string[]): number;
}

/** The options of a question of yes or no. */
export const NO_YES: readonly string[] = ['no', 'yes'];

/** A question with what an answer does to the walk that asked it (or to a copy of that walk). */
export interface Pending {
  readonly question: Question;
  apply(walk: Walk, option: number): void;
}

/** Three-valued truth: the third value is the question that decides. */
export type Truth = boolean | Pending;

/**
 * The valuation that answers by text: what the map says, else no (and the first option).
 * @param answers true or false for matches, the option's name for targets and choices
 */
export function answering(answers: Readonly<Record<string, boolean | string>> = {}): Valuation {
  const of = (text: string) => (Object.hasOwn(answers, text) ? answers[text] : undefined);
  return {
    opaque: ({ text }) => of(text) === true || of(text) === 'yes',
    choose: ({ text }, options) => Math.max(0, options.indexOf(String(of(text)))),
  };
}

/** The option that a valuation takes. */
export function answerOf(valuation: Valuation, question: Question): number {
  if (question.options === NO_YES) return valuation.opaque(question) ? 1 : 0;
  const chosen = valuation.choose(question, question.options);
  return Number.isInteger(chosen) && chosen >= 0 && chosen < question.options.length ? chosen : 0;
}
