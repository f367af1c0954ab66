import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetMetadataAsync, asyncBufferFromFile } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/finding/report.ts';
import { postern } from '../support/cli.ts';
import { writeTestSite } from './site.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-parquet-'));
const table = join(folder, 'findings.parquet');
let report: Report;

/** One host that opens nothing else; the others as the site makes them. */
const site = writeTestSite(join(folder, 'site'), 20, {
  extra: (host) =>
    host % 4 === 0
      ? `-A INPUT -s 203.0.113.${host} -p tcp --dport ${2000 + host} -m comment --comment "\u001b[31m red" -j ACCEPT\n-A INPUT -p udp --dport 99 -m string --string x --algo bm -j ACCEPT\n`
      : '',
});

beforeAll(() => {
  const json = join(folder, 'report.json');
  const formats = ['--format', `json=${json}`, '--format', `parquet=${table}`];
  expect(postern(['check', '-d', site, ...formats, '-q']).status).toBe(1);
  report = JSON.parse(readFileSync(json, 'utf8'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const result = await connection.runAndReadAll(sql.replaceAll("'findings.parquet'", `'${table}'`));
  const rows = result.getRowObjectsJson() as Record<string, unknown>[];
  connection.closeSync();
  instance.closeSync();
  return rows;
}

const findings = () =>
  report.hosts.flatMap((host) => host.findings.map((finding) => ({ host: host.name, ...finding })));

describe('findings as a table', () => {
  it('has every host, row, finding and coverage line of the report, as DuckDB reads it', async () => {
    const kinds = await query(
      `SELECT kind, count(*)::INT AS rows FROM 'findings.parquet' GROUP BY kind ORDER BY kind`,
    );
    expect(kinds).toEqual([
      { kind: 'connection', rows: report.hosts.flatMap((host) => host.connections).length },
      ...(report.coverage.length > 0 ? [{ kind: 'coverage', rows: report.coverage.length }] : []),
      { kind: 'finding', rows: findings().length },
      { kind: 'host', rows: report.hosts.length },
    ]);
    const rows = await query(
      `SELECT host, code, rule, certainty, severity, baseline, connection, family, hook, packets, witness, file, line, message, fingerprint, waived
       FROM 'findings.parquet' WHERE kind = 'finding'`,
    );
    expect(rows).toEqual(
      findings().map((f) => ({
        host: f.host,
        code: f.code,
        rule: f.rule,
        certainty: f.certainty,
        severity: f.severity,
        baseline: f.baseline ?? null,
        connection: f.connection ?? null,
        family: f.family,
        hook: f.hook,
        packets: JSON.stringify(f.packets),
        witness: JSON.stringify(f.witness),
        file: f.evidence[0]?.file ?? null,
        line: f.evidence[0]?.line ?? null,
        message: f.message,
        fingerprint: f.fingerprint,
        waived: null,
      })),
    );
  });

  it("has no character that a terminal acts on, though a config's comment has", async () => {
    const [row] = await query(
      `SELECT count(*) FILTER (text LIKE '%red%')::INT AS red, count(*) FILTER (concat(text, evidence, message) LIKE '%' || chr(27) || '%')::INT AS live FROM 'findings.parquet'`,
    );
    expect(row?.red).toBeGreaterThan(0);
    expect(row?.live).toBe(0);
  });

  it('says of itself what made it', async () => {
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(table));
    const own = metadata.key_value_metadata?.find(({ key }) => key === 'postern')?.value;
    expect(JSON.parse(own as string)).toMatchObject({
      schemaVersion: '1',
      tool: report.tool,
      summary: report.summary,
    });
  });

  it('has the columns that the documentation has', async () => {
    const columns = (await query(`DESCRIBE FROM 'findings.parquet'`)).map((row) => row.column_name);
    const [, rest] = readFileSync('docs/fleet.md', 'utf8').split(
      '| column | in rows of kind | meaning |',
    ) as [string, string];
    const documented = (rest.split('\n\n')[0] as string)
      .split('\n')
      .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([a-z0-9_]+)`/g)].map(([, name]) => name));
    expect([...documented].sort()).toEqual([...columns].sort());
  });
});

describe('the five questions of docs/fleet.md', () => {
  const questions = [...readFileSync('docs/fleet.md', 'utf8').matchAll(/```sql\n([^`]+)```/g)].map(
    ([, sql]) => sql as string,
  );

  it('are five', () => expect(questions).toHaveLength(5));

  it('which hosts first: the numbers are those of the report', async () => {
    const rows = await query(questions[0] as string);
    expect(rows).toHaveLength(20);
    for (const { host, grave, findings: total } of rows) {
      const own = findings().filter((f) => f.host === host);
      expect([Number(grave), Number(total)]).toEqual([
        own.filter(({ severity }) => severity === 'critical' || severity === 'high').length,
        own.length,
      ]);
    }
  });

  it('which ports: what the five hosts open', async () => {
    const rows = await query(questions[1] as string);
    expect(rows.filter(({ certainty }) => certainty === 'definite').map(({ port }) => port)).toEqual([
      2000, 2004, 2008, 2012, 2016,
    ]);
    expect(rows).toContainEqual(expect.objectContaining({ port: 99, certainty: 'possible', hosts: '5' }));
  });

  it('which connections are closed: those that the report calls missing or partial', async () => {
    const rows = await query(questions[2] as string);
    const closed = new Set(
      report.hosts.flatMap((host) =>
        host.connections
          .filter(
            ({ level, status }) => level === 'required' && (status === 'missing' || status === 'partial'),
          )
          .map((c) => `${c.id} ${c.direction}`),
      ),
    );
    expect(new Set(rows.map((row) => `${row.connection} ${row.direction}`))).toEqual(closed);
    expect(rows.length).toBeGreaterThan(0);
  });

  it('what cannot be told: the string match', async () => {
    const rows = await query(questions[3] as string);
    expect(rows).toEqual([{ reason: expect.stringContaining('string'), findings: '5', hosts: '5' }]);
  });

  it('which hosts are clean: none here', async () => {
    expect(await query(questions[4] as string)).toEqual([]);
  });
});
