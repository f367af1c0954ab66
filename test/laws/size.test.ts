import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIRST_VARIABLE } from '../../src/packet/layout.ts';
import { exists, levelSet } from '../../src/packet/operations.ts';
import { type PacketSet, PacketSpace } from '../../src/packet/set.ts';
import { build, bytesOf, has, type Point, termArbitrary, spaceFor } from './terms.ts';

const NUM_RUNS = Number(process.env.POSTERN_RUNS ?? 200);

/** Neither variables nor the numbers of rules are fields of a packet: a size does not count them. */
function withoutVariables({ space, node }: PacketSet): PacketSet {
  return space.of(exists(space.diagram, node, levelSet(space.diagram.layout, ['rule'], FIRST_VARIABLE)));
}

describe('the size of a set', () => {
  it('obeys inclusion and exclusion', () => {
    fc.assert(
      fc.property(termArbitrary(), termArbitrary(), (first, second) => {
        const space = spaceFor(first);
        const [a, b] = [withoutVariables(build(space, first)), withoutVariables(build(space, second))];
        expect(a.union(b).size() + a.intersect(b).size()).toBe(a.size() + b.size());
        expect(a.size() + a.complement().size()).toBe(space.all.size());
        expect(a.subtract(b).size()).toBe(a.size() - a.intersect(b).size());
        expect(a.size() === 0n).toBe(a.isEmpty);
        if (a.isSubset(b)) expect(a.size() <= b.size()).toBe(true);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('is that of a count, one by one, where little is open', () => {
    // State, fragment and packet type take 5 * 3 * 4 values; everything else is the same for all of them.
    const open = ['state', 'fragment', 'pkttype'] as const;
    fc.assert(
      fc.property(termArbitrary(3, [...open]), fc.constantFrom<4 | 6>(4, 6), (expression, family) => {
        const space = spaceFor(expression);
        const set = withoutVariables(build(space, expression));
        const numbers: Record<string, number> = {};
        const point: Point = {
          family,
          numbers,
          addresses: { src: 1n, dst: 1n, origSrc: 1n, origDst: 1n },
          in: 'lo',
          out: 'lo',
          variables: [false, false, false],
        };
        const rest = onlyPoint(space, point);
        let count = 0n;
        for (numbers.state = 0; numbers.state < 5; numbers.state++)
          for (numbers.fragment = 0; numbers.fragment < 3; numbers.fragment++)
            for (numbers.pkttype = 0; numbers.pkttype < 4; numbers.pkttype++)
              if (has(space.diagram, set.node, bytesOf(point, space.diagram.layout))) count++;
        expect(set.intersect(rest).size()).toBe(count * (rest.size() / 60n));
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('counts 32 bits for an IPv4 address and 128 for an IPv6 one', () => {
    const space = new PacketSpace();
    const four = space.family(4);
    const six = space.family(6);
    expect(four.size() * 2n ** (4n * 96n)).toBe(six.size());
    expect(space.address('src', 4, [5, 14]).size() * 2n ** 32n).toBe(four.size() * 10n);
    expect(space.address('dst', 6, [5n, 14n]).size() * 2n ** 128n).toBe(six.size() * 10n);
    expect(space.all.size()).toBe(four.size() + six.size());
  });
});

/** Sets of one address pair and one pair of interfaces; the other fields are open. */
function onlyPoint(space: PacketSpace, { family, addresses }: Point): PacketSet {
  let set = space.family(family);
  for (const field of ['src', 'dst', 'origSrc', 'origDst'] as const) {
    const value = addresses[field];
    set = set.intersect(
      family === 4
        ? space.address(field, 4, [Number(value), Number(value)])
        : space.address(field, 6, [value, value]),
    );
  }
  const lo = BigInt(`0x${Buffer.from('lo').toString('hex')}`) << 104n;
  for (const field of ['in', 'out'] as const) set = set.intersect(space.field(field, [lo, lo]));
  return set;
}
