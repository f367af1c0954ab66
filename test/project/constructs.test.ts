import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** docs/constructs.md is a promise about files; here they are looked at. */

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'fixtures');

interface Row {
  readonly construct: string;
  readonly fixture: string;
  readonly text: string;
}

/** In a table a line break, a NUL byte and a byte order mark are written as escapes. */
function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\x00', '\0').replaceAll('\\ufeff', '\ufeff');
}

function rowsOf(page: string): Row[] {
  return page.split('\n').flatMap((line) => {
    const cells = /^\| (.+) \| ([\w/.-]+) \| `(.+)` \|$/.exec(line);
    if (cells === null) return [];
    const [, construct = '', fixture = '', text = ''] = cells;
    return [{ construct, fixture, text: unescaped(text) }];
  });
}

const page = readFileSync(join(ROOT, 'docs/constructs.md'), 'utf8');
const rows = rowsOf(page);

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
  it('has every line of its tables read', () => {
    const lines = page.split('\n').filter((line) => line.startsWith('| '));
    const heads = lines.filter((line) => line.startsWith('| construct |') || line.startsWith('| --- |'));
    expect(rows.length).toBe(lines.length - heads.length);
    expect(rows.length).toBeGreaterThan(130);
  });

  it('names fixtures that are there, have the construct, and say what must come of it', () => {
    const wrong = rows.filter(
      ({ fixture, text }) =>
        !inputs(fixture).some((input) => input.includes(text)) || !hasExpectation(fixture),
    );
    expect(wrong).toEqual([]);
  });

  it('names each construct once', () => {
    const names = rows.map(({ construct }) => construct);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it('leaves no fixture of iptables and ipset out', () => {
    const named = new Set(rows.map(({ fixture }) => fixture));
    expect([...cases('iptables'), ...cases('ipset')].filter((name) => !named.has(name))).toEqual([]);
  });
});
