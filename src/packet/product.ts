import { type Diagram, type Node, NONE } from './diagram.ts';
import { bitsOf, type DiagramField } from './layout.ts';
import { levelsNode } from './literals.ts';
import type { Ranges } from './ranges.ts';

/** One field's values, in its diagram levels. */
export interface FieldSet {
  readonly field: DiagramField;
  /** As the diagram's levels have them (levelValues). */
  readonly values: Ranges<number> | Ranges<bigint>;
  /** Bytes of the values: 4 for an IPv4 address. */
  readonly width: number;
}

/** A decision that is the same leaf for all packets of which each field is in its set. */
export interface Product {
  /** In the order in which the diagram tests them, at least one. */
  readonly fields: readonly FieldSet[];
  readonly leaf: Node;
}

/** The decision of one rule, or of several: many rules are products, and need not be diagrams of their own. */
export type Part = Product | Node;

/** The field sets in the order in which the diagram tests them. */
export function inOrder(diagram: Diagram, sets: Iterable<FieldSet>): FieldSet[] {
  const { levels } = diagram.layout;
  const order: FieldSet[] = [];
  // There are few fields, and this is done for every rule: sorted where they are put.
  for (const set of sets) {
    const level = levels[set.field][0] as number;
    let at = order.length;
    for (; at > 0 && (levels[(order[at - 1] as FieldSet).field][0] as number) > level; at--)
      order[at] = order[at - 1] as FieldSet;
    order[at] = set;
  }
  return order;
}

/** Fields in the diagram's order as one path of nodes, built from the last field upwards; it ends in `inside`. */
export function pathOf(diagram: Diagram, fields: readonly FieldSet[], inside: Node, from = 0): Node {
  let node = inside;
  for (let i = fields.length - 1; i >= from && node !== NONE; i--) {
    const { field, values, width } = fields[i] as FieldSet;
    node = levelsNode(diagram, field, values, node, width);
  }
  return node;
}

/** The part as a decision. */
export function decisionOf(diagram: Diagram, part: Part): Node {
  return typeof part === 'number' ? part : pathOf(diagram, part.fields, part.leaf);
}

/** The fields (bits, see `Layout.fieldBit`) that the part may depend on. */
export function fieldsOf(diagram: Diagram, part: Part): number {
  return typeof part === 'number' ? diagram.fields(part) : bitsOf(part.fields.map(({ field }) => field));
}
