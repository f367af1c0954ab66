import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { SourceFile, Span } from '../../text/source.ts';
import type { Place } from './ast.ts';

/** Errors after which reading stops; more of them would not help anybody. */
const ENOUGH = 20;

/** What an error adds to its message. */
interface Hints {
  readonly expected?: string;
  readonly help?: string;
}

/** Collects what reading one file has to say: errors, and the places that are not taken as written. */
export class Problems {
  readonly errors: Diagnostic[] = [];
  readonly coverage: CoverageEntry[] = [];
  private readonly told = new Set<string>();

  constructor(readonly file: SourceFile) {}

  /** A place of the file as a span. */
  span(place: Place): Span {
    return { file: this.file, start: place.start, end: place.end };
  }

  /** An error: the file cannot be read as a ruleset. */
  error(code: string, place: Place, message: string, hints: Hints = {}): void {
    if (this.errors.length < ENOUGH)
      this.errors.push({ severity: 'error', code, message, span: this.span(place), ...hints });
  }

  /** Something that is not taken exactly as written; each reason once for a place. */
  cover(status: CoverageEntry['status'], place: Place, reason: string): void {
    const key = `${place.start} ${reason}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    this.coverage.push({ span: this.span(place), status, reason });
  }

  /** Whether reading can stop. */
  get enough(): boolean {
    return this.errors.length >= ENOUGH;
  }
}
