import type { Diagnostic } from '../text/diagnostic.ts';
import type { Span } from '../text/source.ts';
import type { DocumentCell } from './document.ts';

/** A table as its format has it, before anybody knows whether it is one of connections. */
export interface RawTable {
  readonly headings: readonly DocumentCell[];
  readonly rows: readonly RawRow[];
  readonly span: Span;
  /** The table's own title, where the format has one. */
  readonly caption?: string;
  /** What makes its rows uncertain (merged cells, a table without end); fatal where it is a table of connections. */
  readonly problems: readonly Diagnostic[];
}

/** A row as the format has it: it may have more or fewer cells than there are headings. */
export interface RawRow {
  readonly cells: readonly DocumentCell[];
  readonly span: Span;
}

/** A heading of the document; `level` 1 is the outermost. */
export interface RawHeading {
  readonly level: number;
  readonly text: string;
  /** Offset in the source. */
  readonly start: number;
  readonly end: number;
}

/** What a format's reader finds, in the source's order. */
export interface RawDocument {
  readonly title?: string;
  readonly tables: readonly RawTable[];
  readonly headings: readonly RawHeading[];
}

/** A text with white space as single spaces, and none at the ends: how cells are kept and digested. */
export function collapse(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
