import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { SourceFile, Span } from '../../text/source.ts';
import type { Place } from './ast.ts';
import { coverReplaced, type Replaced } from './replaced.ts';

/** Errors after which reading stops; more of them would not help anybody. */
const ENOUGH = 20;

/** What an error adds to its message. */
export interface Hints {
  readonly expected?: string;
  readonly help?: string;
}

/** Collects what reading one file has to say: errors, warnings and the lines that are not taken as written. */
export class Problems {
  readonly errors: Diagnostic[] = [];
  readonly warnings: Diagnostic[] = [];
  readonly coverage: CoverageEntry[] = [];

  private readonly forgotten = new Set<Span>();
  private readonly replaced: Replaced[] = [];

  constructor(readonly file: SourceFile) {}

  /** A place of the file as a span. */
  span(place: Place): Span {
    return { file: this.file, start: place.start, end: place.end };
  }

  /** An error: the file cannot be read as a rule set. */
  error(code: string, place: Place, message: string, hints: Hints = {}): void {
    this.errors.push({ severity: 'error', code, message, span: this.span(place), ...hints });
  }

  /** Something odd that does not change what the file means. */
  warn(code: string, place: Place, message: string, hints: Hints = {}): void {
    if (this.warnings.length < ENOUGH)
      this.warnings.push({ severity: 'warning', code, message, span: this.span(place), ...hints });
  }

  /** A line that is not taken exactly as written. */
  cover(status: CoverageEntry['status'], place: Place | Span, reason: string, wayBack = false): void {
    const span = 'file' in place ? place : this.span(place);
    this.coverage.push({ span, status, reason, ...(wayBack ? { wayBack } : {}) });
  }

  /** Takes back what was said of a rule that a later line deletes; `span` is the rule's own. */
  forget(span: Span): void {
    this.forgotten.add(span);
  }

  /** A section counts for nothing, because a later one of the same table replaces it. */
  replace(section: Place, by: Place): void {
    this.replaced.push({ section, by });
  }

  /** The lines that are not taken as written, but for those of deleted rules. */
  finalCoverage(): readonly CoverageEntry[] {
    const kept =
      this.forgotten.size === 0
        ? this.coverage
        : this.coverage.filter(({ span }) => !this.forgotten.has(span));
    return coverReplaced(kept, this.replaced, this.file);
  }

  /** Whether reading can stop. */
  get enough(): boolean {
    return this.errors.length >= ENOUGH;
  }
}
