import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../src/text/source.ts';

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
      { numRuns: 3000, seed: 7 },
    );
  });

  it('cost little where they ask for much', () => {
    const bomb = ['define a0 = 1, 1, 1, 1, 1, 1, 1, 1'];
    for (let at = 1; at < 40; at++) bomb.push(`define a${at} = $a${at - 1}, $a${at - 1}`);
    const hostile = ['{'.repeat(100_000), `add rule ip t c ${'('.repeat(100_000)}`, bomb.join('\n')];
    for (const text of hostile) {
      const result = nftReader.read(new SourceFile('x.nft', text), 'nft', 'nft');
      expect(result.ok).toBe(false);
    }
  }, 20_000);
});
