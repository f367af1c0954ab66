import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { SourceFile, Span } from '../../text/source.ts';
import type { Place } from './ast/ast.ts';

/** Errors after which reading stops; more of them would not help anybody. */
const ENOUGH = 20;

/** What an error adds to its message. */
interface Hints {
  readonly expected?: string;
  readonly help?: string;
}

/** A file and the place of its first character among the offsets of all files. */
interface FileAt {
  readonly file: SourceFile;
  readonly base: number;
}

/**
 * Collects what reading a file, and those that it includes, has to say: errors, and the places that are not taken as
 * written. A place is an offset in all the files, one behind the other.
 */
export class Problems {
  readonly errors: Diagnostic[] = [];
  readonly coverage: CoverageEntry[] = [];
  /** Reading stands in a table of iptables-nft, whose chains nft lists by names that its language has not. */
  ofIptables = false;
  /** The file is what nft lists, of which it does not read everything itself. */
  listing = false;
  /** Where elements of sets without a name begin that overlap others, as none that are loaded do: their listing has lost something. */
  readonly lost = new Set<number>();
  private readonly told = new Set<string>();
  private readonly files: FileAt[];
  private readonly labels: { readonly start: number; readonly end: number; readonly text: string }[] = [];

  /** @param free names are strings of JSON, which may be words that the language keeps for itself */
  constructor(
    readonly file: SourceFile,
    readonly free = false,
  ) {
    this.files = [{ file, base: 0 }];
  }

  /** Adds an included file. Returns what is to be added to the offsets of its places. */
  addFile(file: SourceFile): number {
    const last = this.files[this.files.length - 1] as FileAt;
    const base = last.base + last.file.text.length + 1;
    this.files.push({ file, base });
    return base;
  }

  /** The files that were included. */
  get included(): readonly SourceFile[] {
    return this.files.slice(1).map(({ file }) => file);
  }

  /** Says what reports show of what stands at a place, in the order of the places. */
  label({ start, end }: Place, text: string): void {
    this.labels.push({ start, end, text });
  }

  /** A place as a span of its file. */
  span(place: Place): Span {
    const { file, base } = lastAtMost(this.files, place.start, ({ base }) => base) as FileAt;
    const start = place.start - base;
    const end = Math.max(start, Math.min(place.end - base, file.text.length));
    const label = lastAtMost(this.labels, place.start, ({ start }) => start);
    if (label === undefined || place.start > label.end) return { file, start, end };
    return { file, start, end, label: label.text };
  }

  /** What is written at a place. */
  textAt(place: Place): string {
    const { file, start, end } = this.span(place);
    return file.text.slice(start, end);
  }

  /** An error: the file cannot be read as a ruleset. */
  error(code: string, place: Place, message: string, hints: Hints = {}): void {
    if (this.errors.length < ENOUGH)
      this.errors.push({ severity: 'error', code, message, span: this.span(place), ...hints });
  }

  /** Something that is not taken exactly as written; each reason once for a place. */
  cover(status: CoverageEntry['status'], place: Place, reason: string, wayBack = false): void {
    const key = `${place.start} ${reason}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    this.coverage.push({ span: this.span(place), status, reason, ...(wayBack ? { wayBack } : {}) });
  }

  /** The same, at the first of all places that it is about. */
  coverFirst(status: CoverageEntry['status'], place: Place, reason: string): void {
    if (this.told.has(reason)) return;
    this.told.add(reason);
    this.cover(status, place, reason);
  }

  /** Whether reading can stop. */
  get enough(): boolean {
    return this.errors.length >= ENOUGH;
  }
}

/** The last of a sorted list whose number is not greater. */
function lastAtMost<T>(list: readonly T[], wanted: number, numberOf: (item: T) => number): T | undefined {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numberOf(list[middle] as T) <= wanted) low = middle + 1;
    else high = middle;
  }
  return list[low - 1];
}
