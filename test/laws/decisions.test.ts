import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decidedPackets,
  isLeaf,
  leafOf,
  type Outcome,
  packetsWith,
  readLeaf,
  relabelled,
  withoutReturns,
} from '../../src/packet/decision.ts';
import { type Diagram, DiagramLimit, type Node, NONE } from '../../src/packet/diagram.ts';
import { firstOf } from '../../src/packet/first-of.ts';
import { hasMoreNodes } from '../../src/packet/diagram-size.ts';
import { partsOf } from '../../src/packet/parts.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import { build, bytesOf, pointArbitrary, type Term, termArbitrary, spaceFor } from './terms.ts';

const NUM_RUNS = Number(process.env.POSTERN_RUNS ?? 150);
const outcome = fc.constantFrom<Outcome>('accept', 'deny', 'back');
const rules = fc.array(fc.record({ match: termArbitrary(2), outcome }), { minLength: 1, maxLength: 12 });
const points = fc.array(pointArbitrary, { minLength: 3, maxLength: 8 });

interface Made {
  readonly diagram: Diagram;
  readonly guards: readonly Node[];
  /** Rule i has the leaf of number i + 1. */
  readonly leaves: readonly Node[];
  readonly decisions: readonly Node[];
}

function make(list: readonly { readonly match: Term; readonly outcome: Outcome }[]): Made {
  const space = spaceFor(list);
  const { diagram } = space;
  const guards = list.map(({ match }) => build(space, match).node);
  const leaves = list.map((rule, i) => leafOf(rule.outcome, i + 1));
  const decisions = guards.map((guard, i) => diagram.restrict(leaves[i] as Node, guard));
  return { diagram, guards, leaves, decisions };
}

/** Where the bytes lead: a leaf, ALL or NONE. */
function at(diagram: Diagram, node: Node, bytes: ArrayLike<number>): Node {
  let here = node;
  while (diagram.edgeTotal(here) > 0) {
    const level = diagram.level(here);
    here = diagram.step(here, level, bytes[level] as number);
  }
  return here;
}

function lists(check: (made: Made, whole: Node) => void): void {
  fc.assert(
    fc.property(rules, (list) => {
      const made = make(list);
      check(made, firstOf(made.diagram, made.decisions));
    }),
    { numRuns: NUM_RUNS },
  );
}

