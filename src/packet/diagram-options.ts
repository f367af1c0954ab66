import type { Layout } from './layout.ts';
import type { AddressNumbering } from './numbering.ts';

/** How a diagram is to be made. */
export interface DiagramOptions {
  /** Usually with the addresses first. */
  readonly layout?: Layout;
  /** Other numbers for addresses in the diagram's levels; without it an address is its own number. */
  readonly numbering?: AddressNumbering | undefined;
  /**
   * About how many nodes there will be: room is made for them at once, as each growth copies everything. The system gives
   * memory when it is first written to, so too great a number costs little.
   */
  readonly expected?: number;
}
