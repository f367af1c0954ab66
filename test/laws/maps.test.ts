import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteMix, remap, remapPair, rename } from '../../src/packet/operations.ts';
import { build, bytesOf, has, pointArbitrary, termArbitrary, spaceFor } from './terms.ts';

const NUM_RUNS = Number(process.env.POSTERN_RUNS ?? 200);
const byte = fc.nat(255);
const table = fc
  .tuple(byte, byte)
  .map(([keep, xor]) => Uint8Array.from({ length: 256 }, (_, x) => (x & keep) ^ xor));
const mix = fc.record({
  fromFirst: fc.constantFrom(0, 0x0f, 255),
  fromSecond: fc.constantFrom(0, 0xf0, 255),
  xor: byte,
});
const points = fc.array(pointArbitrary, { minLength: 1, maxLength: 8 });

const mixed = ({ fromFirst, fromSecond, xor }: ByteMix, a: number, b: number): number =>
  (a & fromFirst) ^ (b & fromSecond) ^ xor;

describe('sets seen through a change of the packet', () => {
  it('remap: a packet is in the result where the changed packet is in the set', () => {
    const fields = fc.subarray(['tos', 'ttl', 'src', 'dst', 'mark'] as const, { minLength: 1 });
    fc.assert(
      fc.property(termArbitrary(), fields, table, points, (expression, changed, to, where) => {
        const space = spaceFor(expression);
        const { node } = build(space, expression);
        const tables = new Map(
          changed.flatMap((f) => space.diagram.layout.levels[f].map((level) => [level, to] as const)),
        );
        const result = remap(space.diagram, node, tables);
        for (const point of where) {
          const before = bytesOf(point, space.diagram.layout);
          const after = before.slice();
          for (const [level, by] of tables) after[level] = by[before[level] as number] as number;
          expect(has(space.diagram, result, before)).toBe(has(space.diagram, node, after));
        }
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('remapPair: the same for two marks that are mixed', () => {
    const mixes = fc.array(fc.tuple(mix, mix), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(termArbitrary(2, ['mark', 'ctmark', 'tos']), mixes, points, (expression, by, where) => {
        const space = spaceFor(expression);
        const { node } = build(space, expression);
        const result = remapPair(
          space.diagram,
          node,
          space.diagram.layout.levels.mark,
          space.diagram.layout.levels.ctmark,
          by,
        );
        for (const point of where) {
          const before = bytesOf(point, space.diagram.layout);
          const after = before.slice();
          by.forEach(([first, second], i) => {
            const [m, c] = [
              space.diagram.layout.levels.mark[i] as number,
              space.diagram.layout.levels.ctmark[i] as number,
            ];
            after[m] = mixed(first, before[m] as number, before[c] as number);
            after[c] = mixed(second, before[m] as number, before[c] as number);
          });
          expect(has(space.diagram, result, before)).toBe(has(space.diagram, node, after));
        }
      }),
      { numRuns: Math.ceil(NUM_RUNS / 6) },
    );
  });

  it('rename: what the set says of one field is said of another', () => {
    const pairs = fc.constantFrom(
      ...([
        ['origSrc', 'src'],
        ['origDst', 'dst'],
        ['origSport', 'sport'],
        ['origDport', 'dport'],
      ] as const),
    );
    fc.assert(
      fc.property(termArbitrary(), pairs, points, (expression, [from, to], where) => {
        const space = spaceFor(expression);
        // The order of the levels stays the same only where the set says nothing of the other field.
        const { node } = build(space, expression).project([to]);
        const moves = new Map(
          space.diagram.layout.levels[from].map((level, i) => [
            level,
            space.diagram.layout.levels[to][i] as number,
          ]),
        );
        const result = rename(space.diagram, node, moves);
        for (const point of where) {
          const before = bytesOf(point, space.diagram.layout);
          const after = before.slice();
          for (const [old, now] of moves) after[old] = before[now] as number;
          expect(has(space.diagram, result, before)).toBe(has(space.diagram, node, after));
        }
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('all of them respect union, intersection and complement', () => {
    fc.assert(
      fc.property(termArbitrary(2), termArbitrary(2), table, (first, second, to) => {
        const space = spaceFor(first);
        const [a, b] = [build(space, first), build(space, second)];
        const tables = new Map([[space.diagram.layout.levels.tos[0] as number, to]]);
        const map = (set: typeof a) => space.of(remap(space.diagram, set.node, tables));
        expect(map(a.union(b))).toBe(map(a).union(map(b)));
        expect(map(a.intersect(b))).toBe(map(a).intersect(map(b)));
        expect(map(a.complement())).toBe(map(a).complement());
      }),
      { numRuns: NUM_RUNS },
    );
  });
});
