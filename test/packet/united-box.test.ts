import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PacketBox } from '../../src/packet/boxes.ts';
import { normalise, pairsOf, type Ranges, union } from '../../src/packet/ranges.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import { SharedLists, unitedBox } from '../../src/packet/united-box.ts';

const list = fc
  .array(fc.tuple(fc.nat(400), fc.nat(30)), { minLength: 1, maxLength: 12 })
  .map((pairs) => normalise(pairs.map(([lo, more]): [number, number] => [lo, lo + more])));

const wide = (values: Ranges): Ranges<bigint> => values.map(BigInt);
const texts = (boxes: readonly (PacketBox | undefined)[]): string =>
  JSON.stringify(boxes, (_, value) => (typeof value === 'bigint' ? `${value}` : value));

describe('boxes that differ in one field', () => {
  it('are one box, the one that a diagram has for their union', () =>
    fc.assert(
      fc.property(list, list, fc.integer({ min: 2, max: 5 }), (values, ports, count) => {
        // Each range in two halves, dealt to the boxes in turn.
        const halves = pairsOf(values).flatMap(([lo, hi]): [number, number][] => [
          [lo, (lo + hi) >> 1],
          [((lo + hi) >> 1) + 1, hi],
        ]);
        const dealt = Array.from({ length: count }, (_, i) =>
          normalise(halves.filter((_half, at) => at % count === i)),
        );
        const given = dealt.filter((one) => one.length > 0);
        const boxes = given.map(
          (src): PacketBox => ({ family: [0n, 0n], src: wide(src), protocol: [6n, 6n], dport: wide(ports) }),
        );
        const space = new PacketSpace();
        const family = space.field('family', [0, 0]);
        const rest = family.intersect(space.field('protocol', [6, 6])).intersect(space.field('dport', ports));
        const sets = given.map((src) => rest.intersect(space.address('src', 4, src)));
        const whole = space.of(space.diagram.orAll(sets.map(({ node }) => node)));
        const found = unitedBox(boxes, new SharedLists());
        if (boxes.length < 2 || (values.length === 2 && values[0] === 0)) expect(found).toBeUndefined();
        else expect(texts([found])).toBe(texts(whole.boxes()));
      }),
    ));

  const box = (src: Ranges, dport: Ranges): PacketBox => ({ src: wide(src), dport: wide(dport) });

  it('in two fields are not', () => {
    expect(unitedBox([box([1, 1], [5, 5]), box([3, 3], [7, 7])], new SharedLists())).toBeUndefined();
    expect(unitedBox([box([1, 1], [5, 5]), { src: [3n, 3n] }], new SharedLists())).toBeUndefined();
  });

  it('that may have all values together are left to the diagram, which asks for none then', () =>
    expect(
      unitedBox([box([0, 7], [5, 5]), box([8, 2 ** 32 - 1], [5, 5])], new SharedLists()),
    ).toBeUndefined());

  it('have one array for long lists that are equal', () => {
    const lists = new SharedLists();
    const many = Array.from({ length: 200 }, (_, i) => 3 * Math.floor(i / 2) + 1);
    const ofPort = (port: number) =>
      unitedBox([box(many.slice(0, 150), [port, port]), box(many.slice(150), [port, port])], lists);
    expect(ofPort(5)?.src).toEqual(wide(many));
    expect(ofPort(7)?.src).toBe(ofPort(5)?.src);
  });
});

describe('the union of two lists', () => {
  it('is the normal form of all their ranges', () =>
    fc.assert(
      fc.property(list, list, (a, b) => {
        const pairs = [a, b].flatMap((one) =>
          one.flatMap((lo, at): [number, number][] => (at % 2 === 0 ? [[lo, one[at + 1] as number]] : [])),
        );
        expect(union(a, b)).toEqual(normalise(pairs));
      }),
    ));
});
