import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../src/text/source.ts';
import { renderResult } from '../iptables/render.ts';

const ROOT = join(import.meta.dirname, '../../../fixtures/nft-newer');

describe('what newer versions of nft take, or nft where the kernel has the chain already', () => {
  it.each(readdirSync(ROOT))('%s', async (name) => {
    const text = readFileSync(join(ROOT, name, 'ruleset.nft'), 'utf8');
    const result = nftReader.read(new SourceFile('ruleset.nft', text), 'nft', 'host');
    expect(result.ok).toBe(true);
    await expect(renderResult(result)).toMatchFileSnapshot(join(ROOT, name, 'expected.txt'));
  });
});
