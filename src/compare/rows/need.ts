import type { Node } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';

/** What must pass: every packet of `set`, for some value of the fields of `project`. */
export interface NeededPackets {
  readonly set: Node;
  /** Only packets of this set count as passing (off the loopback interface, one of the choice's ports, …). */
  readonly within: Node;
  readonly project: readonly DiagramField[];
  readonly perhaps: PerhapsServed;
}

/** What cannot pass of a need and may be served all the same, as nobody knows where packets come to. */
export interface PerhapsServed {
  /** Of the needed packets. */
  readonly served: Node;
  /** What would come in their place. */
  readonly calling: Node;
}

/** Something that a row needs. */
export interface Need extends NeededPackets {
  /** Packets by interfaces that the host has; only there a connection is one where no interface is named. */
  readonly existing: Node;
  /**
   * Fields of which one value is enough for the packet to be able to pass, and every one must pass for it to be sure:
   * who is a member of a group, where nobody gave its members.
   */
  readonly unknown: readonly DiagramField[];
  /** The same for what is one need in both families. */
  readonly key: string;
  /** The packets go to groups or to everybody on the link: nobody replies from there. */
  readonly toGroups: boolean;
}
