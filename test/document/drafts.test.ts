import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importBaseline } from '../../src/api/import.ts';
import { readDocument } from '../../src/api/document.ts';
import { loadBaseline } from '../../src/baseline/load-baseline.ts';
import type { Diagnostic } from '../../src/text/diagnostic.ts';
import { formatPlace, SourceFile } from '../../src/text/source.ts';
import { unwrap } from '../baseline/support.ts';
import { fixtures } from './support.ts';

const update = process.env.UPDATE_FIXTURES === '1';
const cases = readdirSync(fixtures).filter((name) => name !== 'errors');

const pageOf = (folder: string): string => readdirSync(folder).find((name) => name.startsWith('page.')) ?? '';

/** Each folder has a `page.*`, and in `expected.yaml` the draft that is made of it. */
describe('drafts', () => {
  it.each(cases)('%s', (name) => {
    const folder = join(fixtures, name);
    const path = pageOf(folder);
    const bytes = readFileSync(join(folder, path));
    const { yaml, rows } = unwrap(importBaseline({ path, bytes }));
    const expected = join(folder, 'expected.yaml');
    if (update) writeFileSync(expected, yaml);
    expect(yaml).toBe(readFileSync(expected, 'utf8'));
    const loaded = unwrap(loadBaseline(new SourceFile('draft.yaml', yaml)));
    expect(loaded.rows).toHaveLength(rows);
    expect(rows).toBeGreaterThan(0);
  });

  it.each(cases)('%s: places are those of the cells', (name) => {
    const folder = join(fixtures, name);
    const path = pageOf(folder);
    const document = unwrap(readDocument(readFileSync(join(folder, path)), path));
    for (const { rows, columns } of document.tables)
      for (const { cells } of rows) {
        expect(cells).toHaveLength(columns.length);
        for (const { span, verbatim } of cells) {
          const text = span.file.text.slice(span.start, span.end);
          const there = path.endsWith('.csv') ? text.replace(/^"|"$/g, '').replaceAll('""', '"') : text;
          expect(there.replace(/\s+/g, ' ').trim()).toBe(verbatim);
        }
      }
  });
});

/** Each folder has a `page.*` that cannot be imported, and in `expected.txt` what is said about it. */
describe('documents that are refused', () => {
  const folder = join(fixtures, 'errors');
  it.each(readdirSync(folder))('%s', (name) => {
    const path = pageOf(join(folder, name));
    const result = importBaseline({ path, bytes: readFileSync(join(folder, name, path)) });
    const text = result.ok ? '' : result.errors.map(render).join('');
    const expected = join(folder, name, 'expected.txt');
    if (update) writeFileSync(expected, text);
    expect(text).not.toBe('');
    expect(text).toBe(readFileSync(expected, 'utf8'));
  });
});

function render({ code, message, span, expected, help }: Diagnostic): string {
  const place = span === undefined ? '?' : formatPlace(span);
  return `${place}: ${message} [${code}]\n  expected: ${expected ?? '-'}\n  help: ${help ?? '-'}\n`;
}
