import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { verify } from '../../src/api/audit/verify.ts';
import { rowDigest } from '../../src/baseline/digest.ts';
import { lineDigest } from '../../src/drift/lines.ts';
import { root, unwrap } from '../baseline/support.ts';
import { inProcess } from '../support/cli.ts';

const file = (path: string, text: string) => ({ path, bytes: Buffer.from(text) });
const HEADINGS = ['From', 'To', 'Port', 'Protocol', 'Remark'];
const SALES = [
  ['POS', 'SHOP', '443', 'HTTPS', 'Sales, also at night'],
  ['POS', 'SHOP', '8443', 'HTTPS', 'Returns'],
  ['SHOP', 'Bank', '80 / 443', 'HTTP(S)', ''],
];
const OFFICE = [
  ['Office', 'SHOP', '22', 'SSH', 'Maintenance'],
  ['Office', 'SHOP', '22', 'SSH', 'Backup'],
];
const LINES = ['VPN → SHOP: 22, 8080', 'https://updates.example.com/'];

type Rows = readonly (readonly string[])[];
const markdownTable = (title: string, rows: Rows): string =>
  [
    `## ${title}`,
    '',
    `| ${HEADINGS.join(' | ')} |`,
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n');
const markdown = (sales: Rows = SALES, office: Rows = OFFICE, lines: readonly string[] = LINES): string =>
  `# Shop\n\n${markdownTable('Sales', sales)}\n${markdownTable('Office', office)}\n## Summary\n\n${lines.map((line) => `- ${line}`).join('\n')}\n`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('→', '&rarr;');
const htmlTable = (title: string, rows: Rows): string =>
  `<h2>${title}</h2>\n<table><thead><tr>${HEADINGS.map((heading) => `<th>${heading}</th>`).join('')}</tr></thead><tbody>\n${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('\n  ')}</tr>`)
    .join('\n')}\n</tbody></table>`;
const html = (lines: readonly string[] = LINES): string =>
  `<!doctype html><html><head><title>Shop</title><script>var x = "a → b: 22";</script></head><body>${htmlTable('Sales', SALES)}${htmlTable('Office', OFFICE)}
<h2>Summary</h2><ul>${lines.map((line) => `<li>${escaped(line)}</li>`).join('\n')}</ul></body></html>`;

/** The baseline of the page as it was. Remarks are not carried. */
const yamlRow = (table: string, cells: readonly string[], i: number, digest = true): string =>
  `  - id: ${table}-${i + 1}
    table: ${table}
    row: ${i + 1}
    cells: { ${HEADINGS.slice(0, 4)
      .map((heading, c) => `${heading}: ${JSON.stringify(cells[c])}`)
      .join(', ')} }
${digest ? `    digest: ${rowDigest(cells)}\n` : ''}    source: any
    destination: shop
    protocols: [tcp]
    ports: [${i + 1}]
`;
const baseline = (digests = true, lines = true): string => `version: 1
id: shop
title: Shop
document: { title: Shop }
closed: { in: true, out: true, forward: true }
roles: { shop: { title: Shop, names: SHOP } }
tables:
  sales: { title: Sales, columns: [${HEADINGS.join(', ')}] }
  office: { title: Office, columns: [${HEADINGS.join(', ')}] }
  summary: { title: Summary }
${lines ? `lines: [${LINES.map((line) => `"${lineDigest(line)}"`).join(', ')}]\n` : ''}rows:
${SALES.map((cells, i) => yamlRow('sales', cells, i, digests)).join('')}${OFFICE.map((cells, i) => yamlRow('office', cells, i, digests)).join('')}  - id: vpn
    table: summary
    row: line 1
    cells: { Rule: "VPN → SHOP: 22, 8080" }
    source: any
    destination: shop
    protocols: [tcp]
    ports: [22]
