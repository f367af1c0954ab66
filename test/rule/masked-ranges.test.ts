import { describe, expect, it } from 'vitest';
import { isListable, maskedRanges } from '../../src/rule/masked-ranges.ts';

describe('the addresses under a mask', () => {
  it.each<readonly [string, bigint, bigint, readonly (readonly [bigint, bigint])[]]>([
    ['one address', 0xffff_ffffn, 0x0a01_0007n, [[0x0a01_0007n, 0x0a01_0007n]]],
    ['a network', 0xffff_ff00n, 0x0a01_0000n, [[0x0a01_0000n, 0x0a01_00ffn]]],
    ['all', 0n, 0n, [[0n, 0xffff_ffffn]]],
    [
      'one hole, and bits behind it',
      0xffff_feffn - 0x0fn,
      0x0a01_0010n,
      [
        [0x0a01_0010n, 0x0a01_001fn],
        [0x0a01_0110n, 0x0a01_011fn],
      ],
    ],
    [
      'holes apart',
      0x7fff_fffdn,
      1n,
      [
        [1n, 1n],
        [3n, 3n],
        [0x8000_0001n, 0x8000_0001n],
        [0x8000_0003n, 0x8000_0003n],
      ],
    ],
  ])('%s', (_what, mask, value, ranges) => {
    expect(maskedRanges(4, mask, value)).toEqual(ranges);
  });

  it('are not listed where they are very many', () => {
    expect(maskedRanges(4, 0xffff_fc00n | 1n, 1n)).toHaveLength(512);
    expect([isListable(4, 0xffff_f801n), isListable(4, 0xffff_f001n)]).toEqual([true, false]);
    expect(maskedRanges(6, (1n << 64n) - 1n, 1n)).toBeUndefined();
  });
});
