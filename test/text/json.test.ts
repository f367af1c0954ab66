import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonSpan, parseJson } from '../../src/text/json.ts';
import { SourceFile } from '../../src/text/source.ts';

const file = (text: string): SourceFile => new SourceFile('x.json', text);

describe('JSON with places', () => {
  it.each([
    ['', 0],
    ['  ', 2],
    ['{"a":1,}', 7],
    ['[1,2', 4],
    ['[1 2]', 3],
    ['{"a" 1}', 5],
    ['{a:1}', 1],
    ['[01]', 2],
    ['"a', 0],
    ['["\\x"]', 1],
    ['[1]]', 3],
    ['[1}', 2],
    ['nul', 0],
    ['{"a":1 "b":2}', 7],
    ['[\n  1,\n  x\n]', 9],
  ])('finds the error in %j', (text, offset) => {
    const result = parseJson(file(text));
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.errors[0]?.span?.start).toBe(offset);
  });

  it('finds every value of a text at its pointer', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 0, max: 3 }), (value, indent) => {
        const source = file(JSON.stringify(value, undefined, indent));
        const visit = (part: unknown, pointer: string): void => {
          const span = jsonSpan(source, pointer);
          expect(JSON.parse(source.text.slice(span.start, span.end))).toEqual(
            JSON.parse(JSON.stringify(part)),
          );
          if (typeof part !== 'object' || part === null) return;
          for (const [key, child] of Object.entries(part))
            visit(child, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
        };
        visit(JSON.parse(source.text), '');
      }),
    );
  });

  it('agrees with JSON.parse on what is JSON, and places the error within the text', () => {
    const letters = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '1',
      '-',
      '.',
      'e',
      'null',
      'true',
      '"a"',
      ' ',
      '\\',
      '\n',
      '\u0001',
    );
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 12 }), (text) => {
        const result = parseJson(file(text));
        if (result.ok) return;
        const at = result.errors[0]?.span?.start as number;
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at).toBeLessThanOrEqual(text.length);
        // It is the first error: whatever follows that character, the error stays where it is.
        const cut = parseJson(file(`${text.slice(0, at + 1)}\u0002`));
        expect(cut.ok ? undefined : cut.errors[0]?.span?.start).toBe(at);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes very deep and very long texts', () => {
    const deep = parseJson(file('['.repeat(1_000_000)));
    expect(deep.ok).toBe(false);
    const long = parseJson(file(`["${'a'.repeat(20_000_000)}", x]`));
    if (!long.ok) expect(long.errors[0]?.span?.start).toBe(20_000_005);
    expect(long.ok).toBe(false);
  });
});
