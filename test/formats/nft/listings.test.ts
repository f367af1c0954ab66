import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../src/text/source.ts';
import { renderResult } from '../iptables/render.ts';
import { inNamespace, KERNEL } from './kernel.ts';

const ROOT = join(import.meta.dirname, '../../../fixtures/nft-listings');

describe('what nft lists and does not read itself', () => {
  it.each(readdirSync(ROOT))('%s', async (name) => {
    const text = readFileSync(join(ROOT, name, 'ruleset.nft'), 'utf8');
    // Where nft reads it one day, nobody will miss this. What it lists as a comment it reads as one.
    if (KERNEL && name !== 'xt-comments')
      expect(inNamespace('nft -c -f -', text).stderr).toMatch(
        /Could not (?:parse integer|resolve hostname)|(?:expecting (?:comma|number)|expected concatenation)|Prefix length 16 is invalid|conflicting protocols specified: (?:inet|ip) vs\. arp|unexpected string\b|Missing `device/,
      );
    const result = nftReader.read(new SourceFile('ruleset.nft', text), 'nft', 'host');
    expect(result.ok).toBe(true);
    await expect(renderResult(result)).toMatchFileSnapshot(join(ROOT, name, 'expected.txt'));
  });
});
