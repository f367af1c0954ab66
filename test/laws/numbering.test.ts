import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL, Diagram, type Node, NONE } from '../../src/packet/diagram.ts';
import { boxesOf } from '../../src/packet/boxes.ts';
import { type Layout, LAYOUTS } from '../../src/packet/layout.ts';
import { maskedNode, rangesNode } from '../../src/packet/literals.ts';
import { AddressNumbering } from '../../src/packet/numbering.ts';
import {
  complement,
  contains,
  intersection,
  normalise,
  pairsOf,
  type Ranges,
  union,
} from '../../src/packet/ranges.ts';
import { sampleFields } from '../../src/packet/sample.ts';
import type { Condition } from '../../src/rule/condition.ts';
import type { Chain } from '../../src/rule/ruleset.ts';
import { numberingFor } from '../../src/symbolic/layout/numbering-choice.ts';
import { chain, rule, ruleset } from '../support/rules.ts';

const NUM_RUNS = Number(process.env.POSTERN_RUNS ?? 200);
const GREATEST4 = 0xffff_ffff;
const GREATEST6 = (1n << 128n) - 1n;

/** Few values, at both ends and between, so that lists overlap, touch and are whole. */
const value4 = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 0, max: 20 }).map((x) => GREATEST4 - x),
  fc.integer({ min: 0x0a00_0000, max: 0x0a00_0200 }),
);
const list4: fc.Arbitrary<Ranges<number>> = fc
  .array(fc.tuple(value4, value4), { minLength: 1, maxLength: 6 })
  .map((pairs) => normalise(pairs.map(([a, b]): [number, number] => (a < b ? [a, b] : [b, a]))));
const list6: fc.Arbitrary<Ranges<bigint>> = list4.map((list) =>
  pairsOf(list).flatMap(([lo, hi]) => [(BigInt(lo) << 96n) + 3n, (BigInt(hi) << 96n) + 7n]),
);

const numbering = fc
  .tuple(fc.array(list4, { minLength: 1, maxLength: 5 }), fc.array(list6, { minLength: 1, maxLength: 4 }))
  .map(([ipv4, ipv6]) => ({ ipv4, ipv6, made: AddressNumbering.of(ipv4, ipv6) as AddressNumbering }));

