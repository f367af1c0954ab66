import type { Diagram, Node } from '../packet/diagram.ts';
import type { NumericField } from '../packet/fields.ts';
import { type DiagramField, FIELD_WIDTHS } from '../packet/layout.ts';
import { rangesNode } from '../packet/literals.ts';
import { intersection, normalise, type Ranges } from '../packet/ranges.ts';
import type { FieldCondition } from '../rule/condition.ts';
import type { FieldSet } from './plain.ts';

/** A product: what each field may be. */
export type FieldSets = Map<DiagramField, FieldSet>;

/** Puts one more field set into a product. */
export function narrow(fields: FieldSets, field: FieldSet): void {
  const known = fields.get(field.field);
  fields.set(
    field.field,
    known === undefined ? field : { ...field, values: meet(known.values, field.values) },
  );
}

/** The product as one path of nodes, built from the last field upwards; it ends in `inside`. */
export function pathOf(diagram: Diagram, fields: FieldSets, inside: Node): Node {
  let node = inside;
  const { levels } = diagram.layout;
  const firstLevel = ({ field }: FieldSet): number => levels[field][0] as number;
  const order = [...fields.values()].sort((a, b) => firstLevel(b) - firstLevel(a));
  for (const { field, values, width } of order) node = rangesNode(diagram, field, values, node, width);
  return node;
}

function meet(
  a: Ranges<number> | Ranges<bigint>,
  b: Ranges<number> | Ranges<bigint>,
): Ranges<number> | Ranges<bigint> {
  return intersection(a as Ranges<bigint>, b as Ranges<bigint>);
}

/** A masked comparison as the values that satisfy it, for fields of 16 bits and fewer. */
export function fieldOf(field: NumericField, mask: number, value: number): FieldCondition {
  const pairs: [number, number][] = [];
  for (let x = 0; x < 256 ** (field === 'state' ? 1 : 2); x++) if ((x & mask) === value) pairs.push([x, x]);
  return { kind: 'field', field, values: normalise(pairs) };
}

/** The condition that the packet has the field at all. */
export function whole(field: NumericField): FieldCondition {
  return { kind: 'field', field, values: [0, 256 ** FIELD_WIDTHS[field] - 1] };
}
