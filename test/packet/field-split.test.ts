import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxesOf } from '../../src/packet/boxes.ts';
import { ALL, Diagram, DiagramLimit, type Node, NONE } from '../../src/packet/diagram.ts';
import { split } from '../../src/packet/field-split.ts';

/** Addresses with a value in each of some bytes, and anything in the others. */
function withBytesOf(diagram: Diagram, field: 'src' | 'dst', bytes: ReadonlyMap<number, number>): Node {
  let node: Node = ALL;
  const levels = diagram.layout.levels[field];
  for (let at = levels.length - 1; at >= 0; at--) {
    const value = bytes.get(at);
    if (value === undefined) continue;
    const mark = diagram.begin();
    if (value > 0) diagram.push(mark, NONE, value - 1);
    diagram.push(mark, node, value);
    if (value < 255) diagram.push(mark, NONE, 255);
    node = diagram.finish(mark, levels[at] as number);
  }
  return node;
}

describe('a field of which masks with holes are asked', () => {
  it('ends before anybody waits for it', () => {
    const diagram = new Diagram();
    const node = withBytesOf(diagram, 'src', new Map([...Array(8).keys()].map((at) => [at + 8, 1])));
    let steps = 0;
    const levels = diagram.layout.levels.src;
    const foresee = (all: number): void => {
      expect(all).toBeGreaterThan(2 ** 64);
      throw new DiagramLimit('too many');
    };
    expect(() => split(diagram, node, levels, () => steps++, foresee)).toThrow('too many');
    expect(steps).toBeLessThan(100_000);
    expect(() => boxesOf(diagram, node)).toThrow('too many separate ranges');
  });

  it.each([4, 16])('is foreseen to take the steps that it takes, of %i bytes', (width) => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2), { minLength: 1 }), fc.nat(255), (places, value) => {
        const diagram = new Diagram();
        const levels = diagram.layout.levels.src.slice(0, width);
        const node = withBytesOf(diagram, 'src', new Map([...places, 2].map((at) => [at, value])));
        let steps = 0;
        let seen: number | undefined;
        split(
          diagram,
          node,
          levels,
          () => steps++,
          (all) => {
            seen = all;
          },
        );
        if (seen !== undefined) expect(steps).toBe(seen);
        expect(seen === undefined).toBe(steps < 1 << 14);
      }),
      { numRuns: 30, seed: 20261122 },
    );
  });
});
