import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { rangesNode } from '../../packet/literals.ts';
import { normalise } from '../../packet/ranges.ts';
import type { Transform } from './transform.ts';

/** The packets that an assignment to the TTL or the TOS leaves as they are, as they have the value that it gives. */
export function sameBytes(diagram: Diagram, transform: Transform): Node {
  const nodes = FIELDS.map((field) => {
    const values = transform[field];
    if (values === undefined) return NONE;
    const same = Array.from(values.keys()).filter((value) => values[value] === value);
    return rangesNode(diagram, field, normalise(same.map((value) => [value, value] as const)), ALL);
  });
  return diagram.orAll(nodes);
}

/** Fields of which a table says what each value becomes. */
const FIELDS = ['tos', 'ttl'] as const;
