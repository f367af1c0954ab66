import type { SourceFile, Span } from '../text/source.ts';

/**
 * A vendor's page as read: its tables of connections, in the page's order, every cell as written. What the cells mean
 * is a separate step (`read-row.ts`); nothing here is interpreted but the headings.
 */
export interface Document {
  readonly source: SourceFile;
  readonly format: DocumentFormat;
  /** The page's own title: front matter, `<title>` or the first heading; absent where there is none. */
  readonly title?: string;
  /** The tables of connections; at least one. */
  readonly tables: readonly DocumentTable[];
  /** Tables that are none of connections, by their headings. */
  readonly others: readonly OtherTable[];
  /** Lines outside the tables that look like connections (`VPN → Manager: 22`); nobody has read them. */
  readonly loose: readonly Span[];
}

/** Markdown, also with HTML in it, and plain text with pipe tables are one format. */
export type DocumentFormat = 'markdown' | 'html' | 'csv';

/** One table of connections. */
export interface DocumentTable {
  /** Its place among the tables of connections, from 1. */
  readonly index: number;
  /** The heading or line above it; empty where there is none. */
  readonly title: string;
  /** The headings around that, outermost first. */
  readonly sections: readonly string[];
  /** Up to 2,000 characters of running text between this table and what is above it, for what headings leave open. */
  readonly preamble: string;
  readonly columns: readonly DocumentColumn[];
  readonly rows: readonly DocumentRow[];
  readonly span: Span;
}

/** A column of a table. */
export interface DocumentColumn {
  /** The heading without markup, made unique by a number and never empty; what baselines list under `columns`. */
  readonly heading: string;
  readonly meaning: ColumnMeaning;
  readonly span: Span;
}

/** What a heading says that its cells are about. `name`: a party without a word of where it stands. */
export interface ColumnMeaning {
  readonly kind:
    | 'source'
    | 'destination'
    | 'port'
    | 'source-port'
    | 'protocol'
    | 'direction'
    | 'permission'
    | 'required'
    | 'service'
    | 'name'
    | 'description'
    | 'other';
  /** For ports: the transport protocol that the heading names (`TCP ports`). */
  readonly transport?: 'tcp' | 'udp';
}

/** One row; it has a cell for every column. */
export interface DocumentRow {
  /** Its number in the table, from 1, the headings not counted. */
  readonly number: number;
  readonly cells: readonly DocumentCell[];
  /** Cells at the end that the document leaves out; they are empty in `cells`. */
  readonly absent: number;
  /** Hex SHA-256 of all cells, as baseline/digest.ts computes it: what a baseline's row carries as `digest`. */
  readonly digest: string;
  readonly span: Span;
}

/** One cell. */
export interface DocumentCell {
  /** As the source has it, markup too, with white space as single spaces and none at the ends. */
  readonly verbatim: string;
  /** Without markup, entities decoded; lines (`<br>`, paragraphs, list items) are separated by line feeds. */
  readonly text: string;
  /** Footnote marks that were taken out of `text`. */
  readonly footnotes: readonly string[];
  /** Whether text that is struck out was left out of `text`. */
  readonly struck: boolean;
  readonly span: Span;
}

/** A table that was left out. */
export interface OtherTable {
  readonly headings: readonly string[];
  readonly span: Span;
}
