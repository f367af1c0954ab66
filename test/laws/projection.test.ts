import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiagramField, FIELD_WIDTHS, FIRST_VARIABLE } from '../../src/packet/layout.ts';
import { digitsOf } from '../../src/packet/literals.ts';
import { exists, levelSet } from '../../src/packet/operations.ts';
import type { PacketSet, PacketSpace } from '../../src/packet/set.ts';
import { build, bytesOf, has, NUMBERS, pointArbitrary, termArbitrary, spaceFor } from './terms.ts';

const NUM_RUNS = Number(process.env.POSTERN_RUNS ?? 200);
const term = termArbitrary();
const FIELDS: DiagramField[] = [...NUMBERS, 'src', 'dst', 'origSrc', 'in', 'out', 'family'];
const fields = fc.subarray(FIELDS, { minLength: 1, maxLength: 6 });

function projections(
  check: (a: PacketSet, b: PacketSet, first: DiagramField[], second: DiagramField[]) => void,
): void {
  fc.assert(
    fc.property(term, term, fields, fields, (a, b, first, second) => {
      const space = spaceFor(a);
      check(build(space, a), build(space, b), first, second);
    }),
    { numRuns: NUM_RUNS },
  );
}

describe('projection', () => {
  it('widens, is idempotent and monotone', () =>
    projections((a, b, some) => {
      expect(a.isSubset(a.project(some))).toBe(true);
      expect(a.project(some).project(some)).toBe(a.project(some));
      expect(a.project(some).isSubset(a.union(b).project(some))).toBe(true);
      expect(a.project(some).isEmpty).toBe(a.isEmpty);
    }));

  it('distributes over union, and over intersection with what does not depend on the fields', () =>
    projections((a, b, some) => {
      expect(a.union(b).project(some)).toBe(a.project(some).union(b.project(some)));
      expect(
        a
          .intersect(b)
          .project(some)
          .isSubset(a.project(some).intersect(b.project(some))),
      ).toBe(true);
      const free = b.project(some);
      expect(a.intersect(free).project(some)).toBe(a.project(some).intersect(free));
    }));

  it('takes fields in any order, together or one after the other', () =>
    projections((a, _, first, second) => {
      const both = a.project([...first, ...second]);
      expect(a.project(first).project(second)).toBe(both);
      expect(a.project(second).project(first)).toBe(both);
      expect(a.project([])).toBe(a);
    }));

  it('no longer depends on the fields', () => {
    fc.assert(
      fc.property(term, fields, pointArbitrary, pointArbitrary, (expression, some, one, other) => {
        const space = spaceFor(expression);
        const projected = build(space, expression).project(some);
        // Families mix in `mixed`, as the bytes of an address do where the family is forgotten.
        const mixed = bytesOf(one, space.diagram.layout);
        const { levels } = levelSet(space.diagram.layout, some);
        bytesOf(other, space.diagram.layout).forEach((byte, level) => {
          if (levels[level] === 1) mixed[level] = byte;
        });
        expect(has(space.diagram, projected.node, mixed)).toBe(
          has(space.diagram, projected.node, bytesOf(one, space.diagram.layout)),
        );
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('of one byte is the union over its values', () => {
    const single = fc.constantFrom<DiagramField>('protocol', 'icmpType', 'tos', 'ttl', 'state', 'fragment');
    fc.assert(
      fc.property(termArbitrary(2), single, (expression, field) => {
        const space = spaceFor(expression);
        const set = build(space, expression);
        const { diagram } = space;
        const levels = levelSet(space.diagram.layout, [field]);
        const parts: number[] = [];
        for (let value = 0; value < 256; value++) {
          const there = space.field(field, [value, value]);
          parts.push(exists(diagram, set.intersect(there).node, levels));
        }
        expect(diagram.orAll(parts)).toBe(set.project([field]).node);
      }),
      { numRuns: Math.ceil(NUM_RUNS / 3) },
    );
  });

  it('forgets the variables of opaque predicates', () => {
    fc.assert(
      fc.property(term, pointArbitrary, (expression, point) => {
        const space = spaceFor(expression);
        const set = build(space, expression);
        const free = exists(space.diagram, set.node, levelSet(space.diagram.layout, [], FIRST_VARIABLE));
        const bytes = bytesOf(point, space.diagram.layout);
        let some = false;
        for (let answers = 0; answers < 8; answers++) {
          for (let i = 0; i < 3; i++) bytes[FIRST_VARIABLE + i] = (answers >> i) & 1;
          some ||= has(space.diagram, set.node, bytes);
        }
        expect(has(space.diagram, free, bytes)).toBe(some);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('gives a member as a sample, which disappears with the last member', () => {
    fc.assert(
      fc.property(term, (expression) => {
        const space = spaceFor(expression);
        let set = build(space, expression);
        for (let i = 0; i < 5; i++) {
          const sample = set.sample();
          if (sample === undefined) {
            expect(set).toBe(space.empty);
            return;
          }
          const only = [...sample].reduce(
            (rest, [field, bytes]) => rest.intersect(exactly(space, field, bytes)),
            space.all,
          );
          expect(only.intersect(set).isEmpty).toBe(false);
          set = set.subtract(only);
        }
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

function exactly(space: PacketSpace, field: DiagramField, bytes: Uint8Array): PacketSet {
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  expect(digitsOf(value, FIELD_WIDTHS[field])).toEqual(bytes);
  return FIELD_WIDTHS[field] > 6
    ? space.field(field, [value, value])
    : space.field(field, [Number(value), Number(value)]);
}
