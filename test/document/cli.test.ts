import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inProcess } from '../support/cli.ts';
import { fixtures } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const page = join(fixtures, 'markdown', 'page.md');
const broken = join(fixtures, 'errors', 'merged-cell', 'page.html');

describe('postern baseline import', () => {
  it('prints a draft, and what was left out to standard error', async () => {
    const { status, stdout, stderr } = await inProcess(['baseline', 'import', page]);
    expect(status).toBe(0);
    expect(stdout).toBe(readFileSync(join(fixtures, 'markdown', 'expected.yaml'), 'utf8'));
    expect(stderr).toMatch(/page\.md:23:1: warning: This table was left out/);
    expect(stderr).toMatch(/page\.md:19:1: warning: One line outside of tables/);
    expect(stderr).toMatch(/^3 rows of 1 table; 1 to be reviewed$/m);
  });

  it('writes a file that validates, verifies and checks, under the id and the title given', async () => {
    const output = join(folder, 'orchard.yaml');
    const cells = join(fixtures, 'cells', 'page.md');
    const made = await inProcess([
      'baseline',
      'import',
      cells,
      '--id',
      'my-orchard',
      '--title',
      'Mine: #1',
      '-o',
      output,
    ]);
    expect(made).toMatchObject({ status: 0, stdout: '' });
    const valid = await inProcess(['baseline', 'validate', output]);
    expect(valid.status).toBe(0);
    expect(valid.stderr).toMatch(/waits for a decision: `80 \/ 443` is read as a choice/);
    expect(
      JSON.parse((await inProcess(['baseline', 'show', output, '--format', 'json'])).stdout),
    ).toMatchObject({
      id: 'my-orchard',
      title: 'Mine: #1',
      review: [expect.stringMatching(/^Does the document list everything/)],
    });
    expect((await inProcess(['baseline', 'verify', output, '--document', cells])).status).toBe(0);
    const rules = join(folder, 'rules.v4');
    writeFileSync(rules, '*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n');
    const checked = await inProcess(['check', rules, '--baseline', output, '--as', 'b']);
    expect(checked.status).toBe(1);
    expect(checked.stderr).toMatch(
      /warning: The baseline `my-orchard` still has \d+ rows that nobody has reviewed/,
    );
    expect(checked.stdout.replace(/\s+/g, ' ')).toMatch(
      /The baseline my-orchard still has \d+ rows that nobody has reviewed and 1 open question/,
    );
  });

  it('reads standard input', async () => {
    const { status, stdout } = await inProcess(['baseline', 'import', '-', '-q'], {
      input: readFileSync(page),
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^id: orchard-ports$/m);
  });

  it('writes nothing where the document cannot be read, and keeps what was there', async () => {
    const own = mkdtempSync(join(folder, 'kept-'));
    const output = join(own, 'out.yaml');
    writeFileSync(output, 'before\n');
    const { status, stdout, stderr } = await inProcess(['baseline', 'import', broken, '--output', output]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/page\.html:2:5: error: This cell is merged/);
    expect(readFileSync(output, 'utf8')).toBe('before\n');
    expect(readdirSync(own)).toEqual(['out.yaml']);
  });

  it.each([
    [['--id', 'Not Kebab'], /cannot be the id of a baseline/],
    [['--title', ' '], /The title is empty/],
    [['--output', page], /it is one of the inputs/],
    [['--output', '/nowhere/at/all.yaml'], /can't be written/],
  ])('refuses %j', async (options, said) => {
    const { status, stdout, stderr } = await inProcess(['baseline', 'import', page, ...options]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(said);
  });
});

describe('baselines that mean harm', () => {
  const HEAD =
    'version: 1\nid: x\ntitle: X\ndocument: { title: X }\nclosed: { in: true, out: true, forward: true }\n';
  const row = '  - { id: a, source: any, destination: any, protocols: [tcp], ports: [1] }\n';

  it.each([
    [
      'two rows of one id',
      `${HEAD}roles: { a: { title: A } }\nrows:\n${row}${row}`,
      /bad\.yaml:9:11: error: Two rows have the id `a`/,
    ],
    [
      'anchors that explode',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
        .split('')
        .map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefghi'[i]}`)}]\n`)
        .join('')}`,
      /bad\.yaml:\d+:\d+: error: .*alias/i,
    ],
  ])('%s: line, column and exit 2', async (_, text, said) => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, text);
    const { status, stdout, stderr } = await inProcess(['baseline', 'validate', file]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(said);
  });
});
