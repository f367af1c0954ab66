import { Composer, Lexer, Parser, type ParsedNode } from 'yaml';
import { describe, expect, it } from 'vitest';
import { locate } from '../../src/baseline/located.ts';
import { readPlainJson } from '../../src/baseline/located-json.ts';
import { readYaml } from '../../src/baseline/yaml.ts';
import { SourceFile } from '../../src/text/source.ts';

/** What the reader of YAML makes of a text. */
function asYaml(file: SourceFile): unknown {
  const parser = new Parser();
  const tokens = [...new Lexer().lex(file.text)].flatMap((lexeme) => [...parser.next(lexeme)]);
  const [document] = [
    ...new Composer<ParsedNode>({ version: '1.2', schema: 'core' }).compose([...tokens, ...parser.end()]),
  ];
  const read = locate(file, document?.contents as ParsedNode);
  return read.ok ? read.value : read.errors;
}

describe('a text that is JSON', () => {
  it.each([
    '{}',
    ' {"a": 1, "b": [true, false, null, -0.5, 1e3, 0],\n "c": {"d": "x\\n\\u00e9\\ud83d\\ude00\\/"}}\n',
    '{"__proto__": {"x": 1}, "": "empty", "list": [[], [[]], {}]}',
    '{"version":1,"roles":{"a":["10.0.0.1"]},"hosts":[{"name":"x","role":"a","configs":["x.v4"]}]}',
  ])('%s: values and places are those of YAML', (text) => {
    const file = new SourceFile('site.json', text);
    const read = readPlainJson(file);
    expect(read).toBeDefined();
    expect(read).toEqual(asYaml(file));
  });

  it.each([
    '{"a": 1,}',
    '{"a" 1}',
    '{a: 1}',
    '{"a": 1, "a": 2}',
    '{"a": 01}',
    '{"a": "\t"}',
    '{"a": 1} x',
    '{',
    '{"a": [1 2]}',
    `{"a": ${'['.repeat(100)}${']'.repeat(100)}}`,
  ])('%s is left to YAML', (text) =>
    expect(readPlainJson(new SourceFile('site.json', text))).toBeUndefined(),
  );

  it('a key that stands twice is told as in YAML', () => {
    const read = readYaml(new SourceFile('site.json', '{"a": 1, "a": 2}'));
    expect(read.ok ? [] : read.errors.map(({ code }) => code)).toEqual(['yaml-duplicate-key']);
  });
});
