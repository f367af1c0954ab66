import type { Diagnostic } from '../../text/diagnostic.ts';
import { type Position, SourceFile } from '../../text/source.ts';

/** A diagnostic that can go from one thread or process to another: of its file it has the line that it is about. */
export interface PackedDiagnostic extends Omit<Diagnostic, 'span'> {
  readonly span?: PackedSpan;
}

interface PackedSpan {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** The line's text. */
  readonly text: string;
  readonly label?: string;
  readonly withheld?: true;
}

/** Lines that are longer are cut; what is printed of one is a few hundred characters around its column. */
const LONGEST_LINE = 100_000;

/** Packs a diagnostic. */
export function packDiagnostic({ span, ...rest }: Diagnostic): PackedDiagnostic {
  if (span === undefined) return rest;
  const { line, column } = span.file.position(span.start);
  const text = span.withheld === true ? '' : span.file.lineText(line).slice(0, LONGEST_LINE);
  const packed = { path: span.file.path, line, column, length: span.end - span.start, text };
  return { ...rest, span: { ...packed, ...notes(span) } };
}

/** What a span says besides its place. */
function notes({ label, withheld }: Pick<PackedSpan, 'label' | 'withheld'>) {
  return {
    ...(label === undefined ? {} : { label }),
    ...(withheld === undefined ? {} : { withheld }),
  };
}

/**
 * A file of which one line is known, and one place in it: where it is withheld, or long, its text does not reach as far as the
 * column.
 */
class OneLine extends SourceFile {
  constructor(private readonly span: PackedSpan) {
    super(span.path, span.text);
  }

  override position(): Position {
    const { line, column } = this.span;
    return { line, column };
  }

  override lineText(line: number): string {
    return line === this.span.line ? this.text : '';
  }
}

/** A diagnostic that prints as the one that was packed. */
export function unpackDiagnostic({ span, ...rest }: PackedDiagnostic): Diagnostic {
  if (span === undefined) return rest;
  return { ...rest, span: { file: new OneLine(span), start: 0, end: span.length, ...notes(span) } };
}
