import fc from 'fast-check';
import { createScanner } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { JsonTokens, KIND } from '../../../src/formats/exports/tokens.ts';

const PIECES = [
  ...'{}[],:"\\/-+.eE019 \t\n\r',
  ...['\u0000', '\u0001', '\u007f', '\u0085', '\u2028', '\ufeff', 'é', '😀', '\ud800', 'a'],
  ...['"a"', '"é😀"', '"\\n"', '"\\u00e9"', '"\\x"', '"\\u00g0"', '"\u0001"', '"\u007f\u2028"', '"a\nb"'],
  ...['0', '10', '01', '-1', '1.5', '1e5', '1.', '1e', '-', '1a', '443,', '443]', '443}'],
  ...['true', 'false', 'null', 'nul', 'true1', '// a\n', '/* b */', '/*', '  \r\n\t '],
];

const tokensOf = (text: string) => {
  const [tokens, scanner] = [new JsonTokens(text), createScanner(text, true)];
  const own: unknown[] = [];
  const expected: unknown[] = [];
  for (let kind = 0; kind !== KIND.end; ) {
    kind = tokens.scan();
    const hasValue = kind === KIND.string || kind === KIND.number;
    own.push([kind, tokens.offset, tokens.end, tokens.error, hasValue && tokens.value]);
    const { getTokenOffset, getPosition, getTokenError, getTokenValue } = scanner;
    const other = scanner.scan() as number;
    expected.push([other, getTokenOffset(), getPosition(), getTokenError(), hasValue && getTokenValue()]);
    if (other !== kind) break;
  }
  return { own, expected };
};

describe('tokens of JSON', () => {
  it.each(PIECES)('are those of the scanner: %j', (piece) => {
    const { own, expected } = tokensOf(piece);
    expect(own).toEqual(expected);
  });

  it('are those of the scanner in texts of all kinds', () => {
    const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join(''));
    const isAlike = (text: string): void => {
      const { own, expected } = tokensOf(text);
      expect(own).toEqual(expected);
    };
    fc.assert(fc.property(texts, isAlike), { seed: 1, numRuns: 2_000 });
  });
});
