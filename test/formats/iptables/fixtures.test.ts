import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { iptablesReader } from '../../../src/formats/iptables/index.ts';
import { SourceFile } from '../../../src/text/source.ts';
import { renderResult } from './render.ts';

const ROOT = join(import.meta.dirname, '../../../fixtures/iptables');

/** Every folder below that has a dump, by its path. */
function cases(folder = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return cases(path);
    return entry.name.startsWith('rules.') ? [path] : [];
  });
}

describe('fixtures/iptables', () => {
  const all = cases();

  it('are there', () => {
    expect(all.length).toBeGreaterThan(80);
  });

  it.each(all)('%s', async (path) => {
    const file = join(ROOT, path);
    const name = path.slice(path.lastIndexOf('/') + 1);
    const source = new SourceFile(name, readFileSync(file, 'utf8'));
    const format = iptablesReader.detect(source) ?? 'iptables-save';
    const result = iptablesReader.read(source, format, 'host');
    expect(result.ok).toBe(!path.startsWith('errors/'));
    await expect(renderResult(result)).toMatchFileSnapshot(join(file, '../expected.txt'));
  });
});
