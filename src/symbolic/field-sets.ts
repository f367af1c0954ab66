import type { NumericField } from '../packet/fields.ts';
import { type DiagramField, FIELD_WIDTHS } from '../packet/layout.ts';
import type { FieldSet } from '../packet/product.ts';
import { intersection, normalise, type Ranges } from '../packet/ranges.ts';
import type { FieldCondition } from '../rule/condition.ts';

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
