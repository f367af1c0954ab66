import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { SourceFile, Span } from '../../text/source.ts';
import type { Word } from './ast.ts';
import type { Budget, SetContent } from './content.ts';
import type { SetSpec } from './types.ts';

/** A set while the file is carried out. */
export interface WorkingSet {
  readonly spec: SetSpec;
  readonly content: SetContent;
  /** Its entries are IPv4 addresses or networks and nothing else. */
  readonly plain: boolean;
}

/** What the commands work on. */
export interface World {
  readonly file: SourceFile;
  readonly sets: Map<string, WorkingSet>;
  /** How often each name stands in a list:set. */
  readonly references: Map<string, number>;
  readonly coverage: CoverageEntry[];
  readonly budget: Budget;
  /** Adds a warning; of each kind one for each set, so that a million equal lines give one. */
  warn(key: string, warning: Diagnostic): void;
}

/** An error about a word. */
export function wrong(file: SourceFile, word: Word, code: string, message: string): Diagnostic {
  return { severity: 'error', code, message, span: { file, start: word.start, end: word.end } };
}

/** A name that no `create` before it has made. */
export function noSuchSet(file: SourceFile, word: Word): Diagnostic {
  return {
    ...wrong(file, word, 'ipset-unknown-set', `set \`${word.text.slice(0, 80)}\` does not exist here`),
    expected: 'the name of a set that was created above',
  };
}

/** Too much work for one file. */
export function tooMany(span: Span): Diagnostic {
  const message = 'the file takes too many deletions and flushes to follow';
  return {
    severity: 'error',
    code: 'ipset-too-large',
    message,
    span,
    help: 'save the sets with `ipset save`',
  };
}
