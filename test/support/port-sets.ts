import fc from 'fast-check';
import { ALL, type Diagram, type Node } from '../../src/packet/diagram.ts';
import { rangesNode } from '../../src/packet/literals.ts';
import { normalise } from '../../src/packet/ranges.ts';

/** Values at which the sets below begin and end. */
export const smallValue = fc.nat(700);

const ranges = fc
  .array(fc.tuple(smallValue, smallValue), { minLength: 1, maxLength: 4 })
  .map((pairs) => normalise(pairs.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)));
const part = fc.record({
  field: fc.constantFrom('sport', 'dport', 'mark') as fc.Arbitrary<'sport' | 'dport' | 'mark'>,
  values: ranges,
});

/** Sets as unions of products of ranges of ports and marks. */
export const portSets = fc.array(fc.array(part, { minLength: 1, maxLength: 3 }), { maxLength: 5 });

export type PortSet = typeof portSets extends fc.Arbitrary<infer T> ? T : never;

/** The set in a diagram. */
export function portSetNode(diagram: Diagram, products: PortSet): Node {
  return diagram.orAll(
    products.map((parts) =>
      parts.reduce(
        (node: Node, { field, values }) => diagram.and(node, rangesNode(diagram, field, values, ALL)),
        ALL,
      ),
    ),
  );
}
