import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ipsetReader } from '../../../src/formats/ipset/index.ts';
import { SourceFile } from '../../../src/text/source.ts';
import { renderResult } from './render.ts';

const ROOT = join(import.meta.dirname, '../../../fixtures/ipset');
const CASES = readdirSync(ROOT).sort();

/** One folder is one case: `input.ipset` and, in `expected.txt`, the sets it gives or the error it is. */
describe('ipset fixtures', () => {
  it('are there', () => expect(CASES.length).toBeGreaterThan(100));
  it.each(CASES)('%s', (name) => {
    const source = new SourceFile('input.ipset', readFileSync(join(ROOT, name, 'input.ipset'), 'utf8'));
    const actual = `${renderResult(ipsetReader.read(source, 'ipset-save', 'ipset'))}\n`;
    const expected = join(ROOT, name, 'expected.txt');
    if (process.env.UPDATE_FIXTURES === '1') writeFileSync(expected, actual);
    expect(existsSync(expected), `${expected} is missing`).toBe(true);
    expect(actual).toBe(readFileSync(expected, 'utf8'));
    expect(actual.includes(': error: ')).toBe(name.startsWith('error-'));
  });
});
