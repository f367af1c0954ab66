import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NONE } from '../../src/packet/diagram.ts';
import { neighboursOf, overlapsOf, type Pairs } from '../../src/packet/overlaps.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import { build, spaceFor, termArbitrary } from '../laws/terms.ts';

const NUM_RUNS = Number(process.env.POSTERN_RUNS ?? 150);

describe('sets that share packets', () => {
  it('are told with the earlier ones, unless there are more than eight such pairs for each set', () => {
    fc.assert(
      fc.property(fc.array(termArbitrary(2), { minLength: 1, maxLength: 30 }), (terms) => {
        const space = spaceFor(terms);
        const { diagram } = space;
        const sets = terms.map((term) => build(space, term).node).filter((node) => node !== NONE);
        const pairs = sets.flatMap((later, i) =>
          sets.slice(0, i).flatMap((earlier, j) => (diagram.and(later, earlier) === NONE ? [] : [[i, j]])),
        );
        const found = overlapsOf(diagram, sets, neighboursOf(diagram, sets) as Pairs);
        if (pairs.length > 8 * sets.length) expect(found).toBeUndefined();
        else
          expect(
            [...(found ?? [])].flatMap(([i, earlier]) => earlier.map((j) => [i, j])).sort(byNumbers),
          ).toEqual(pairs.sort(byNumbers));
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it.each([
    ['sources', (i: number) => [i * 3, i * 3 + 1], 'src'],
    ['destinations', (i: number) => [i * 3, i * 3 + 1], 'dst'],
    ['ports', (i: number) => [i * 3, i * 3 + 1], 'dport'],
  ] as const)('are found among many %s that lie apart, and a few that lie over all', (_, values, field) => {
    const space = new PacketSpace();
    const apart = Array.from({ length: 2000 }, (_, i) =>
      field === 'dport' ? space.field(field, values(i)) : space.address(field, 4, values(i)),
    );
    const whole = space.field('protocol', [6, 6]);
    const some = apart.slice(0, 1000).map((set) => set.intersect(whole));
    const sets = [...some, space.field('protocol', [17, 17]), ...apart.slice(1000)].map(({ node }) => node);
    const neighbours = neighboursOf(space.diagram, sets) as Pairs;
    expect(neighbours).toHaveLength(2 * 2000);
    const found = overlapsOf(space.diagram, sets, neighbours);
    // The 1,000 sets behind the one about UDP share packets with it, and those before it do not.
    expect([...(found ?? [])]).toEqual(Array.from({ length: 1000 }, (_, i) => [1001 + i, [1000]]));
  });
});

describe('pairs of sets that may share packets', () => {
  it('are few where many sets name one source, each with ports of its own', () => {
    const space = new PacketSpace();
    const sources = [1, 2, 3].map((at) => space.address('src', 4, [at, at]));
    const ports = Array.from({ length: 300 }, (_, i) =>
      space.field('dport', [i * 3, i * 3 + (i === 100 ? 3 : 1)]),
    );
    const sets = ports.flatMap((port) => sources.map((source) => source.intersect(port).node));
    // By the source alone each of them has 299 neighbours; the first few are not held against the ports.
    const pairs = neighboursOf(space.diagram, sets) as Pairs;
    const later = Array.from({ length: pairs.length / 2 }, (_, i) => pairs.slice(2 * i, 2 * i + 2));
    expect(later.filter(([i]) => (i as number) > 100)).toEqual([303, 304, 305].map((i) => [i, i - 3]));
  });

  it('are not looked for where they are many', () => {
    const space = new PacketSpace();
    const sets = Array.from({ length: 300 }, (_, i) => space.field('sport', [i, i]).node);
    expect(neighboursOf(space.diagram, sets)).toBeUndefined();
    expect(neighboursOf(space.diagram, sets.slice(0, 30))).toHaveLength(30 * 29);
  });
});

const byNumbers = (a: readonly number[], b: readonly number[]): number =>
  (a[0] as number) - (b[0] as number) || (a[1] as number) - (b[1] as number);
