import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ConstructRow, constructRows, itIsWhole } from '../../support/construct-table.ts';

/** docs/constructs-nft.md is a promise about files; here they are looked at. */

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/constructs-nft.md'), 'utf8');

const ROWS = constructRows(PAGE, (text) => text.replaceAll('\\n', '\n').replaceAll('\\\\', '\\'));

/** What a fixture is made of, without what must come of it. */
function texts({ fixture, file }: ConstructRow): readonly string[] {
  if (fixture.endsWith('.ts')) return [readFileSync(join(ROOT, fixture), 'utf8')];
  const folder = join(ROOT, 'fixtures', fixture);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => (file === undefined ? !/^(?:expected|openings|listing)\./.test(name) : name === file))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

/** Folders of fixtures whose cases the page names one by one. */
const FORMATS = ['nft', 'nft-json', 'nft-newer'];

describe('docs/constructs-nft.md', () => {
  itIsWhole(PAGE, ROWS);

  it('names files that are there and have the construct', () => {
    expect(ROWS.filter((row) => !texts(row).some((text) => text.includes(row.text)))).toEqual([]);
  });

  it('leaves no fixture out', () => {
    const named = new Set(ROWS.map(({ fixture }) => fixture));
    const all = FORMATS.flatMap((format) =>
      readdirSync(join(ROOT, 'fixtures', format)).map((name) => `${format}/${name}`),
    );
    expect(all.filter((name) => !named.has(name))).toEqual([]);
  });
});
