import type { ColumnMeaning, DocumentTable } from '../document.ts';
import type { PartyName } from './parties.ts';

/** One thing that a cell of ports says. */
export type PortTerm =
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  /** Of these one is enough. */
  | { readonly kind: 'choice'; readonly options: readonly (readonly [number, number])[] }
  /** Known to the site only: `other`, `Dynamic`, `User-defined range`; or nothing that could be read. */
  | { readonly kind: 'unknown'; readonly one: 'ports' | 'range' };

/** A row's cells by what their columns are about. */
export interface RowCells {
  readonly all: readonly { heading: string; text: string; meaning: ColumnMeaning }[];
  of(kind: ColumnMeaning['kind']): readonly { heading: string; text: string; meaning: ColumnMeaning }[];
}

/** What the reading of a row leans on beside its own cells. */
export interface RowContext {
  readonly table: DocumentTable;
  /** The party that the document is about, for rows that name only the other one. */
  readonly own: PartyName;
  /** The parties of the row above, for cells left empty. */
  readonly above?: PartiesReading;
}

/** Between whom a row's connections are. */
export interface PartiesReading {
  readonly sources: readonly PartyName[];
  readonly destinations: readonly PartyName[];
  readonly loopback: boolean;
  readonly bidirectional: boolean;
  readonly review: readonly string[];
}
