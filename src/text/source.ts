/**
 * A text that postern reads, with the offsets of its lines. Lines and columns are derived from offsets
 * only when somebody asks, because a firewall dump of 100,000 rules has no use for two million of them.
 */
export class SourceFile {
  private lineStarts: Uint32Array | undefined;

  /**
   * @param path the path as the user gave it (`-` for standard input); it is what reports print
   * @param text the whole text
   */
  constructor(
    readonly path: string,
    readonly text: string,
  ) {}

  /** The 1-based line and column (in UTF-16 code units) of an offset; past the end it is the end's. */
  position(offset: number): Position {
    const starts = this.starts();
    const at = Math.min(Math.max(offset, 0), this.text.length);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - (starts[low] as number) + 1 };
  }

  /** The text of a 1-based line, without its line break; empty past the end. */
  lineText(line: number): string {
    const starts = this.starts();
    const from = starts[line - 1];
    if (from === undefined) return '';
    const to = starts[line] ?? this.text.length;
    return this.text.slice(from, to).replace(/\r?\n$/, '');
  }

  /** How many lines there are; a final line break does not begin another. */
  get lineCount(): number {
    const starts = this.starts();
    return this.text.endsWith('\n') ? starts.length - 1 : starts.length;
  }

  private starts(): Uint32Array {
    if (this.lineStarts === undefined) {
      const found = [0];
      for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1))
        found.push(at + 1);
      this.lineStarts = new Uint32Array(found);
    }
    return this.lineStarts;
  }
}

/** A 1-based place in a file. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A half-open range of UTF-16 offsets in one file: `[start, end)`. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
  /** What to show in place of the line's text, where lines say little (JSON, which may be one line). */
  readonly label?: string;
  /** The file may have secrets beside what it is read for (tags, user data, passwords): its lines are quoted nowhere. */
  readonly withheld?: true;
}

/** So many characters of a line are quoted: a map of thousands of elements is one line, and each of them can be a finding. */
const QUOTED = 4_000;

/** What a report shows of a span's place: its label, or the line that it begins in, of which the end is left out where it is long. */
export function spanText(span: Span): string {
  if (span.label !== undefined || span.withheld === true) return span.label ?? '';
  const text = span.file.lineText(span.file.position(span.start).line);
  if (text.length <= QUOTED) return text;
  // Not between the halves of a surrogate pair.
  const end = (text.codePointAt(QUOTED - 1) as number) > 0xffff ? QUOTED - 1 : QUOTED;
  const more = text.length - end;
  return `${text.slice(0, end)}… (${more} more ${more === 1 ? 'character' : 'characters'})`;
}

/** `file:line:col` of a span's beginning, as compilers print it. */
export function formatPlace(span: Span): string {
  const { line, column } = span.file.position(span.start);
  return `${span.file.path}:${line}:${column}`;
}
