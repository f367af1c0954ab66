import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../src/text/source.ts';
import { renderDiagnostic } from '../iptables/render.ts';

// Rulesets of other people, which lie beside the project where it is developed.
const CORPUS = join(import.meta.dirname, '../../../../shared/corpus');
const INDEX = join(CORPUS, 'INDEX.tsv');

interface Entry {
  readonly file: string;
  readonly accepted: boolean;
}

function entries(): readonly Entry[] {
  if (!existsSync(INDEX)) return [];
  return readFileSync(INDEX, 'utf8')
    .split('\n')
    .filter((row) => /^nft-(?:dump|script|json)\//.test(row))
    .map((row) => {
      const [file, , , , nft] = row.split('\t') as [string, ...string[]];
      return { file, accepted: nft === 'ok' };
    });
}

describe.skipIf(!existsSync(INDEX))('nft rulesets of other people', () => {
  const all = entries();

  it('are there', () => {
    expect(all.length).toBeGreaterThan(200);
  });

  it.each(all)('$file', ({ file, accepted }) => {
    const source = new SourceFile(file, readFileSync(join(CORPUS, file), 'utf8'));
    const result = nftReader.read(source, file.startsWith('nft-json/') ? 'nft-json' : 'nft', 'host');
    const errors = result.ok ? [] : result.errors.map(renderDiagnostic);
    // What nft accepts is read; the files that one includes are not here.
    if (accepted) expect(errors.filter((text) => !text.includes('include-not-read'))).toEqual([]);
    else if (!result.ok) expect(result.errors.every(({ message }) => message !== '')).toBe(true);
  });
});
