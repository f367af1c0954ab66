import type { OptionUse, Word } from './ast.ts';
import type { OptionOwner, OptionSpec } from './getopt.ts';

/** A match or target while its options are read. It becomes the AST's node as it is. */
export interface Draft {
  readonly owner: OptionOwner | undefined;
  readonly options: OptionUse[];
  readonly rest: Word[];
  readonly start: number;
  end: number;
}

/** `-m name`, or the match that `-p` brings in. */
export interface MatchDraft extends Draft {
  readonly name: string;
  readonly implicit: boolean;
}

/** `-j name` or `-g name`. */
export interface TargetDraft extends Draft {
  readonly name: Word;
  readonly goto: boolean;
}

/** A match without options so far; its place is the word that names it. */
export function matchDraft(word: Word, owner: OptionOwner | undefined, implicit: boolean): MatchDraft {
  const { start, end } = word;
  return { name: owner?.name ?? word.text, implicit, owner, options: [], rest: [], start, end };
}

/** The option's name of `--name` or `--name=value`. */
export function longName(text: string): string {
  const equals = text.indexOf('=');
  return equals < 0 ? text.slice(2) : text.slice(2, equals);
}

/** The end of a word, from its `from`-th character. */
export function part(word: Word, from: number): Word {
  return { text: word.text.slice(from), start: word.start, end: word.end };
}

/** How many arguments an option wants, in words. */
export function argumentsOf(spec: OptionSpec): string {
  return spec.values === 1 ? 'an argument' : `${spec.values} arguments`;
}
