import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { constructRows, itIsWhole } from '../support/construct-table.ts';

/** docs/constructs.md is a promise about files; here they are looked at. */

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'fixtures');

/** In a table a line break, a NUL byte and a byte order mark are written as escapes. */
function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\x00', '\0').replaceAll('\\ufeff', '\ufeff');
}

const page = readFileSync(join(ROOT, 'docs/constructs.md'), 'utf8');
const rows = constructRows(page, unescaped);

/** What a fixture is made of, without what it must give. */
function inputs(fixture: string): string[] {
  const folder = join(FIXTURES, fixture);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !/^(expected|answers)\./.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

/** Whether a fixture says what must come of it. */
function hasExpectation(fixture: string): boolean {
  const folder = join(FIXTURES, fixture);
  return existsSync(folder) && readdirSync(folder).some((name) => /^(expected|answers)\./.test(name));
}

/** The cases of a format, those of errors apart. */
function cases(format: string): string[] {
  return readdirSync(join(FIXTURES, format))
    .filter((name) => name !== 'errors' && !name.startsWith('error-'))
    .map((name) => `${format}/${name}`);
}

describe('docs/constructs.md', () => {
  itIsWhole(page, rows);

  it('names fixtures that are there, have the construct, and say what must come of it', () => {
    const wrong = rows.filter(
      ({ fixture, text }) =>
        !inputs(fixture).some((input) => input.includes(text)) || !hasExpectation(fixture),
    );
    expect(wrong).toEqual([]);
  });

  it('leaves no fixture of iptables and ipset out', () => {
    const named = new Set(rows.map(({ fixture }) => fixture));
    expect([...cases('iptables'), ...cases('ipset')].filter((name) => !named.has(name))).toEqual([]);
  });
});
