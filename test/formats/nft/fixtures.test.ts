import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../src/text/source.ts';
import { renderResult } from '../iptables/render.ts';

const ROOT = join(import.meta.dirname, '../../../fixtures/nft');

describe('fixtures/nft', () => {
  const all = readdirSync(ROOT);

  it('are there', () => {
    expect(all.length).toBeGreaterThan(7);
  });

  it.each(all)('%s', async (name) => {
    const folder = join(ROOT, name);
    const source = new SourceFile('ruleset.nft', readFileSync(join(folder, 'ruleset.nft'), 'utf8'));
    expect(nftReader.detect(source)).toBe('nft');
    const result = nftReader.read(source, 'nft', 'host');
    expect(result.ok).toBe(!name.startsWith('error-'));
    await expect(renderResult(result)).toMatchFileSnapshot(join(folder, 'expected.txt'));
  });
});
