import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { andWithBytes } from '../../src/packet/and-with-bytes.ts';
import { Diagram } from '../../src/packet/diagram.ts';
import { LAYOUTS } from '../../src/packet/layout.ts';
import { withBytes } from '../../src/packet/operations.ts';
import { portSetNode, portSets, smallValue } from '../support/port-sets.ts';

describe('packets of a set that are in another one once bytes have one value', () => {
  it.each(LAYOUTS.map((layout, i) => [i, layout] as const))(
    'are those of the whole, order %i',
    (_, layout) => {
      fc.assert(
        fc.property(
          portSets,
          portSets,
          fc.array(smallValue, { minLength: 1, maxLength: 2 }),
          (one, other, [value, mark]) => {
            const diagram = new Diagram({ layout });
            const bytes = new Map<number, number>();
            const [high, low] = layout.levels.dport as readonly [number, number];
            bytes.set(high, (value as number) >> 8).set(low, (value as number) & 255);
            if (mark !== undefined) bytes.set(layout.levels.mark[3] as number, mark & 255);
            const [a, b] = [portSetNode(diagram, one), portSetNode(diagram, other)];
            expect(andWithBytes(diagram, a, b, bytes)).toBe(diagram.and(a, withBytes(diagram, b, bytes)));
          },
        ),
        { numRuns: 300, seed: 20261122 },
      );
    },
  );
});
