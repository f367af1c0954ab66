import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoxLimit, boxesOf, type PacketBox } from '../../src/packet/boxes.ts';
import { ALL, Diagram } from '../../src/packet/diagram.ts';
import { type DiagramField, FIELD_WIDTHS, FIRST_VARIABLE } from '../../src/packet/layout.ts';
import { maskedNode } from '../../src/packet/literals.ts';
import { exists, levelSet } from '../../src/packet/operations.ts';
import { normalise, pairsOf } from '../../src/packet/ranges.ts';
import { type PacketSet, PacketSpace } from '../../src/packet/set.ts';
import { build, NUMBERS, print, termArbitrary, spaceFor } from './terms.ts';

const NUM_RUNS = Number(process.env.POSTERN_RUNS ?? 200);
// The marks' bytes alternate in the diagram; no report shows a box of them.
const term = termArbitrary(
  3,
  NUMBERS.filter((field) => field !== 'mark' && field !== 'ctmark' && field !== 'mac'),
);
const ADDRESSES = new Set<string>(['src', 'dst', 'origSrc', 'origDst']);

/** The set that a box describes. */
function ofBox(space: PacketSpace, box: PacketBox): PacketSet {
  const isIpv4 = box.family?.join() === '0,0';
  let set = space.all;
  for (const field of Object.keys(box) as DiagramField[]) {
    const values = box[field] ?? [];
    const wide = FIELD_WIDTHS[field] > 6;
    const own =
      ADDRESSES.has(field) && isIpv4
        ? space.address(field as 'src', 4, values.map(Number))
        : wide
          ? space.field(field, values)
          : space.field(field, values.map(Number));
    set = set.intersect(own);
  }
  return set;
}

function boxes(check: (set: PacketSet, boxes: PacketBox[], parts: PacketSet[]) => void): void {
  fc.assert(
    fc.property(term, (expression) => {
      const space = spaceFor(expression);
      const whole = build(space, expression);
      const set = space.of(
        exists(space.diagram, whole.node, levelSet(space.diagram.layout, [], FIRST_VARIABLE)),
      );
      const found = boxesWithin(set);
      if (found === undefined) return;
      check(
        set,
        found,
        found.map((box) => ofBox(space, box)),
      );
    }),
    { numRuns: NUM_RUNS },
  );
}

/** Masks with holes can make too many ranges; other sets must have boxes. */
function boxesWithin(set: PacketSet): PacketBox[] | undefined {
  try {
    return boxesOf(set.space.diagram, set.node, 100_000);
  } catch (error) {
    if (error instanceof BoxLimit) return undefined;
    throw error;
  }
}

describe('boxes', () => {
  it('are exact: their union is the set', () =>
    boxes((set, found, parts) => {
      const union = set.space.of(set.space.diagram.orAll(parts.map((part) => part.node)));
      expect(union).toBe(set);
      expect(found.length === 0).toBe(set.isEmpty);
    }));

  it('are disjoint, and none is empty', () =>
    boxes((_, __, parts) => {
      let before = parts[0]?.space.empty;
      for (const part of parts) {
        expect(part.isEmpty).toBe(false);
        expect(before?.intersect(part).isEmpty).toBe(true);
        before = before?.union(part);
      }
    }));

  it('have sorted, disjoint, merged values, and no field that says nothing', () =>
    boxes((_, found) => {
      for (const box of found)
        for (const [field, values] of Object.entries(box)) {
          expect(values, print(box)).toEqual(normalise(pairsOf(values)));
          const bits = BigInt(8 * FIELD_WIDTHS[field as DiagramField]);
          expect(values).not.toEqual([0n, (1n << bits) - 1n]);
        }
    }));

  it('depend on the set alone, not on how it was made', () =>
    boxes((set, found, parts) => {
      const { layout } = set.space.diagram;
      const space = new PacketSpace(new Diagram({ layout }));
      const again = parts
        .map((_, i) => ofBox(space, found[found.length - 1 - i] as PacketBox))
        .reduce((a, b) => a.union(b), space.empty);
      expect(again.boxes()).toEqual(found);
      expect(set.boxes()).toEqual(found);
    }));

  it('list IPv4 addresses in 32 bits and IPv6 addresses in 128', () => {
    const space = new PacketSpace();
    const four = space.address('src', 4, [0x0a000000, 0x0affffff]);
    const six = space.address('src', 6, [1n, 1n]);
    expect(four.union(six).boxes()).toEqual([
      { family: [0n, 0n], src: [0x0a000000n, 0x0affffffn] },
      { family: [1n, 1n], src: [1n, 1n] },
    ]);
  });

  it('merge a mask without holes and list one with holes', () => {
    const space = new PacketSpace();
    const masked = (mask: number[], value: number[]): PacketSet =>
      space
        .family(4)
        .intersect(
          space.of(maskedNode(space.diagram, 'dst', Uint8Array.from(mask), Uint8Array.from(value), ALL)),
        );
    expect(masked([255, 255, 0, 0], [10, 1, 0, 0]).boxes()).toEqual([
      { family: [0n, 0n], dst: [0x0a010000n, 0x0a01ffffn] },
    ]);
    const holes = masked([255, 0, 255, 0], [10, 0, 5, 0]).boxes();
    expect(holes).toHaveLength(1);
    expect(holes[0]?.dst).toHaveLength(512);
    expect(holes[0]?.dst?.slice(0, 4)).toEqual([0x0a000500n, 0x0a0005ffn, 0x0a010500n, 0x0a0105ffn]);
  });

  it('end with an error where a mask makes too many ranges', () => {
    const space = new PacketSpace();
    for (const [width, family] of [
      [4, 4],
      [16, 6],
    ] as const) {
      const mask = new Uint8Array(width);
      mask[width - 1] = 255;
      const set = space.family(family).intersect(space.of(maskedNode(space.diagram, 'src', mask, mask, ALL)));
      expect(() => set.boxes()).toThrow(BoxLimit);
    }
  });
});