describe('decisions', () => {
  it('are those of the first rule that has the packet', () => {
    fc.assert(
      fc.property(rules, points, (list, some) => {
        const { diagram, guards, leaves, decisions } = make(list);
        const whole = firstOf(diagram, decisions);
        for (const point of some) {
          const bytes = bytesOf(point, diagram.layout);
          const first = guards.findIndex((guard) => at(diagram, guard, bytes) !== NONE);
          expect(at(diagram, whole, bytes)).toBe(first < 0 ? NONE : leaves[first]);
        }
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('are the same node however they are combined', () =>
    lists(({ diagram, decisions }, whole) => {
      expect(decisions.reduce((a, b) => diagram.first(a, b), NONE)).toBe(whole);
      const half = decisions.length >> 1;
      const [before, after] = [decisions.slice(0, half), decisions.slice(half)];
      expect(diagram.first(firstOf(diagram, before), firstOf(diagram, after))).toBe(whole);
    }));

  it('are divided into the sets that rules leave to each other', () =>
    lists(({ diagram, guards, leaves, decisions }, whole) => {
      const { leaves: found, sets } = partsOf(diagram, whole);
      expect([...found]).toEqual([...found].sort((a, b) => a - b));
      let rest = diagram.not(NONE);
      for (const [i, guard] of guards.entries()) {
        const own = diagram.and(rest, guard);
        const place = found.indexOf(leaves[i] as Node);
        expect(place < 0 ? NONE : sets[place]).toBe(own);
        rest = diagram.difference(rest, guard);
      }
      expect(decidedPackets(diagram, whole)).toBe(diagram.orAll(guards));
      expect(found.every((leaf) => isLeaf(leaf))).toBe(true);
      expect(decisions.length).toBeGreaterThanOrEqual(found.length);
    }));

  it('tell outcomes apart, and can do without what returns', () =>
    lists(({ diagram }, whole) => {
      const { leaves, sets } = partsOf(diagram, whole);
      for (const one of ['accept', 'deny', 'back'] as const) {
        const own = sets.filter((_, i) => readLeaf(leaves[i] as Node).outcome === one);
        expect(packetsWith(diagram, whole, one)).toBe(diagram.orAll(own));
        if (one !== 'back') continue;
        const others = diagram.difference(decidedPackets(diagram, whole), diagram.orAll(own));
        expect(withoutReturns(diagram, whole)).toBe(diagram.restrict(whole, others));
        if (!isLeaf(whole)) expect(diagram.hasMark(whole)).toBe(own.length > 0);
      }
    }));

  it('as second operands stand for what they decide', () => {
    fc.assert(
      fc.property(rules, termArbitrary(2), (list, other) => {
        const { diagram, decisions } = make(list);
        const whole = firstOf(diagram, decisions);
        const decided = decidedPackets(diagram, whole);
        const space = new PacketSpace(diagram);
        const set = build(space, other).node;
        expect(diagram.inside(set, whole)).toBe(diagram.and(set, decided));
        expect(diagram.difference(set, whole)).toBe(diagram.difference(set, decided));
        const leaf = leafOf('accept', 99);
        expect(relabelled(diagram, whole, leaf)).toBe(diagram.restrict(leaf, decided));
        expect(diagram.restrict(leaf, whole)).toBe(diagram.restrict(leaf, decided));
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe('leaves', () => {
  it('say who decides what', () => {
    for (const number of [0, 1, 77_777])
      for (const one of ['accept', 'deny', 'back'] as const)
        expect(readLeaf(leafOf(one, number))).toEqual({ outcome: one, number });
  });

  it('that cross with many nodes are halved, and come out in order', () => {
    const space = new PacketSpace();
    const { diagram } = space;
    // Each rule is about every source but its own range: each set is small, and all stand below every source.
    const decisions = Array.from({ length: 400 }, (_, i) => {
      const sources = space.address('src', 4, [0, 1000 * i, 1000 * i + 500, 0xffffffff]);
      const ports = space.field('dport', [i, i]);
      return diagram.restrict(leafOf('accept', i + 1), sources.intersect(ports).node);
    });
    const { leaves, sets } = partsOf(diagram, firstOf(diagram, decisions));
    expect(leaves).toEqual(decisions.map((_, i) => leafOf('accept', i + 1)));
    expect(sets).toEqual(decisions.map((decision) => decidedPackets(diagram, decision)));
  });
});

describe('a diagram', () => {
  it('knows on which fields a set depends', () => {
    fc.assert(
      fc.property(termArbitrary(3), (term) => {
        const space = spaceFor(term);
        const { diagram } = space;
        const { node } = build(space, term);
        const seen = new Set<Node>();
        let fields = 0;
        const walk = (here: Node): void => {
          if (seen.has(here) || diagram.edgeTotal(here) === 0) return;
          seen.add(here);
          fields |= diagram.layout.fieldBit[diagram.level(here)] as number;
          for (let i = 0; i < diagram.edgeTotal(here); i++) walk(diagram.child(here, i));
        };
        walk(node);
        expect(diagram.fields(node)).toBe(fields);
        expect(hasMoreNodes(diagram, node, seen.size)).toBe(false);
        if (seen.size > 0) expect(hasMoreNodes(diagram, node, seen.size - 1)).toBe(true);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('gives up what needs more memory than it may have, and goes on', () => {
    const space = new PacketSpace();
    const { diagram } = space;
    const many = (): Node =>
      diagram.orAll(
        Array.from({ length: 500 }, (_, i) => {
          const port = space.field('dport', [7 * i, 7 * i]);
          return space.address('src', 4, [65_537 * i, 65_537 * i]).intersect(port).node;
        }),
      );
    expect(diagram.within(2_000, many)).toBeUndefined();
    const whole = many();
    expect(diagram.within(100, many)).toBe(whole);
    expect(() =>
      diagram.within(1e9, () => {
        throw new DiagramLimit('of another kind');
      }),
    ).toThrow(DiagramLimit);
  });
});
