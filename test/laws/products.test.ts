import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafOf } from '../../src/packet/decision.ts';
import { Diagram, type Node } from '../../src/packet/diagram.ts';
import { firstOf, firstPart } from '../../src/packet/first-of.ts';
import { type DiagramField, LAYOUTS, type Layout } from '../../src/packet/layout.ts';
import { rangesNode } from '../../src/packet/literals.ts';
import { decisionOf, type FieldSet, inOrder, type Part, type Product } from '../../src/packet/product.ts';
import { ProductMerge } from '../../src/packet/product-merge.ts';
import { normalise } from '../../src/packet/ranges.ts';

const NUM_RUNS = Number(process.env.POSTERN_RUNS ?? 300);

/** Fields of one byte with fewer values, of one, two, four, six and more bytes; their widths in bytes and greatest values. */
const FIELDS: readonly (readonly [DiagramField, number, number])[] = [
  ['src', 4, 2 ** 32 - 1],
  ['dst', 4, 2 ** 32 - 1],
  ['dport', 2, 65_535],
  ['protocol', 1, 255],
  ['fragment', 1, 2],
  ['mac', 6, 2 ** 48 - 1],
];

/** Values near each other and at both ends, so that lists overlap and touch. */
const value = (greatest: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: 0, max: Math.min(greatest, 6) }),
    fc.integer({ min: 0, max: Math.min(greatest, 300) }).map((x) => greatest - x),
    fc.integer({ min: 0, max: Math.min(greatest, 600) }).map((x) => Math.min(greatest, 250 + x)),
  );

const list = (greatest: number, maxLength: number): fc.Arbitrary<readonly number[]> =>
  fc
    .array(fc.tuple(value(greatest), value(greatest)), { minLength: 1, maxLength })
    .map((pairs) => normalise(pairs.map(([a, b]): [number, number] => (a < b ? [a, b] : [b, a]))));

const names = list(1000, 3).map((values) => values.map((x) => BigInt(x) << 40n));

/** Lists that several products share, as rules share those of named sets; some of them long. */
const fieldSet: fc.Arbitrary<FieldSet> = fc.oneof(
  ...FIELDS.map(([field, width, greatest]) =>
    list(greatest, 3).map((values): FieldSet => ({ field, values, width })),
  ),
  names.map((values): FieldSet => ({ field: 'in', values, width: 15 })),
);

const longList = fc.integer({ min: 1, max: 9 }).map((step): FieldSet => {
  const pairs = Array.from({ length: 60 }, (_, i): [number, number] => [
    i * step * 2,
    i * step * 2 + (step % 3),
  ]);
  return { field: 'src', values: normalise(pairs), width: 4 };
});

interface Case {
  readonly layout: Layout;
  readonly parts: readonly ((diagram: Diagram) => Part)[];
}

const cases: fc.Arbitrary<Case> = fc
  .tuple(fc.constantFrom(...LAYOUTS), fc.array(fc.oneof(fieldSet, longList), { minLength: 1, maxLength: 10 }))
  .chain(([layout, pool]) => {
    const product = fc
      .tuple(
        fc.uniqueArray(fc.constantFrom(...pool), {
          minLength: 1,
          maxLength: 4,
          selector: ({ field }) => field,
        }),
        fc.integer({ min: 0, max: 5 }),
      )
      .map(
        ([sets, number]) =>
          (diagram: Diagram): Part => ({ fields: inOrder(diagram, sets), leaf: leafOf('accept', number) }),
      );
    const node = fc.constantFrom(...pool).map(
      ({ field, values, width }) =>
        (diagram: Diagram): Part =>
          rangesNode(diagram, field, values, leafOf('deny'), width),
    );
    const parts = fc.array(fc.oneof({ weight: 6, arbitrary: product }, { weight: 1, arbitrary: node }), {
      minLength: 1,
      maxLength: 24,
    });
    return parts.map((made) => ({ layout, parts: made }));
  });

/** One by one, each as a diagram of its own. */
function oneByOne(diagram: Diagram, parts: readonly Part[]): Node {
  return parts.reduceRight<Node>((rest, part) => diagram.first(decisionOf(diagram, part), rest), 0);
}

describe('decisions of products', () => {
  it('are the same merged at once and one by one, in every order of fields', () => {
    fc.assert(
      fc.property(cases, ({ layout, parts }) => {
        const diagram = new Diagram({ layout });
        const made = parts.map((part) => part(diagram));
        const expected = oneByOne(diagram, made);
        expect(firstPart(diagram, made)).toBe(expected);
        expect(
          firstOf(
            diagram,
            made.map((part) => decisionOf(diagram, part)),
          ),
        ).toBe(expected);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('are kept for the halves that were needed', () => {
    fc.assert(
      fc.property(cases, ({ layout, parts }) => {
        const diagram = new Diagram({ layout });
        const made = parts.map((part) => part(diagram));
        const kept = new Map<number, Node>();
        const whole = firstPart(diagram, made, 0, made.length, (slot, node) => kept.set(slot, node));
        expect(kept.get(0)).toBe(whole);
        const middle = made.length >> 1;
        const [first, second] = [kept.get(1), kept.get(2)];
        if (first !== undefined) expect(first).toBe(oneByOne(diagram, made.slice(0, middle)));
        if (second !== undefined) expect(second).toBe(oneByOne(diagram, made.slice(middle)));
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe('a merge of products', () => {
  const diagram = new Diagram();
  const range = (from: number, to: number): FieldSet => ({ field: 'src', values: [from, to], width: 4 });
  const port = (from: number, to: number): FieldSet => ({ field: 'dport', values: [from, to], width: 2 });
  const merge = (products: readonly Product[]): Node | undefined =>
    new ProductMerge(diagram, products).result();

  it('makes no nodes but those of the result', () => {
    const fresh = new Diagram();
    const products = Array.from(
      { length: 500 },
      (_, i): Product => ({ fields: [range(7 * i, 7 * i)], leaf: leafOf('accept') }),
    );
    const before = fresh.size;
    const node = new ProductMerge(fresh, products).result() as Node;
    const made = fresh.size - before;
    const seen = new Set<Node>();
    const count = (at: Node): void => {
      if (at < 2 || fresh.level(at) === 255 || seen.has(at)) return;
      seen.add(at);
      for (let i = 0; i < fresh.edgeTotal(at); i++) count(fresh.child(at, i));
    };
    count(node);
    expect(made).toBe(seen.size);
  });

  it('gives up where products overlap so much that the lists outgrow them', () => {
    const products = Array.from(
      { length: 400 },
      (_, i): Product => ({
        fields: [range(10 * i, 10 * i + 100_000), port(i, i + 30_000)],
        leaf: leafOf('accept', i + 1),
      }),
    );
    expect(merge(products)).toBeUndefined();
    expect(firstPart(diagram, products)).toBe(oneByOne(diagram, products));
  });

  it('is the first leaf where the first product has every packet that is left', () => {
    const whole: FieldSet = { field: 'dport', values: [0, 65_535], width: 2 };
    expect(
      merge([
        { fields: [whole], leaf: leafOf('deny') },
        { fields: [port(1, 2)], leaf: leafOf('accept') },
      ]),
    ).toBe(leafOf('deny'));
  });
});