`;

const ajv = new Ajv({ strict: true });
const valid = ajv.compile(
  JSON.parse(readFileSync(join(root, 'schemas', 'baseline-verify.schema.json'), 'utf8')),
);

interface Shape {
  readonly drift: boolean;
  readonly rows: {
    readonly unchanged: number;
    readonly added: readonly {
      readonly at: { readonly title: string; readonly row: number; readonly line: number };
      readonly cells: Record<string, string>;
    }[];
    readonly removed: readonly { readonly id: string }[];
    readonly changed: readonly { readonly id: string; readonly cells: unknown }[];
    readonly moved: readonly { readonly id: string }[];
    readonly withoutDigest: readonly string[];
  };
  readonly lines: {
    readonly compared: boolean;
    readonly added: readonly { readonly text: string; readonly line: number }[];
    readonly removed: number;
  };
}

async function compared(page: string, name = 'page.md', of = baseline()): Promise<Shape> {
  const result = unwrap(await verify(file('shop.yaml', of), file(name, page)));
  const json = JSON.parse(result.json()) as Shape;
  expect(valid(json), JSON.stringify(valid.errors)).toBe(true);
  expect(json.drift).toBe(result.differs);
  return json;
}

const without = <T>(list: readonly T[], i: number): T[] => list.filter((_, at) => at !== i);
const changed = (rows: Rows, i: number, column: number, text: string): Rows =>
  rows.map((row, at) => (at === i ? row.map((cell, c) => (c === column ? text : cell)) : row));

describe('verify', () => {
  it.each([
    ['as it was', markdown(), 'page.md'],
    [
      'with other padding and a row order that tables do not mind',
      markdown().replaceAll('| 443 |', '|   443   |'),
      'page.md',
    ],
    ['as HTML', html(), 'page.html'],
  ])('finds nothing in the page %s', async (_, page, name) => {
    const { drift, rows, lines } = await compared(page, name);
    expect({ drift, unchanged: rows.unchanged, lines }).toEqual({
      drift: false,
      unchanged: 6,
      lines: { compared: true, added: [], removed: 0 },
    });
  });

  it('finds the rows of a table that is gone removed, and no other', async () => {
    const { drift, rows } = await compared(markdown().replace(/## Office[\s\S]*(?=## Summary)/, ''));
    expect(drift).toBe(true);
    expect(rows.unchanged).toBe(4);
    expect(rows.removed.map(({ id }) => id)).toEqual(['office-1', 'office-2']);
  });

  it('knows a table by one row that is as it was, though its headings are not', async () => {
    const page = markdown(SALES, changed(OFFICE, 1, 2, '8444'));
    const [before, after = ''] = page.split('## Office');
    const { rows } = await compared(`${before}## Office${after.replace('| From |', '| Client |')}`);
    expect(rows).toMatchObject({ unchanged: 4, added: [], removed: [] });
    expect(rows.changed.map(({ id }) => id)).toEqual(['office-1', 'office-2']);
  });

  it('takes no table for another that shares neither rows nor headings with it', async () => {
    const page = markdown(
      SALES,
      OFFICE.map((cells) => cells.map((cell, c) => (c === 2 ? `2${cell}` : cell))),
    );
    const [before, after = ''] = page.split('## Office');
    const { rows } = await compared(`${before}## Office${after.replace('| From |', '| Client |')}`);
    expect(rows).toMatchObject({ unchanged: 4, changed: [] });
    expect(rows.removed.map(({ id }) => id)).toEqual(['office-1', 'office-2']);
    expect(rows.added).toHaveLength(2);
  });

  it('finds an added row, and says where it stands', async () => {
    const { rows } = await compared(
      markdown([...SALES.slice(0, 2), ['POS', 'SHOP', '9443', 'HTTPS', 'Gifts'], ...SALES.slice(2)]),
    );
    expect(rows).toMatchObject({ unchanged: 6, removed: [], changed: [] });
    expect(rows.added).toEqual([
      {
        at: { table: 1, title: 'Sales', row: 3, file: 'page.md', line: 9 },
        cells: { From: 'POS', To: 'SHOP', Port: '9443', Protocol: 'HTTPS', Remark: 'Gifts' },
      },
    ]);
  });

  it('finds a removed row', async () => {
    const { drift, rows } = await compared(markdown(without(SALES, 1)));
    expect(drift).toBe(true);
    expect(rows).toMatchObject({ unchanged: 5, added: [], changed: [], removed: [{ id: 'sales-2' }] });
  });

  it('finds changed cells, old and new', async () => {
    const { rows } = await compared(markdown(changed(SALES, 1, 2, '8444')));
    expect(rows.changed).toMatchObject([
      { id: 'sales-2', cells: [{ column: 'Port', from: '8443', to: '8444' }] },
    ]);
    expect(rows).toMatchObject({ unchanged: 5, added: [], removed: [] });
  });

  it('finds a changed note, which the baseline carries only as a digest', async () => {
    const { rows } = await compared(markdown(SALES, changed(OFFICE, 1, 4, 'Backup, encrypted')));
    expect(rows.changed).toMatchObject([
      { id: 'office-2', cells: [{ column: 'Remark', to: 'Backup, encrypted' }] },
    ]);
  });

  it('finds a row that stands in another table now', async () => {
    const { rows } = await compared(markdown(without(SALES, 2), [...OFFICE, SALES[2] as string[]]));
    expect(rows).toMatchObject({ moved: [{ id: 'sales-3' }], added: [], removed: [], changed: [] });
  });

  it('finds a table that is gone, and one that is new', async () => {
    const gone = await compared(`# Shop\n\n${markdownTable('Sales', SALES)}\n- ${LINES.join('\n- ')}\n`);
    expect(gone.rows.removed.map(({ id }) => id)).toEqual(['office-1', 'office-2']);
    const more = await compared(
      `${markdown()}\n${markdownTable('Suppliers', [['Supplier', 'SHOP', '990', 'FTPS', '']])}`,
    );
    expect(more.rows.added.map(({ at, cells }) => [at.title, cells.Port])).toEqual([['Suppliers', '990']]);
  });

  it('keeps a replaced row apart from a changed one', async () => {
    const { rows } = await compared(markdown([...without(SALES, 1), ['Depot', 'Press', '21', 'FTP', '']]));
    expect(rows.removed.map(({ id }) => id)).toEqual(['sales-2']);
    expect(rows.added.map(({ cells }) => cells.From)).toEqual(['Depot']);
  });

  it.each([
    ['Markdown', 'page.md', (lines: readonly string[]) => markdown(SALES, OFFICE, lines)],
    ['HTML', 'page.html', html],
  ] as const)('finds lines outside the tables of %s', async (_, name, page) => {
    const { rows, lines } = await compared(
      page(['VPN → SHOP: 22, 8081', LINES[1] as string, 'https://more.example.com/']),
      name,
    );
    expect(rows.removed).toMatchObject([{ id: 'vpn' }]);
    expect(lines.added.map(({ text }) => text)).toEqual([
      'VPN → SHOP: 22, 8081',
      'https://more.example.com/',
    ]);
    expect(lines.removed).toBe(1);
  });

  it.each([
    'VPN → SHOP: 22, 8080, 9000',
    'VPN → SHOP: 22, 8080-8090',
    'VPN → SHOP: 22, 80801',
    'AVPN → SHOP: 22, 8080',
  ])('finds a line that has become another: %s', async (line) => {
    const { rows } = await compared(markdown(SALES, OFFICE, [line, LINES[1] as string]));
    expect(rows.removed).toMatchObject([{ id: 'vpn' }]);
  });

  it.each(['VPN → SHOP: 22, 8080, if wanted', 'From VPN → SHOP: 22, 8080.'])(
    'takes a line with more words about it for the same row: %s',
    async (line) => {
      const { rows } = await compared(markdown(SALES, OFFICE, [line, LINES[1] as string]));
      expect(rows.removed).toEqual([]);
    },
  );

  it('says what it could not compare', async () => {
    const bare = await compared(markdown(), 'page.md', baseline(false, false));
    expect(bare).toMatchObject({ drift: false, lines: { compared: false }, rows: { unchanged: 6 } });
    expect(bare.rows.withoutDigest).toHaveLength(5);
    const port = await compared(markdown(changed(SALES, 1, 2, '8444')), 'page.md', baseline(false, false));
    expect(port.rows.changed).toMatchObject([
      { id: 'sales-2', cells: [{ column: 'Port', from: '8443', to: '8444' }] },
    ]);
    const text = unwrap(
      await verify(file('shop.yaml', baseline(false, false)), file('page.md', markdown())),
    ).text(80);
    expect(text).toContain('5 rows of the baseline have no digest');
    expect(text).toContain('lines outside the tables were not compared');
  });

  it('finds cells that somebody changed in the baseline, whatever its digests say', async () => {
    const { rows } = await compared(
      markdown(),
      'page.md',
      baseline().replace('Port: "8443"', 'Port: "8445"'),
    );
    expect(rows.changed).toMatchObject([
      { id: 'sales-2', cells: [{ column: 'Port', from: '8445', to: '8443' }] },
    ]);
  });

  it.each([
    ['a page without a table', file('page.md', 'Nothing here.\n'), 'no-connection-table'],
    ['a binary file', { path: 'page.md', bytes: new Uint8Array([80, 0, 1]) }, 'binary-input'],
  ])('cannot compare %s', async (_, page, code) => {
    const result = await verify(file('shop.yaml', baseline()), page);
    expect(result.ok ? [] : result.errors.map((error) => error.code)).toEqual([code]);
  });

  it('writes no escapes of a page to the terminal', async () => {
    const page = markdown([...SALES, ['POS', 'SHOP', '1\u001b[31m', 'TCP', '\u202e']]);
    const text = unwrap(await verify(file('shop.yaml', baseline()), file('page.md', page))).text(80);
    for (const character of ['\u001b', '\u202e']) expect(text).not.toContain(character);
  });
});

