import { describe, expect, it } from 'vitest';
import { SourceFile, spanText } from '../../src/text/source.ts';

describe('a quoted line', () => {
  const quoted = (text: string): string => spanText({ file: new SourceFile('f', text), start: 0, end: 1 });

  it('is whole up to 4,000 characters, and of a longer one the rest is counted', () => {
    const line = 'a'.repeat(4_000);
    expect(quoted(`${line}\nnext`)).toBe(line);
    expect(quoted(`${line}bcd\nnext`)).toBe(`${line}… (3 more characters)`);
    expect(quoted(`${line}b\nnext`)).toBe(`${line}… (1 more character)`);
  });

  it('is not cut between the halves of a surrogate pair', () => {
    const line = `${'a'.repeat(3_999)}\u{1f600}`;
    expect(quoted(`${line}b`)).toBe(`${'a'.repeat(3_999)}… (3 more characters)`);
  });
});
