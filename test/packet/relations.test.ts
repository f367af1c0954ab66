import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meets, within } from '../../src/packet/relations.ts';
import { ALL, Diagram, type Node, NONE } from '../../src/packet/diagram.ts';
import { rangesNode } from '../../src/packet/literals.ts';

/** Packets by source address and port, in few values, so that sets overlap. */
const box = fc.record({
  src: fc.tuple(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 600 })),
  dport: fc.tuple(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 600 })),
});
type Sample = { src: [number, number]; dport: [number, number] };
const ordered = ([a, b]: [number, number]): number[] => [Math.min(a, b), Math.max(a, b)];

function nodeOf(diagram: Diagram, { src, dport }: Sample, inside: Node = ALL): Node {
  return rangesNode(diagram, 'src', ordered(src), rangesNode(diagram, 'dport', ordered(dport), inside), 4);
}

describe('questions about two sets', () => {
  const pair = fc.tuple(fc.array(box, { maxLength: 8 }), fc.array(box, { maxLength: 8 }));

  it('are answered as the diagram answers them', () => {
    fc.assert(
      fc.property(pair, ([first, second]) => {
        const diagram = new Diagram();
        const a = diagram.orAll(first.map((one) => nodeOf(diagram, one)));
        const b = diagram.orAll(second.map((one) => nodeOf(diagram, one)));
        expect(meets(diagram, a, b)).toBe(diagram.and(a, b) !== NONE);
        expect(within(diagram, a, b)).toBe(diagram.difference(a, b) === NONE);
        expect(within(diagram, diagram.and(a, b), a)).toBe(true);
      }),
    );
  });

  it('are left to the diagram where they would take too long', () => {
    const diagram = new Diagram();
    const evens = (field: 'src' | 'dport', inside: Node): Node =>
      rangesNode(
        diagram,
        field,
        Array.from({ length: 20_000 }, (_, i) => [2 * i, 2 * i]).flat(),
        inside,
        field === 'src' ? 4 : 2,
      );
    const odds = rangesNode(
      diagram,
      'src',
      Array.from({ length: 20_000 }, (_, i) => [2 * i + 1, 2 * i + 1]).flat(),
      ALL,
      4,
    );
    expect(meets(diagram, evens('src', ALL), odds)).toBe(false);
    expect(within(diagram, evens('src', evens('dport', ALL)), evens('src', ALL))).toBe(true);
    expect(within(diagram, evens('src', ALL), odds)).toBe(false);
  });
});
