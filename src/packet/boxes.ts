import { stepsOf } from './box-steps.ts';
import { ALL, type Diagram, DiagramLimit, type Node, NONE } from './diagram.ts';
import type { DiagramField } from './layout.ts';
import type { Ranges } from './ranges.ts';

/**
 * A product of field sets; a field that is absent is unconstrained. Addresses are in `src`/`dst` as bigints,
 * in the family's width where `family` is constrained to one; interface names are ranges of 15-byte strings (see
 * interface-names.ts).
 */
export type PacketBox = Partial<Record<DiagramField, Ranges<bigint>>>;

/** Thrown where there is more to list than anybody reads; the message says of what. The analysis turns it into a diagnostic. */
export class BoxLimit extends DiagramLimit {}

/**
 * How many ranges the boxes of one set may have together. The address mask 0.0.0.255 alone has 16 million, and an IPv6
 * one more than there is time to count.
 */
const RANGE_LIMIT = 5_000_000;
const TOO_MANY =
  'a set of packets falls into too many separate ranges to list, as a mask with holes makes them';

/**
 * The boxes of a set: disjoint, exact, in ascending order. A box exists for each path through the fields.
 *
 * @throws BoxLimit where they have more than `limit` ranges
 */
export function boxesOf(diagram: Diagram, node: Node, limit: number = RANGE_LIMIT): PacketBox[] {
  const boxes: PacketBox[] = [];
  let left = limit;
  const spend = (steps: number): void => {
    left -= steps;
    if (left < 0) throw new BoxLimit(TOO_MANY);
  };
  const steps = stepsOf(diagram);
  const fields: DiagramField[] = [];
  const sets: Ranges<bigint>[] = [];
  const walk = (at: Node, ipv4: boolean): void => {
    if (at === NONE) return;
    if (at === ALL) {
      const box: PacketBox = {};
      for (let i = 0; i < fields.length; i++) box[fields[i] as DiagramField] = sets[i] as Ranges<bigint>;
      boxes.push(box);
      return;
    }
    const field = diagram.layout.fieldOf[diagram.level(at)];
    if (field === undefined) throw new Error('a set that depends on opaque predicates has no boxes');
    // The bytes of mark and ctmark alternate, so one product cannot hold what a set says of both.
    if (fields.includes(field)) throw new Error('a set that compares mark and ctmark has no boxes');
    fields.push(field);
    for (const [child, values] of steps.split(at, field, ipv4, spend)) {
      const family4 = field === 'family' ? values[0] === 0n && values.length === 2 && values[1] === 0n : ipv4;
      sets.push(values);
      walk(child, family4);
      sets.pop();
    }
    fields.pop();
  };
  walk(node, false);
  return boxes;
}
