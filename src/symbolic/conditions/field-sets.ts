import type { Diagram, Node } from '../../packet/diagram.ts';
import type { NumericField } from '../../packet/fields.ts';
import { type DiagramField, FIELD_WIDTHS } from '../../packet/layout.ts';
import { levelsNode } from '../../packet/literals.ts';
import { intersection, normalise, type Ranges } from '../../packet/ranges.ts';
import type { FieldCondition } from '../../rule/condition.ts';
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
  const { levels } = diagram.layout;
  const order: FieldSet[] = [];
  // There are few fields, and this is done for every rule: sorted where they are put.
  for (const set of fields.values()) {
    const level = levels[set.field][0] as number;
    let at = order.length;
    for (; at > 0 && (levels[(order[at - 1] as FieldSet).field][0] as number) < level; at--)
      order[at] = order[at - 1] as FieldSet;
    order[at] = set;
  }
  let node = inside;
  for (const { field, values, width } of order) node = levelsNode(diagram, field, values, node, width);
  return node;
}

function meet(
  a: Ranges<number> | Ranges<bigint>,
  b: Ranges<number> | Ranges<bigint>,
): Ranges<number> | Ranges<bigint> {
  if (isWhole(a)) return b;
  if (isWhole(b)) return a;
  return intersection(a as Ranges<bigint>, b as Ranges<bigint>);
}

/** All IPv4 addresses, which a rule asks for that is about one family; the other list stays the same list, and known. */
const isWhole = (values: Ranges<number> | Ranges<bigint>): boolean =>
  values.length === 2 && values[0] === 0 && values[1] === 0xffff_ffff;

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
