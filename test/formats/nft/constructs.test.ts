import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** docs/constructs-nft.md is a promise about files; here they are looked at. */

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/constructs-nft.md'), 'utf8');

interface Row {
  readonly construct: string;
  readonly fixture: string;
  /** The one file of the fixture that has the text, where it is named. */
  readonly file: string | undefined;
  readonly text: string;
}

const ROWS = PAGE.split('\n').flatMap((line): Row[] => {
  const cells = /^\| (.+) \| ([\w/.-]+) \| `(?:(listing\.\w+): )?(.+)` \|$/.exec(line);
  if (cells === null) return [];
  const [, construct = '', fixture = '', file, text = ''] = cells;
  return [{ construct, fixture, file, text: text.replaceAll('\\n', '\n').replaceAll('\\\\', '\\') }];
});

/** What a fixture is made of, without what must come of it. */
function texts({ fixture, file }: Row): readonly string[] {
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
  it('has every line of its tables read', () => {
    const lines = PAGE.split('\n').filter((line) => line.startsWith('| '));
    const heads = lines.filter((line) => /^\| (?:construct|---) \|/.test(line));
    expect(ROWS.length).toBe(lines.length - heads.length);
    expect(ROWS.length).toBeGreaterThan(130);
  });

  it('names files that are there and have the construct', () => {
    expect(ROWS.filter((row) => !texts(row).some((text) => text.includes(row.text)))).toEqual([]);
  });

  it('names each construct once', () => {
    const names = ROWS.map(({ construct }) => construct);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it('leaves no fixture out', () => {
    const named = new Set(ROWS.map(({ fixture }) => fixture));
    const all = FORMATS.flatMap((format) =>
      readdirSync(join(ROOT, 'fixtures', format)).map((name) => `${format}/${name}`),
    );
    expect(all.filter((name) => !named.has(name))).toEqual([]);
  });
});
