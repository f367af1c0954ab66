import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../src/text/source.ts';
import { processorTime } from '../../support/processor.ts';

const ROOT = join(import.meta.dirname, '../../../fixtures/nft');
const TEXTS = readdirSync(ROOT).map((name) => readFileSync(join(ROOT, name, 'ruleset.nft'), 'utf8'));
const PIECES = [
  '{',
  '}',
  '"',
  ';',
  '\n',
  '$',
  '@',
  ':',
  ',',
  '-',
  '/',
  '.',
  '!',
  '*',
  '(',
  '\\\n',
  '::',
  'map',
  'vmap',
];

describe('texts that are no rulesets', () => {
  it('give errors with places, and never throw', () => {
    const edit = fc.record({ at: fc.nat(), cut: fc.nat(12), piece: fc.constantFrom(...PIECES) });
    fc.assert(
      fc.property(
        fc.constantFrom(...TEXTS),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (text, edits) => {
          let mutated = text;
          for (const { at, cut, piece } of edits) {
            const from = at % (mutated.length + 1);
            mutated = mutated.slice(0, from) + piece + mutated.slice(from + cut);
          }
          const result = nftReader.read(new SourceFile('x.nft', mutated), 'nft', 'nft');
          if (result.ok) return;
          expect(result.errors.length).toBeGreaterThan(0);
          for (const { span } of result.errors) expect(span?.end).toBeLessThanOrEqual(mutated.length);
        },
      ),
      { numRuns: 500, seed: 7 },
    );
  });

  it('cost little where they ask for much', () => {
    const bomb = ['define a0 = 1, 1, 1, 1, 1, 1, 1, 1'];
    for (let at = 1; at < 40; at++) bomb.push(`define a${at} = $a${at - 1}, $a${at - 1}`);
    const hostile = ['{'.repeat(100_000), `add rule ip t c ${'('.repeat(100_000)}`, bomb.join('\n')];
    const started = processorTime();
    for (const text of hostile) {
      const result = nftReader.read(new SourceFile('x.nft', text), 'nft', 'nft');
      expect(result.ok).toBe(false);
    }
    expect(processorTime() - started).toBeLessThan(20_000);
  });
});

const LISTINGS = readdirSync(ROOT)
  .filter((name) => !name.startsWith('error-'))
  .map((name) => readFileSync(join(ROOT, name, 'listing.json'), 'utf8'));
const VALUES = [
  'null',
  '0',
  '-1',
  '1e99',
  '""',
  '"@x"',
  '"a b; drop"',
  '[]',
  '{}',
  'true',
  '{"concat":[]}',
  '{"&":[1]}',
  '{"elem":{}}',
];

describe('JSON that is no ruleset', () => {
  it('gives errors with places or lines of coverage, and never throws', () => {
    const edit = fc.record({ at: fc.nat(), value: fc.constantFrom(...VALUES) });
    fc.assert(
      fc.property(
        fc.constantFrom(...LISTINGS),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (text, edits) => {
          let mutated = text;
          for (const { at, value } of edits) {
            const places = [...mutated.matchAll(/"(?:[^"\\]|\\.)*"(?!:)|\d+|null/g)];
            const found = places[at % places.length] as RegExpExecArray;
            mutated = mutated.slice(0, found.index) + value + mutated.slice(found.index + found[0].length);
          }
          const result = nftReader.read(new SourceFile('x.json', mutated), 'nft-json', 'nft');
          if (result.ok) return;
          expect(result.errors.length).toBeGreaterThan(0);
          for (const { span } of result.errors) expect(span?.end).toBeLessThanOrEqual(mutated.length);
        },
      ),
      { numRuns: 250, seed: 7 },
    );
  });

  it('costs little where it asks for much', () => {
    const deep = `{"nftables":[{"rule":${'{"concat":['.repeat(50_000)}1${']}'.repeat(50_000)}}]}`;
    const result = nftReader.read(new SourceFile('x.json', deep), 'nft-json', 'nft');
    expect(result.ok).toBe(false);
  });
});
