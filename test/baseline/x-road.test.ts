import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentDigest, rowDigest } from '../../src/baseline/digest.ts';
import { resolveHosts, resolveWithout } from '../../src/baseline/resolve.ts';
import { loadShipped } from '../../src/baseline/shipped.ts';
import { deploymentOf, root, shipped, unwrap } from './support.ts';

const seed = join(root, '..', 'shared', 'seeds', '000_465e7fb227d83402.txt');
const baseline = unwrap(loadShipped(shipped, 'x-road-security-server'));

/** The document's tables: headings and rows, every cell as written. */
function tablesOf(text: string): { headings: string[]; rows: string[][] }[] {
  const cells = (line: string): string[] =>
    line
      .trim()
      .replace(/^\||\|$/g, '')
      .split('|')
      .map((cell) => cell.trim());
  const tables: { headings: string[]; rows: string[][] }[] = [];
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    if (/^\|-+\|/.test(line))
      tables.push({ headings: cells((lines[i - 1] ?? '').replaceAll('**', '')), rows: [] });
    else if (line.startsWith('|') && !/^\|-+\|/.test(lines[i + 1] ?? ''))
      tables.at(-1)?.rows.push(cells(line));
  }
  return tables;
}

describe.skipIf(!existsSync(seed))('x-road-security-server against its document (../shared/seeds)', () => {
  const tables = existsSync(seed) ? tablesOf(readFileSync(seed, 'utf8')) : [];

  it('has 14 connections and 9 loopback ports, as the document has', () => {
    expect(tables.map(({ rows }) => rows.length)).toEqual([14, 9]);
    expect(baseline.rows).toHaveLength(23);
  });

  for (const [t, table] of ['connections', 'loopback'].entries()) {
    it(`has every row of the table \`${table}\`, its cells word for word, in the document's order`, () => {
      const document = tables[t];
      const rows = baseline.rows.filter((row) => row.table === table);
      expect(rows.map(({ row }) => row)).toEqual(document?.rows.map((_, i) => i + 1));
      expect(baseline.tables.get(table)?.columns).toEqual(document?.headings);
      for (const [i, row] of rows.entries()) {
        const written = document?.rows[i] ?? [];
        const byHeading = Object.fromEntries(
          document?.headings.map((heading, c) => [heading, written[c]]) ?? [],
        );
        const { Note: _, ...connection } = byHeading;
        expect({ ...row.cells }).toEqual(connection);
        expect(row.digest).toBe(rowDigest(written));
      }
    });
  }

  it('knows the digest of all rows', () => {
    const digests = tables.flatMap(({ rows }) => rows.map(rowDigest));
    expect(baseline.document.sha256).toBe(documentDigest(digests));
  });

  it('copies no note of the document', () => {
    const notes = tables
      .flatMap(({ rows }) => rows.map((row) => row.at(-1) ?? ''))
      .filter((note) => note.length > 35);
    expect(notes.length).toBeGreaterThan(0);
    for (const note of notes) expect(baseline.source.text).not.toContain(note);
  });
});

const byId = (text: string) => {
  const [host] = unwrap(resolveHosts(deploymentOf(text), new Map([['x-road-security-server', baseline]])));
  return new Map(host?.baselines[0]?.rows.map((row) => [row.id, row]));
};
const site = (settings: string) => `version: 1
${settings}
hosts:
  - { name: ss1, role: security-server, configs: [], baselines: [x-road-security-server] }
`;