describe('other numbers for addresses', () => {
  it('are one for each, and lead back to the address', () => {
    fc.assert(
      fc.property(numbering, list4, list6, ({ made }, one, two) => {
        const big = one.map(BigInt);
        expect(made.addressesOf(made.numbersOf(one, 4).map(BigInt), 4)).toEqual(big);
        expect(made.addressesOf(made.numbersOf(two, 16) as Ranges<bigint>, 16)).toEqual(two);
        expect(made.numbersOf([0, GREATEST4], 4)).toEqual([0, GREATEST4]);
        expect(made.numbersOf([0n, GREATEST6], 16)).toEqual([0n, GREATEST6]);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('are known of the lists that they were made for', () => {
    fc.assert(
      fc.property(numbering, ({ made, ipv4, ipv6 }) => {
        for (const list of ipv4) {
          // The same values in a list of their own are numbered one by one.
          expect(made.numbersOf(list, 4)).toEqual(made.numbersOf([...list], 4));
          expect(made.addressesOf(made.numbersOf(list, 4).map(BigInt), 4)).toEqual(list.map(BigInt));
        }
        for (const list of ipv6) {
          expect(made.numbersOf(list, 16)).toEqual(made.numbersOf([...list], 16));
          expect(made.addressesOf(made.numbersOf(list, 16) as Ranges<bigint>, 16)).toEqual(list);
        }
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('keep what sets have in common, what they have together and what they lack', () => {
    fc.assert(
      fc.property(numbering, list4, list4, ({ made }, a, b) => {
        const of = (list: Ranges<number>): Ranges<number> => made.numbersOf(list, 4) as Ranges<number>;
        expect(of(intersection(a, b))).toEqual(intersection(of(a), of(b)));
        expect(of(union(a, b))).toEqual(union(of(a), of(b)));
        expect(of(complement(a, 0, GREATEST4))).toEqual(complement(of(a), 0, GREATEST4));
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('make one range of a list that has nothing in common with others', () => {
    const scattered = [0, 1, 2].map((n) =>
      Array.from({ length: 400 }, (_, i) => 1000 * (i >> 1) + 10 * n + (i & 1)),
    );
    const made = AddressNumbering.of(scattered, []) as AddressNumbering;
    for (const list of scattered) expect(made.numbersOf(list, 4)).toHaveLength(2);
    expect(made.numbersOf([5n, 9n], 16)).toEqual([5n, 9n]);
  });

  it('are none for lists that cross one another everywhere', () => {
    // Each list shares each of 20 places with half of the others, which are others at each place.
    const crossing = (count: number): Ranges<number>[] =>
      Array.from({ length: count }, (_, i) =>
        Array.from({ length: 20 }, (_, place) => {
          const from = 100_000 * place + ((i * (2 * place + 1)) % count);
          return [from, 100_000 * place + 2 * count - ((i * (2 * place + 1)) % count)];
        }).flat(),
      );
    expect(AddressNumbering.of(crossing(128), [])).toBeInstanceOf(AddressNumbering);
    expect(AddressNumbering.of(crossing(2048), [])).toBeUndefined();
  });

  it('do not show in boxes, samples and operations', () => {
    fc.assert(
      fc.property(numbering, list4, list4, fc.nat(LAYOUTS.length - 1), ({ made }, a, b, index) => {
        const layout = LAYOUTS[index] as Layout;
        const plain = new Diagram({ layout });
        const other = new Diagram({ layout, numbering: made });
        const build = (diagram: Diagram): Node => {
          const src = rangesNode(diagram, 'src', a, ALL, 4);
          const dst = rangesNode(diagram, 'dst', b, ALL, 4);
          const ends = diagram.or(
            diagram.difference(src, dst),
            diagram.and(dst, rangesNode(diagram, 'dport', [5, 9], ALL)),
          );
          return diagram.and(ends, rangesNode(diagram, 'family', [0, 0], ALL));
        };
        const set = build(other);
        const boxes = boxesOf(other, set);
        const back = plain.orAll(
          boxes.map((box) =>
            (Object.keys(box) as (keyof typeof box)[]).reduce<Node>((node, field) => {
              const values = (box[field] as Ranges<bigint>).map(Number);
              const width = field === 'src' || field === 'dst' ? 4 : undefined;
              return plain.and(node, rangesNode(plain, field, values, ALL, width));
            }, ALL),
          ),
        );
        expect(back).toBe(build(plain));
        if (set === NONE) return;
        const wished = Uint8Array.of(10, 0, 0, 7);
        for (const wishes of [{}, { src: [wished] }]) {
          const sample = sampleFields(other, set, wishes, new Map(), 4);
          const node = [...sample].reduce<Node>((rest, [field, bytes]) => {
            const address = field === 'src' || field === 'dst';
            const number = (address ? bytes.subarray(0, 4) : bytes).reduce(
              (sum, byte) => sum * 256 + byte,
              0,
            );
            return plain.and(rest, rangesNode(plain, field, [number, number], ALL, address ? 4 : undefined));
          }, ALL);
          expect(plain.difference(node, back)).toBe(NONE);
        }
        const wishable = contains(a, 0x0a00_0007) && !contains(b, 0x0a00_0007);
        const source = sampleFields(other, set, { src: [wished] }, new Map(), 4).get('src');
        if (wishable && source !== undefined) expect(source.subarray(0, 4)).toEqual(wished);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('have no bits of addresses', () => {
    const made = AddressNumbering.of([[1, 1, 5, 5]], []) as AddressNumbering;
    expect(made.numbersOf([5, 5], 4)).not.toEqual([5, 5]);
    const diagram = new Diagram({ numbering: made });
    expect(() =>
      maskedNode(diagram, 'src', Uint8Array.of(255, 0, 0, 255), Uint8Array.of(10, 0, 0, 1), ALL),
    ).toThrow('numbers of addresses do not have their bits');
  });
});

describe('a rule set gets other numbers for addresses', () => {
  const long = (n: number): readonly number[] =>
    Array.from({ length: 4000 }, (_, i) => 1000 * (i >> 1) + 10 * n + (i & 1));
  const lists = [0, 1, 2].map(long);
  const listed = (n: number): Condition => ({
    kind: 'address',
    family: 4,
    field: 'src',
    values: lists[n % 3] as number[],
  });
  const rules = (count: number, match: (i: number) => Condition) =>
    Array.from({ length: count }, (_, i) => rule(match(i)));
  const of = (...all: Parameters<typeof chain>[1][number][]): AddressNumbering | undefined =>
    numberingFor(ruleset([chain('INPUT', all)]));

  it('where many of its rules name the same long lists', () => {
    expect(of(...rules(100, listed))).toBeDefined();
    expect(of(...rules(100, (i) => ({ kind: 'not', of: listed(i) })))).toBeDefined();
  });

  it('and not where few do', () => {
    expect(of(...rules(3, listed))).toBeUndefined();
    expect(of(...rules(20, listed))).toBeUndefined();
  });

  it('and not where a rule looks at single bits of addresses', () => {
    const masked: Condition = { kind: 'address-mask', family: 4, field: 'dst', mask: 0xff0000ffn, value: 1n };
    expect(of(...rules(100, listed), rule(masked))).toBeUndefined();
    const prefix = rule(listed(0), {
      kind: 'translate',
      what: 'dnat',
      address: { kind: 'prefix', mask: 0xffffff00n, value: 0x0a000000n },
    });
    expect(of(...rules(100, listed), prefix)).toBeUndefined();
  });

  const accept = { kind: 'verdict', verdict: 'accept' } as const;
  const drop = { kind: 'verdict', verdict: 'drop' } as const;
  const port = (at: number): Condition => ({ kind: 'field', field: 'dport', values: [at, at] });
  const opened = Array.from({ length: 100 }, (_, i) => rule(port(i + 1), accept));
  const dropped = Array.from({ length: 1500 }, (_, i) => {
    const one: Condition = { kind: 'address', family: 4, field: 'src', values: [1000 * i, 1000 * i] };
    return { alone: rule(one, drop), ofPort: rule([one, port(22)], drop), jumping: one };
  });
  const base = (name: string, ...all: Parameters<typeof of>): Chain => chain(name, all, { hook: 'input' });

  it('where one list is dropped before many ports are opened', () => {
    expect(numberingFor(ruleset([base('INPUT', rule(listed(0), drop), ...opened)]))).toBeDefined();
    expect(
      numberingFor(ruleset([base('INPUT', rule([listed(0), port(22)], drop), ...opened)])),
    ).toBeUndefined();
    expect(
      numberingFor(ruleset([base('INPUT', rule(listed(0), drop), ...opened.slice(0, 9))])),
    ).toBeUndefined();
  });

  it('where rule after rule drops an address before many ports are opened', () => {
    const alone = dropped.map((one) => one.alone);
    const numbering = numberingFor(ruleset([base('INPUT', ...alone, ...opened)]));
    // The addresses stand together: what is left of the others is not cut.
    const values = normalise(dropped.map((_, i): [number, number] => [1000 * i, 1000 * i]));
    expect(numbering?.numbersOf(values, 4)).toHaveLength(2);
    const ofPort = dropped.map((one) => one.ofPort);
    expect(numberingFor(ruleset([base('INPUT', ...ofPort, ...opened)]))).toBeUndefined();
  });

  it('where they are dropped in a chain that every packet comes to, or by one', () => {
    const alone = dropped.map((one) => one.alone);
    const to = (name: string) => ({ kind: 'jump', chain: `filter ${name}` }) as const;
    const called = (by: Condition | readonly Condition[]) =>
      numberingFor(ruleset([base('INPUT', rule(by, to('list')), ...opened), chain('list', alone)]));
    expect(called([])).toBeDefined();
    expect(called(port(22))).toBeUndefined();
    const jumping = dropped.map(({ jumping: one }) => rule(one, to('refuse')));
    const refuse = chain('refuse', [rule([], drop)]);
    expect(numberingFor(ruleset([base('INPUT', ...jumping, ...opened), refuse]))).toBeDefined();
    expect(
      numberingFor(ruleset([base('INPUT', ...jumping, ...opened), chain('refuse', [])])),
    ).toBeUndefined();
  });
});
