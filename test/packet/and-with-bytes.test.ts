import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { andWithBytes } from '../../src/packet/and-with-bytes.ts';
import { ALL, Diagram, type Node } from '../../src/packet/diagram.ts';
import { rangesNode } from '../../src/packet/literals.ts';
import { LAYOUTS } from '../../src/packet/layout.ts';
import { withBytes } from '../../src/packet/operations.ts';
import { normalise } from '../../src/packet/ranges.ts';

const port = fc.nat(700);
const ranges = fc
  .array(fc.tuple(port, port), { minLength: 1, maxLength: 4 })
  .map((pairs) => normalise(pairs.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)));
const part = fc.record({
  field: fc.constantFrom('sport', 'dport', 'mark') as fc.Arbitrary<'sport' | 'dport' | 'mark'>,
  values: ranges,
});
const sets = fc.array(fc.array(part, { minLength: 1, maxLength: 3 }), { maxLength: 5 });

describe('packets of a set that are in another one once bytes have one value', () => {
  it.each(LAYOUTS.map((layout, i) => [i, layout] as const))(
    'are those of the whole, order %i',
    (_, layout) => {
      fc.assert(
        fc.property(
          sets,
          sets,
          fc.array(port, { minLength: 1, maxLength: 2 }),
          (one, other, [value, mark]) => {
            const diagram = new Diagram({ layout });
            const nodeOf = (products: typeof one): Node =>
              diagram.orAll(
                products.map((parts) =>
                  parts.reduce(
                    (node: Node, { field, values }) =>
                      diagram.and(node, rangesNode(diagram, field, values, ALL)),
                    ALL,
                  ),
                ),
              );
            const bytes = new Map<number, number>();
            const [high, low] = layout.levels.dport as readonly [number, number];
            bytes.set(high, (value as number) >> 8).set(low, (value as number) & 255);
            if (mark !== undefined) bytes.set(layout.levels.mark[3] as number, mark & 255);
            const [a, b] = [nodeOf(one), nodeOf(other)];
            expect(andWithBytes(diagram, a, b, bytes)).toBe(diagram.and(a, withBytes(diagram, b, bytes)));
          },
        ),
        { numRuns: 300, seed: 20261122 },
      );
    },
  );
});
