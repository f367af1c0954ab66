import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { loadBaseline } from '../../src/baseline/load-baseline.ts';
import { loadDeployment } from '../../src/baseline/load-deployment.ts';
import type { Located } from '../../src/baseline/located.ts';
import { MAXIMUM_YAML_CHARACTERS, readYaml } from '../../src/baseline/yaml.ts';
import { SourceFile } from '../../src/text/source.ts';
import { fixtures, shipped, unwrap } from './support.ts';
import { processorTime } from '../support/processor.ts';

const read = (text: string) => readYaml(new SourceFile('x.yaml', text));
const codes = (text: string): string[] => {
  const result = read(text);
  return result.ok ? [] : result.errors.map(({ code }) => code);
};

describe('readYaml', () => {
  it('gives the values that the yaml package gives', () => {
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(fc.string({ minLength: 1 }), tie('node'), { maxKeys: 4 }),
      ),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), value, { minKeys: 1, maxKeys: 5 }), (data) => {
        const text = stringify(data);
        expect(plain(unwrap(read(text)).value)).toEqual(parse(text));
      }),
      { numRuns: 150 },
    );
  });

  it('knows the place of every key and value', () => {
    const root = unwrap(read('a: 1\nb:\n  - x\n  - { c: "y" }\n'));
    const texts: string[] = [];
    const visit = (node: Located): void => {
      if (node.keySpan !== undefined) texts.push(slice(node.keySpan));
      for (const part of [...(node.entries?.values() ?? []), ...(node.items ?? [])]) visit(part);
      if (node.entries === undefined && node.items === undefined) texts.push(slice(node.span));
    };
    visit(root);
    expect(texts).toEqual(['a', '1', 'b', 'x', 'c', '"y"']);
  });

  it.each([
    ['a million brackets', '['.repeat(1_000_000), 'yaml-too-deep'],
    ['maps in maps', '{a: '.repeat(100_000), 'yaml-too-deep'],
    ['lists on one line', '- '.repeat(100_000), 'yaml-too-deep'],
    ['keys on one line', '? '.repeat(100_000), 'yaml-too-deep'],
    ['too many characters', 'x'.repeat(MAXIMUM_YAML_CHARACTERS + 1), 'yaml-too-large'],
    ['too many lines', '\n'.repeat(4_000_000), 'yaml-too-large'],
    ['NUL', 'a: \0', 'yaml-binary'],
    ['white space', '  \n\n', 'yaml-empty'],
    ['an endless quotation', `a: "${'\\'.repeat(300_000)}`, 'yaml-syntax'],
    ['closing brackets', ']'.repeat(10_000), 'yaml-syntax'],
  ])('refuses %s without hanging', (_, text, code) => {
    const start = processorTime();
    expect(codes(text)).toContain(code);
    expect(processorTime() - start).toBeLessThan(20_000);
  });

  it('reads a map of 30,000 keys in time that grows with it', () => {
    const text = Array.from({ length: 30_000 }, (_, i) => `key${i}: ${i}\n`).join('');
    const root = unwrap(read(text));
    expect(root.entries?.size).toBe(30_000);
    expect(codes(`${text}key7: 8\n`)).toEqual(['yaml-duplicate-key']);
  });

  it('shares what an alias stands for, and counts it each time', () => {
    const root = unwrap(read('a: &x [1, 2, 3]\nb: *x\nc: *x\n'));
    expect(plain(root.value)).toEqual({ a: [1, 2, 3], b: [1, 2, 3], c: [1, 2, 3] });
    expect(root.size).toBe(13);
  });
});

describe('hostile texts', () => {
  const texts = [
    ...readdirSync(shipped)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => readFileSync(join(shipped, name), 'utf8')),
    ...readdirSync(join(fixtures, 'errors')).flatMap((name) =>
      readdirSync(join(fixtures, 'errors', name))
        .filter((file) => file.endsWith('.yaml'))
        .map((file) => readFileSync(join(fixtures, 'errors', name, file), 'utf8')),
    ),
  ].filter((text) => text.length < 4000);
  const piece = fc.constantFrom(
    '',
    ' ',
    '\n',
    '  ',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a',
    '"',
    "'",
    '!',
    '|',
    '>',
    '#',
    '%',
    '\t',
    '70000',
    '-1',
    '1e9',
    'null',
    '\u202e',
    '\ud800',
    '__proto__: 1\n',
  );

  it('give a value or errors with places, and never a throw', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(fc.tuple(fc.nat(), fc.nat(12), piece), { minLength: 1, maxLength: 6 }),
        (text, edits) => {
          let mutated = text;
          for (const [at, length, replacement] of edits) {
            const from = at % (mutated.length + 1);
            mutated = mutated.slice(0, from) + replacement + mutated.slice(from + length);
          }
          for (const result of [
            loadBaseline(new SourceFile('b', mutated)),
            loadDeployment(new SourceFile('d', mutated)),
          ]) {
            if (result.ok) continue;
            expect(result.errors.length).toBeGreaterThan(0);
            for (const { span, message } of result.errors) {
              expect(message).toMatch(/\.$/);
              expect(span).toBeDefined();
              expect(span?.end).toBeLessThanOrEqual(mutated.length);
              expect(span?.start).toBeLessThanOrEqual(span?.end ?? -1);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Without the null prototypes. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function slice({ file, start, end }: Located['span']): string {
  return file.text.slice(start, end);
}
