import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL, NONE } from '../../src/packet/diagram.ts';
import { TERMINAL_LEVEL } from '../../src/packet/layout.ts';
import type { PacketSet, PacketSpace } from '../../src/packet/set.ts';
import { build, bytesOf, has, holds, pointArbitrary, termArbitrary, spaceFor } from './terms.ts';

const NUM_RUNS = Number(process.env.POSTERN_RUNS ?? 200);
const term = termArbitrary();

/** Three random sets of one space. */
function sets(check: (a: PacketSet, b: PacketSet, c: PacketSet, space: PacketSpace) => void): void {
  fc.assert(
    fc.property(term, term, term, (a, b, c) => {
      const space = spaceFor(a);
      check(build(space, a), build(space, b), build(space, c), space);
    }),
    { numRuns: NUM_RUNS },
  );
}

describe('the algebra of packet sets', () => {
  it('has the points that the definition says', () => {
    fc.assert(
      fc.property(term, fc.array(pointArbitrary, { minLength: 5, maxLength: 20 }), (expression, points) => {
        const space = spaceFor(expression);
        const { node } = build(space, expression);
        for (const point of points)
          expect(has(space.diagram, node, bytesOf(point, space.diagram.layout))).toBe(
            holds(expression, point),
          );
      }),
      { numRuns: 2 * NUM_RUNS },
    );
  });

  // Every law is an equality of objects: that is what canonical means.
  it('is commutative, associative and idempotent', () =>
    sets((a, b, c) => {
      expect(a.union(b)).toBe(b.union(a));
      expect(a.intersect(b)).toBe(b.intersect(a));
      expect(a.union(b).union(c)).toBe(a.union(b.union(c)));
      expect(a.intersect(b).intersect(c)).toBe(a.intersect(b.intersect(c)));
      expect(a.union(a)).toBe(a);
      expect(a.intersect(a)).toBe(a);
    }));

  it('distributes, absorbs and obeys De Morgan', () =>
    sets((a, b, c) => {
      expect(a.intersect(b.union(c))).toBe(a.intersect(b).union(a.intersect(c)));
      expect(a.union(b.intersect(c))).toBe(a.union(b).intersect(a.union(c)));
      expect(a.union(a.intersect(b))).toBe(a);
      expect(a.intersect(a.union(b))).toBe(a);
      expect(a.union(b).complement()).toBe(a.complement().intersect(b.complement()));
      expect(a.intersect(b).complement()).toBe(a.complement().union(b.complement()));
    }));

  it('has complements and differences', () =>
    sets((a, b, c, space) => {
      expect(a.complement().complement()).toBe(a);
      expect(a.union(a.complement())).toBe(space.all);
      expect(a.intersect(a.complement())).toBe(space.empty);
      expect(a.subtract(b)).toBe(a.intersect(b.complement()));
      expect(a.subtract(b).union(a.intersect(b))).toBe(a);
      expect(a.subtract(b).subtract(c)).toBe(a.subtract(b.union(c)));
      expect(a.union(space.empty)).toBe(a);
      expect(a.intersect(space.all)).toBe(a);
      expect(a.subtract(space.all).isEmpty).toBe(true);
    }));

  it('orders sets by inclusion', () =>
    sets((a, b, c) => {
      expect(a.isSubset(b)).toBe(a.union(b) === b);
      expect(a.isSubset(b)).toBe(a.intersect(b) === a);
      expect(a.isSubset(b)).toBe(b.complement().isSubset(a.complement()));
      expect(a.intersect(b).isSubset(a)).toBe(true);
      expect(a.isSubset(a.union(b))).toBe(true);
      if (a.isSubset(b) && b.isSubset(a)) expect(a).toBe(b);
      expect(a.intersect(b).isSubset(c)).toBe(a.isSubset(b.complement().union(c)));
    }));

  it('joins many sets as it joins two', () =>
    sets((a, b, c, { diagram }) => {
      expect(diagram.orAll([a.node, b.node, c.node])).toBe(diagram.or(a.node, diagram.or(b.node, c.node)));
      expect(diagram.orAll([])).toBe(NONE);
    }));

  it('keeps every node in normal form', () => {
    fc.assert(
      fc.property(term, (expression) => {
        const { diagram } = build(spaceFor(expression), expression).space;
        const seen = new Set<string>();
        for (let node = 2; node < diagram.size; node++) {
          const level = diagram.level(node);
          expect(level).toBeLessThan(TERMINAL_LEVEL);
          const edges: string[] = [];
          let last = -1;
          for (let i = 0; i < diagram.edgeTotal(node); i++) {
            const [child, bound] = [diagram.child(node, i), diagram.bound(node, i)];
            expect(bound).toBeGreaterThan(last);
            // Bytes beyond a small field's greatest value go where that goes.
            if (last >= 0) expect(last).toBeLessThan(diagram.layout.top[level] as number);
            expect(diagram.level(child)).toBeGreaterThan(level);
            if (i > 0) expect(child).not.toBe(diagram.child(node, i - 1));
            edges.push(`${child}<=${bound}`);
            last = bound;
          }
          expect(last).toBe(255);
          expect(edges.length).toBeGreaterThan(1);
          const key = `${level}: ${edges.join(' ')}`;
          expect(seen.has(key)).toBe(false);
          seen.add(key);
        }
        expect([diagram.level(NONE), diagram.level(ALL)]).toEqual([TERMINAL_LEVEL, TERMINAL_LEVEL]);
      }),
      { numRuns: NUM_RUNS },
    );
  });
});
