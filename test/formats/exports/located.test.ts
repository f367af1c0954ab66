import { describe, expect, it } from 'vitest';
import { type JsonObject, readLocated } from '../../../src/formats/exports/located.ts';
import { SourceFile } from '../../../src/text/source.ts';

const read = (text: string) => readLocated(new SourceFile('x.json', text));

describe('JSON with places', () => {
  it.each([
    '{"a":[1,-2.5e3,true,false,null,"\\u00e9\\n"]}',
    '[]',
    '{}',
    '"text"',
    '{"a":{"a":{"a":[[[]]]}}}',
    '{"__proto__":{"a":1},"constructor":2}',
  ])('is what JSON.parse makes of %s', (text) => {
    const result = read(text);
    expect(result.ok && JSON.stringify(result.value.values)).toBe(JSON.stringify([JSON.parse(text)]));
  });

  it('knows where each object stands, in pages one after the other', () => {
    const text = '{"a":[{"b":1},\n {"b":2}]}\n{"a":[]}';
    const result = read(text);
    if (!result.ok) throw new Error('not read');
    const [first, second] = result.value.values as [JsonObject, JsonObject];
    const shown = (object: object): string => {
      const { start, end } = result.value.place(object);
      return text.slice(start, end);
    };
    expect((first.a as object[]).map(shown)).toEqual(['{"b":1}', '{"b":2}']);
    expect(shown(second)).toBe('{"a":[]}');
  });

  it.each([
    ['{"a":1', 'the text ends before the object of line 1 does'],
    ['[1,', 'the text ends before the list of line 1 does'],
    ['{"a" 1}', 'this is not JSON'],
    ['{a:1}', 'this is not JSON'],
    ['[1,]', 'this is not JSON'],
    ['[1 2]', 'this is not JSON'],
    ['{"a":1,}', 'this is not JSON'],
    ['{"a":}', 'this is not JSON'],
    ['[}', 'this is not JSON'],
    ['[01]', 'this is not JSON'],
    ['"\\x"', 'this is not JSON'],
    ['['.repeat(100_000), 'brackets in brackets are too deep here'],
    ['{"a":"cut he', 'the file ends inside of a text in quotation marks'],
    ['["cut he\n"]', 'this is not JSON'],
  ])('does not take %j', (text, message) => {
    const result = read(text);
    expect(result.ok ? '' : result.errors[0]?.message).toBe(message);
    expect(result.ok ? undefined : result.errors[0]?.span).toBeDefined();
  });

  it.each([
    ['["cut he\n"]', 'a quotation mark that ends the text in its line'],
    ['"\\x"', 'one of `" \\ / b f n r t u` after a backslash'],
    ['"\\u00g0"', 'four hexadecimal digits after `\\u`'],
    ['"\u0001"', 'no control character in a text'],
    ['1.', 'a digit'],
  ])('says what was expected of %j', (text, expected) => {
    const result = read(text);
    expect(result.ok ? '' : result.errors[0]?.expected).toBe(expected);
  });
});
