import { describe, expect, it } from 'vitest';
import { align, textLikeness } from '../../src/drift/align.ts';

describe('how alike two texts are', () => {
  it.each([
    ['Sales, also at night', 'Sales, also at night', 1],
    ['Sales, also at night', 'sales ALSO at night', 1],
    ['Sales at night', 'Sales by day', 1 / 5],
    ['80 / 443', '80, 8443', 1 / 3],
    ['Sales', 'Returns', 0],
    ['→', '↔', 0],
    ['', 'Sales', 0],
  ])('%s and %s', (a, b, expected) => {
    expect(textLikeness(a, b)).toBe(expected);
    expect(textLikeness(b, a)).toBe(expected);
  });
});

describe('pairs of entries', () => {
  const same = (text: string): string => text;
  const pairs = (before: readonly string[], after: readonly string[]) =>
    align(before, after, { before: same, after: same }, textLikeness);

  it('equal ones are the same, each once', () => {
    expect(pairs(['a', 'b', 'a'], ['a', 'a', 'c'])).toEqual({
      same: [
        ['a', 'a'],
        ['a', 'a'],
      ],
      changed: [],
      removed: ['b'],
      added: ['c'],
    });
  });

  it('of several that are alike the likest is the one that changed', () => {
    expect(pairs(['from shop to bank 443'], ['from shop to till 80', 'from shop to bank 8443'])).toEqual({
      same: [],
      changed: [['from shop to bank 443', 'from shop to bank 8443']],
      removed: [],
      added: ['from shop to till 80'],
    });
  });

  it('of equally alike ones those in the same order are', () => {
    expect(pairs(['x y 1', 'x y 2'], ['x y 3', 'x y 4']).changed).toEqual([
      ['x y 1', 'x y 3'],
      ['x y 2', 'x y 4'],
    ]);
  });

  it('what has less than half in common is another one', () => {
    expect(pairs(['shop bank 443'], ['shop till 80'])).toMatchObject({
      changed: [],
      removed: ['shop bank 443'],
      added: ['shop till 80'],
    });
  });
});
