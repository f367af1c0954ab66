import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { iptablesReader } from '../../../src/formats/iptables/index.ts';
import { SourceFile } from '../../../src/text/source.ts';
import { renderDiagnostic } from './render.ts';

// Dumps of other people's hosts, which lie beside the project where it is developed.
const CORPUS = join(import.meta.dirname, '../../../../shared/corpus');
const INDEX = join(CORPUS, 'INDEX.tsv');

interface Entry {
  readonly file: string;
  readonly rules: number;
  readonly legacy: boolean;
  readonly nft: boolean;
  readonly kernel: string;
}

function entries(): readonly Entry[] {
  if (!existsSync(INDEX)) return [];
  return readFileSync(INDEX, 'utf8')
    .split('\n')
    .filter((row) => /^ip6?tables-save\//.test(row))
    .map((row) => {
      const [file, , rules, legacy, nft, kernel] = row.split('\t') as [string, string, ...string[]];
      return {
        file,
        rules: Number(rules),
        legacy: legacy === 'ok',
        nft: nft === 'ok',
        kernel: kernel ?? '',
      };
    });
}

describe.skipIf(!existsSync(INDEX))('dumps of other people', () => {
  const all = entries();
  // iptables-nft-restore --test does not look whether chains and rules exist; the kernel does.
  const accepted = all.filter(({ legacy, nft, kernel }) => legacy || (nft && !kernel.startsWith('err')));

  it('are there', () => expect(accepted.length).toBeGreaterThan(80));

  it.each(accepted)('$file is read as the real tools read it', ({ file, rules }) => {
    const source = new SourceFile(file, readFileSync(join(CORPUS, file), 'utf8'));
    const format = iptablesReader.detect(source);
    expect(format).toBe(file.startsWith('ip6') ? 'ip6tables-save' : 'iptables-save');
    const result = iptablesReader.read(source, format ?? 'iptables-save', 'corpus');
    expect(result.ok ? [] : result.errors.map(renderDiagnostic)).toEqual([]);
    if (!result.ok) return;
    // The index counts lines that append rules; lists of addresses make more of them, deletions fewer.
    const read = result.value.chains.reduce((sum, chain) => sum + chain.rules.length, 0);
    const appended = source.text.match(/^(?:\[\d+:\d+\] ?)?(?:-A|--append|-I) /gm)?.length ?? 0;
    if (!/^-[DRFX] |-s \S+,|-d \S+,/m.test(source.text)) expect(read).toBe(appended);
    expect(rules).toBeGreaterThanOrEqual(0);
  });
});