describe('baseline verify on the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-verify-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const shop = write('shop.yaml', baseline());
  const run = (page: string, ...more: string[]) =>
    inProcess(['baseline', 'verify', shop, '--document', page, ...more]);

  it('exits 0 where nothing changed, 1 on drift, 2 where the page cannot be read', async () => {
    expect(await run(write('same.md', markdown()))).toMatchObject({ status: 0, stderr: '' });
    const drift = await run(write('new.md', markdown(changed(SALES, 0, 2, '444'))));
    expect(drift.status).toBe(1);
    expect(drift.stdout).toContain('Port: 443 → 444');
    const { status, stdout, stderr } = await run(write('none.md', '# Nothing\n'));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/none\.md:1:1: error: The document has no table of connections/);
    expect((await run(join(folder, 'nowhere.md'))).status).toBe(2);
    expect(await inProcess(['baseline', 'verify', shop])).toMatchObject({ status: 2, stdout: '' });
  });

  it('writes JSON to a file', async () => {
    const target = join(folder, 'out.json');
    expect(await run(write('same.md', markdown()), '--format', `json=${target}`)).toMatchObject({
      status: 0,
      stdout: '',
    });
    expect(valid(JSON.parse(readFileSync(target, 'utf8')))).toBe(true);
  });
});

