import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** The project's pages: those of fixtures are other people's, which postern reads. */
const FOLDERS = ['docs', 'grammars', 'baselines', 'bench', 'schemas', 'examples', 'test', 'src'];

const pages = [
  ...readdirSync(ROOT),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  ),
].filter((path) => path.endsWith('.md'));

/** Fenced blocks and code, whose brackets are no links. */
const withoutCode = (text: string): string =>
  text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** Paths that links lead to, without those to other sites and to places of the page itself. */
function linksOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

/** Files of the project that a text names. */
const namedFiles = (text: string): string[] =>
  [...text.matchAll(/(?<![\w/.-])(?:src|grammars|test|bench|scripts)\/[\w./-]+\.(?:ts|js|json)\b/g)].map(
    ([path]) => path,
  );

describe('the pages', () => {
  it('are there', () => {
    expect(pages.length).toBeGreaterThan(40);
    expect(linksOf('[a](b.md#c) `[d](e)` [f](https://g)')).toEqual(['b.md']);
    expect(namedFiles('`src/no/such.ts` and ../src/other.ts')).toEqual(['src/no/such.ts']);
  });

  it.each(pages)('%s leads to what is there', (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const links = linksOf(text).map((target) => join(dirname(page), decodeURIComponent(target)));
    const named = page === 'CHANGELOG.md' ? [] : namedFiles(text);
    expect([...links, ...named].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
