import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakable, columns } from '../../src/report/columns.ts';
import { excerptLines } from '../../src/report/excerpt.ts';
import { wrap } from '../../src/report/wrap.ts';

const JAPANESE = '日本語のコメント'.repeat(30);

describe('columns', () => {
  it.each([
    ['', 0],
    ['-A INPUT', 8],
    ['日本語', 6],
    ['ｶﾅ', 2],
    ['カナー', 6],
    ['한국어', 6],
    ['e\u0301', 1],
    ['ß✓—', 3],
    ['🔥', 2],
    ['（全角）', 8],
  ])('%j takes %i', (text, expected) => expect(columns(text)).toBe(expected));
});

describe('words', () => {
  it('of scripts without spaces are broken where the room ends', () => {
    const pieces = breakable(JAPANESE, 40);
    expect(pieces.length).toBeGreaterThan(10);
    expect(Math.max(...pieces.map(columns))).toBeLessThanOrEqual(40);
    expect(pieces.join('')).toBe(JAPANESE);
  });

  it('of letters stay whole, and beside others too', () => {
    const path = `/etc/${'x'.repeat(90)}`;
    expect(breakable(path, 40)).toEqual([path]);
    expect(breakable(`${path}日本`, 40)).toEqual([path, '日本']);
  });

  it('are wrapped within the width, and none is lost', () => {
    const word = fc.stringMatching(/^[a-z0-9.日本語のコ한국]{1,30}$/);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), fc.integer({ min: 30, max: 80 }), (words, width) => {
        const lines = wrap(words.join(' '), width);
        expect(lines.join('').replaceAll(' ', '')).toBe(words.join(''));
        for (const line of lines) expect(columns(line)).toBeLessThanOrEqual(width);
      }),
      { numRuns: 200 },
    );
  });
});

describe('excerpts', () => {
  it('keep to the width, with carets as wide as what they are below', () => {
    const text = `-A INPUT -m comment --comment "${JAPANESE}" -j ACCEPT`;
    for (const line of excerptLines({ line: 7, column: 1, text }, '    ', 80))
      expect(columns(line)).toBeLessThanOrEqual(80);
    const [, carets] = excerptLines({ line: 7, column: 4, text: '日本 語語 x', length: 2 }, '', 80);
    expect(carets).toBe('  |      ^^^^');
  });

  it('have a caret behind the last character where something is missing', () => {
    expect(excerptLines({ line: 1, column: 3, text: '日本', length: 1 }, '', 80)).toEqual([
      '1 | 日本',
      '  |     ^',
    ]);
  });
});
