import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL, Diagram, NONE } from '../../src/packet/diagram.ts';
import { existsAnd } from '../../src/packet/exists-and.ts';
import { LAYOUTS } from '../../src/packet/layout.ts';
import { exists, levelSet } from '../../src/packet/operations.ts';
import { normalise } from '../../src/packet/ranges.ts';
import { portSetNode, portSets } from '../support/port-sets.ts';

const fields = fc.subarray(['sport', 'dport', 'mark', 'src'] as const);

describe('what is in two sets for some value of fields', () => {
  it.each(LAYOUTS.map((layout, i) => [i, layout] as const))(
    'is found as in their intersection, order %i',
    (_, layout) => {
      fc.assert(
        fc.property(portSets, portSets, fields, (one, other, asked) => {
          const diagram = new Diagram({ layout });
          const [a, b] = [portSetNode(diagram, one), portSetNode(diagram, other)];
          const set = levelSet(layout, asked);
          const whole = exists(diagram, diagram.and(a, b), set);
          expect(existsAnd(diagram, a, b, set)).toBe(whole);
          expect(existsAnd(diagram, b, a, set)).toBe(whole);
        }),
        { numRuns: 400, seed: 20261122 },
      );
    },
  );

  it('takes everything and nothing as they are', () => {
    const diagram = new Diagram();
    const some = portSetNode(diagram, [[{ field: 'dport', values: normalise([[80, 80]]) }]]);
    const set = levelSet(diagram.layout, ['dport']);
    expect([
      existsAnd(diagram, ALL, some, set),
      existsAnd(diagram, some, ALL, set),
      existsAnd(diagram, some, NONE, set),
      existsAnd(diagram, NONE, ALL, set),
      existsAnd(diagram, ALL, ALL, set),
    ]).toEqual([ALL, ALL, NONE, NONE, ALL]);
  });
});
