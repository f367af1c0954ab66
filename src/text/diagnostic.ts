import type { Span } from './source.ts';

/**
 * Something to tell the user about an input. Errors are values: functions return them and never throw.
 * Its four parts are the house style: what, where (`span`), what was expected, what helps.
 */
export interface Diagnostic {
  /** `error` means that the command cannot do its job and exits 2. */
  readonly severity: 'error' | 'warning';
  /** Stable kebab-case name of the kind, for tests and for looking it up. */
  readonly code: string;
  /** One sentence, user input in backticks. */
  readonly message: string;
  readonly span?: Span;
  /** Where no span exists (a file that cannot be opened): the path. */
  readonly path?: string;
  /** What would have been accepted here. */
  readonly expected?: string;
  /** What the user can do. */
  readonly help?: string;
}

/** A value, or the reasons why there is none. Warnings may accompany a value. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly errors: readonly Diagnostic[] };

/** A successful result. */
export function success<T>(value: T, warnings: readonly Diagnostic[] = []): Result<T> {
  return { ok: true, value, warnings };
}

/** A failed result. */
export function failure<T>(...errors: readonly Diagnostic[]): Result<T> {
  return { ok: false, errors };
}

/** The diagnostic at the place, where one is known: what a caller has chosen on the command line has none. */
export function placed(diagnostic: Diagnostic, span: Span | undefined): Diagnostic {
  return span === undefined ? diagnostic : { ...diagnostic, span };
}
