import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentDigest, rowDigest } from '../../src/baseline/digest.ts';
import { loadShipped } from '../../src/baseline/shipped.ts';
import { type DocumentTable, htmlTables, pipeTables } from './document-tables.ts';
import { root, shipped, unwrap } from './support.ts';

interface Document {
  readonly id: string;
  readonly seed: string;
  readonly tables: (text: string) => DocumentTable[];
  /** The baseline's tables that are tables of the document, each with its rows there. */
  readonly counts: Readonly<Record<string, number>>;
  /** Headings of columns that are the vendor's prose, not a connection. */
  readonly prose: readonly string[];
  /** Rows from lists and sentences. */
  readonly beside: number;
}

const SEGURA = { 'management-systems': 13, 'from-management-systems': 3, users: 4, devices: 12 };
const DOCUMENTS: readonly Document[] = [
  {
    id: 'senhasegura',
    seed: '001_4cac2c08b1e8bd71.txt',
    tables: pipeTables,
    counts: { ...SEGURA, instances: 18 },
    prose: [],
    beside: 0,
  },
  {
    id: 'segura',
    seed: '004_53e16866e5cacf85.txt',
    tables: pipeTables,
    counts: { ...SEGURA, instances: 22, domum: 4 },
    prose: [],
    beside: 1,
  },
  {
    id: 'axway-securetransport-edge',
    seed: '002_1c6dc03b66838a3e.txt',
    tables: htmlTables,
    counts: { inbound: 13, streaming: 6, internal: 8 },
    prose: ['Description'],
    beside: 0,
  },
  {
    id: 'apinizer',
    seed: '003_2f91c86c9fc2ec19.txt',
    tables: pipeTables,
    counts: {
      inbound: 3,
      outbound: 6,
      'manager-worker': 4,
      mongodb: 3,
      elasticsearch: 3,
      cache: 3,
      kubernetes: 3,
    },
    prose: ['Description'],
    beside: 14,
  },
];

describe.each(DOCUMENTS)('$id', ({ id, counts, beside }) => {
  const baseline = unwrap(loadShipped(shipped, id));

  it('has as many rows as its document', () => {
    for (const [table, count] of Object.entries(counts))
      expect(baseline.rows.filter((row) => row.table === table).map(({ row }) => row)).toEqual(
        Array.from({ length: count }, (_, i) => i + 1),
      );
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    expect(baseline.rows).toHaveLength(all + beside);
  });

  it('has a digest and a locator in every row, and the digest of all', () => {
    for (const row of baseline.rows) {
      expect(row.table).toBeDefined();
      expect(row.row).toBeDefined();
      expect(row.digest).toBeDefined();
    }
    expect(baseline.document.sha256).toBe(documentDigest(baseline.rows.map(({ digest }) => digest ?? '')));
  });
});

const folder = join(root, '..', 'shared', 'seeds');
describe.skipIf(!existsSync(folder)).each(DOCUMENTS)(
  '$id against its document (../shared/seeds)',
  ({ id, seed, tables, counts, prose }) => {
    const baseline = unwrap(loadShipped(shipped, id));
    const text = existsSync(folder) ? readFileSync(join(folder, seed), 'utf8') : '';
    const written = tables(text);

    it('counts the same tables and rows', () => {
      expect(written.map(({ rows }) => rows.length)).toEqual(Object.values(counts));
    });

    it.each(Object.keys(counts).map((table, i) => [table, i] as const))(
      'has every row of the table `%s`, its cells word for word, in order',
      (table, i) => {
        const { headings, rows } = written[i] as DocumentTable;
        const own = baseline.rows.filter((row) => row.table === table);
        expect(baseline.tables.get(table)?.columns).toEqual(headings);
        expect(own.map(({ digest }) => digest)).toEqual(rows.map(rowDigest));
        const connections = rows.map((cells) =>
          Object.fromEntries(headings.map((heading, c) => [heading, cells[c]])),
        );
        for (const cells of connections) for (const heading of prose) delete cells[heading];
        expect(own.map(({ cells }) => ({ ...cells }))).toEqual(connections);
      },
    );

    it('has what stands outside of tables word for word', () => {
      const others = baseline.rows.filter(({ table }) => !(table !== undefined && table in counts));
      const lines = new Set(text.split('\n'));
      for (const { cells, digest } of others) {
        for (const cell of Object.values(cells)) expect(text).toContain(cell);
        const whole = [...lines].some((line) => rowDigest([line]) === digest);
        expect(whole || rowDigest(Object.values(cells)) === digest).toBe(true);
      }
    });

    it('copies no description of the document', () => {
      const descriptions = written
        .flatMap(({ headings, rows }) =>
          rows.flatMap((row) => row.filter((_, c) => prose.includes(headings[c] ?? ''))),
        )
        .filter((description) => description.length > 35);
      for (const description of descriptions) expect(baseline.source.text).not.toContain(description);
    });
  },
);