const seeds = join(root, '..', 'shared', 'seeds');
const seed = (number: string): string =>
  join(seeds, readdirSync(seeds).find((name) => name.startsWith(number)) ?? '');
describe.skipIf(!existsSync(seeds))('the shipped baselines against their documents (../shared/seeds)', () => {
  it.each([
    ['x-road-security-server', '000', 23],
    ['senhasegura', '001', 50],
    ['axway-securetransport-edge', '002', 27],
    ['apinizer', '003', 39],
    ['segura', '004', 59],
  ])('%s: no drift', async (id, number, count) => {
    const page = file('page.txt', readFileSync(seed(number), 'utf8'));
    const result = JSON.parse(unwrap(await verify(id, page)).json()) as Shape;
    expect(result).toMatchObject({
      drift: false,
      rows: { unchanged: count, withoutDigest: [] },
      lines: { compared: true },
    });
  });

  it('senhasegura against the newer page: exactly what that adds and renames', async () => {
    const page = file('page.txt', readFileSync(seed('004'), 'utf8'));
    const { rows, lines } = JSON.parse(unwrap(await verify('senhasegura', page)).json()) as Shape;
    expect(rows).toMatchObject({ unchanged: 48, removed: [], moved: [] });
    expect(
      rows.added.map(({ cells }) => `${cells.Source} ${cells.Destination} ${cells['Destination Port']}`),
    ).toEqual([
      'PRD MBR 4248/Segura Sync',
      'PRD MBR 59022/Segura SSH',
      'MBR PRD 4248/Segura Sync',
      'MBR PRD 59022/Segura SSH',
      'PRD DOMUM 51445/WebSocket',
      'PRD DOMUM 443/WSS',
      'DOMUM PRD 51445/WebSocket',
      'DOMUM PRD 443/WSS',
    ]);
    const cells = [{ column: 'Destination Port', from: '4444/METASPLOIT', to: '4444/SST do Galera Cluster' }];
    expect(rows.changed.map(({ id, cells: changes }) => [id, changes])).toEqual([
      ['prd-to-mbr-4444-tcp', cells],
      ['mbr-to-prd-4444-tcp', cells],
    ]);
    expect(lines.added.map(({ text }) => text)).toEqual([
      'https://deb.senhasegura.com/',
      'https://security.senhasegura.com/',
    ]);
  });

  it('every single changed character of a table is drift', async () => {
    const text = readFileSync(seed('004'), 'utf8');
    const ports = [...text.matchAll(/\| (\d+)\//g)];
    expect(ports).toHaveLength(58);
    for (const found of ports.filter((_, i) => i % 6 === 0)) {
      const at = (found.index ?? 0) + 2;
      const page = file('page.txt', `${text.slice(0, at)}9${text.slice(at)}`);
      const { rows } = JSON.parse(unwrap(await verify('segura', page)).json()) as Shape;
      expect(rows.changed.length + rows.added.length).toBe(1);
    }
  });
});
