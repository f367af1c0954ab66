import type { Layout } from './layout.ts';

/** How a diagram is to be made. */
export interface DiagramOptions {
  /** Usually with the addresses first. */
  readonly layout?: Layout;
  /**
   * About how many nodes there will be: room is made for them at once, as each growth copies everything. The system gives
   * memory when it is first written to, so too great a number costs little.
   */
  readonly expected?: number;
}