describe('x-road-security-server, interpreted', () => {
  it('reads the interpretation that the cells have', () => {
    for (const row of baseline.rows) {
      const [connection] = row.connections;
      expect(row.connections).toHaveLength(1);
      if (row.table === 'loopback') expect(connection?.loopback).toBe(true);
      else
        expect(connection?.[row.cells['Connection Type'] === 'Out' ? 'source' : 'destination']).toBe(
          'security-server',
        );
      const peer = connection?.[row.cells['Connection Type'] === 'Out' ? 'destination' : 'source'] ?? '';
      const named = row.cells['Connection Type'] === 'Out' ? row.cells.Target : row.cells.Source;
      if (row.table === 'connections') expect(baseline.roles.get(peer)?.names).toContain(named);
    }
  });

  it('takes 80 / 443 as a choice, which a parameter decides', () => {
    const open = byId(site('')).get('ocsp-service');
    expect(open).toMatchObject({ status: 'active', all: [] });
    expect(open?.choices).toEqual([
      [
        { protocol: 6, ports: [80, 80] },
        { protocol: 6, ports: [443, 443] },
      ],
    ]);
    const decided = byId(site('parameters: { ocsp-service-port: 80 }')).get('ocsp-service');
    expect(decided).toMatchObject({ status: 'active', choices: [], all: [{ protocol: 6, ports: [80, 80] }] });
  });

  it('keeps the known ports of 80, 443, other while other is not set', () => {
    const unset = byId(site('')).get('producer-information-system');
    expect(unset).toMatchObject({
      status: 'undetermined',
      reason: 'the site does not set `producer-information-system-ports`',
      all: [{ protocol: 6, ports: [80, 80, 443, 443] }],
      undecided: [{ protocol: 6 }],
    });
    const set = byId(site('parameters: { producer-information-system-ports: [8080, "9000-9001"] }'));
    expect(set.get('producer-information-system')).toMatchObject({
      status: 'active',
      all: [{ protocol: 6, ports: [80, 80, 443, 443, 8080, 8080, 9000, 9001] }],
      undecided: [],
    });
    const none = byId(site('parameters: { producer-information-system-ports: [] }'));
    expect(none.get('producer-information-system')).toMatchObject({
      status: 'active',
      all: [{ protocol: 6, ports: [80, 80, 443, 443] }],
    });
  });

  it('leaves the health check out until it is on, and asks for its port then', () => {
    expect(byId(site('')).get('monitoring-system')).toMatchObject({ status: 'not-applicable', all: [] });
    const on = byId(site('features: { health-check: true }')).get('monitoring-system');
    expect(on).toMatchObject({ status: 'undetermined', all: [], undecided: [{ protocol: 6 }] });
    const set = byId(site('features: { health-check: true }\nparameters: { health-check-port: 5588 }'));
    expect(set.get('monitoring-system')).toMatchObject({
      status: 'active',
      level: 'required',
      direction: 'in',
      all: [{ protocol: 6, ports: [5588, 5588] }],
    });
  });

  it('documents ACME and mail until the site decides, then needs them or not', () => {
    const ids = ['acme-server-out', 'acme-server-in', 'mail-server'];
    const states = (settings: string) =>
      ids.map((id) => byId(site(settings)).get(id)).map((row) => [row?.level, row?.status]);
    expect(states('')).toEqual(ids.map(() => ['optional', 'active']));
    expect(states('features: { acme: true, mail: true }')).toEqual(ids.map(() => ['required', 'active']));
    expect(states('features: { acme: false, mail: false }')).toEqual(
      ids.map(() => ['required', 'not-applicable']),
    );
    expect(states('features: { acme: undecided, mail: undecided }')).toEqual(
      ids.map(() => ['required', 'undetermined']),
    );
  });

  it('puts the loopback ports on the loopback interface', () => {
    const rows = [...byId(site('roles: { security-server: [10.1.2.10] }')).values()].filter(
      (row) => row.direction === 'loopback',
    );
    expect(rows.map(({ all }) => all[0]?.ports?.[0])).toEqual([
      5432, 2080, 2552, 5559, 5560, 5566, 5567, 5675, 514,
    ]);
    expect(
      new Set(rows.map(({ source, destination }) => `${source.binding} ${destination.binding}`)),
    ).toEqual(new Set(['self self']));
  });

  it('is seen from the peers too', () => {
    const directions = (role: string) =>
      unwrap(resolveWithout([baseline], role)).baselines[0]?.rows.map(
        ({ id, direction }) => `${id} ${direction}`,
      );
    expect(directions('data-exchange-partner-security-server')).toEqual([
      'service-producer in',
      'service-consumer out',
    ]);
    expect(directions('admin')).toEqual(['admin out']);
  });
});
