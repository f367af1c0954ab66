import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type NamePattern,
  type NameSelection,
  nameRanges,
  nameSelections,
  SOME_INTERFACE,
} from '../../src/packet/interface-names.ts';
import { complement, contains, intersection, type Ranges, union } from '../../src/packet/ranges.ts';

const ALL_NAMES = (1n << 120n) - 1n;
const NAMES = ['a', 'b', 'eth', 'eth0', 'eth00', 'eth01', 'eth1', 'lo', 'br-0123456789ab', 'docker0', 'é'];
const pattern = fc.record({ name: fc.constantFrom('', ...NAMES), prefix: fc.boolean() });

/** A set of names as an expression, so that there are sets with holes in holes. */
const set: fc.Arbitrary<{ ranges: Ranges<bigint>; has: (name: string) => boolean }> = fc
  .array(fc.tuple(fc.boolean(), fc.array(pattern, { minLength: 1, maxLength: 3 })), { maxLength: 4 })
  .map((layers) => {
    let ranges: Ranges<bigint> = [];
    let has = (_: string): boolean => false;
    for (const [adds, patterns] of layers) {
      const [before, own] = [has, nameRanges(patterns)];
      ranges = adds ? union(ranges, own) : intersection(ranges, complement(own, 0n, ALL_NAMES));
      has = (name) => {
        const inside = patterns.some((one) => matches(one, name));
        return adds ? before(name) || inside : before(name) && !inside;
      };
    }
    return { ranges, has };
  });

function matches({ name, prefix }: NamePattern, text: string): boolean {
  return prefix ? text.startsWith(name) : text === name;
}

function selects(selection: NameSelection | undefined, name: string): boolean {
  if (selection === undefined) return true;
  const one = (text: string): boolean =>
    text.endsWith('+') ? name.startsWith(text.slice(0, -1)) : name === text;
  return (selection.any?.some(one) ?? true) && !(selection.except?.some(one) ?? false);
}

const key = (name: string): bigint => nameRanges([{ name, prefix: false }])[0] as bigint;

describe('interface names', () => {
  it('are ranges that hold exactly the names of the patterns', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), fc.constantFrom('', ...NAMES), (patterns, name) => {
        expect(contains(nameRanges(patterns), key(name))).toBe(patterns.some((one) => matches(one, name)));
      }),
    );
    expect(contains(SOME_INTERFACE, key(''))).toBe(false);
    for (const name of NAMES) expect(contains(SOME_INTERFACE, key(name))).toBe(true);
  });

  it('are selected exactly, each name once', () => {
    fc.assert(
      fc.property(set, ({ ranges, has }) => {
        const selections = nameSelections(ranges);
        for (const name of [...NAMES, 'c', 'et', 'eth2', 'eth011', 'eth0a', 'br-0123456789a', 'loo']) {
          const times = selections.filter((selection) => selects(selection, name)).length;
          expect(times, `${name} in ${JSON.stringify(selections)}`).toBe(has(name) ? 1 : 0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, NamePattern[], boolean, ReturnType<typeof nameSelections>]>([
    ['every name', [{ name: '', prefix: true }], false, [undefined]],
    ['no name', [], false, []],
    [
      'two names',
      [
        { name: 'b', prefix: false },
        { name: 'a', prefix: false },
      ],
      false,
      [{ any: ['a', 'b'] }],
    ],
    ['all but one', [{ name: 'lo', prefix: false }], true, [{ except: ['lo'] }]],
    ['all but a prefix', [{ name: 'veth', prefix: true }], true, [{ except: ['veth+'] }]],
    ['a prefix', [{ name: 'ppp', prefix: true }], false, [{ any: ['ppp+'] }]],
  ])('read well: %s', (_, patterns, negated, expected) => {
    const ranges = nameRanges(patterns);
    expect(nameSelections(negated ? complement(ranges, 0n, ALL_NAMES) : ranges)).toEqual(expected);
  });
});
