import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Baseline, Connection, Row } from '../../src/baseline/baseline.ts';
import { type PortTerm, formatPorts } from '../../src/baseline/ports.ts';
import { loadShipped } from '../../src/baseline/shipped.ts';
import { root, shipped, unwrap } from '../baseline/support.ts';
import { draftFrom } from './support.ts';

const folder = join(root, '..', 'shared', 'seeds');

const SERVERS = ['backup-server', 'ldap', 'log-server', 'mail-server', 'radius', 'tacacs'];
const DEVICES = [
  'http',
  'https',
  'ms-sql',
  'mysql',
  'oracle',
  'postgres',
  'rdp',
  'rm',
  'rpc',
  'smb',
  'ssh',
  'telnet',
].map((kind) => `device-${kind}`);

/** The documents: their rows by table, how many rows of the draft are marked, and which differ from the shipped ones. */
const DOCUMENTS = [
  {
    id: 'x-road-security-server',
    seed: '000_465e7fb227d83402.txt',
    tables: [14, 9],
    // 80 / 443 three times, two "other", nine rows without parties.
    marked: 14,
    differ: [],
    features: ['acme', 'health-check', 'mail'],
    joined: ['data-exchange-partner-security-server'],
  },
  {
    id: 'senhasegura',
    seed: '001_4cac2c08b1e8bd71.txt',
    tables: [13, 3, 4, 12, 18],
    marked: 0,
    differ: [],
    features: [...SERVERS, ...DEVICES],
    joined: [],
  },
  {
    id: 'axway-securetransport-edge',
    seed: '002_1c6dc03b66838a3e.txt',
    tables: [13, 6, 8],
    // No table has a column of destinations.
    marked: 27,
    // The Edges have two names, so that the draft does not see that they talk to one another.
    differ: [
      'database-edges',
      'cluster-synchronization',
      'tomcat-shutdown',
      'as2-shutdown',
      'hibernate-cache',
    ],
    features: ['as2', 'ftp', 'ftp-active', 'ftp-passive', 'http', 'https', 'pesit', 'ssh', 'streaming-http'],
    joined: ['st-edges'],
  },
  {
    id: 'apinizer',
    seed: '003_2f91c86c9fc2ec19.txt',
    tables: [3, 6, 4, 3, 3, 3, 3],
    // 25/587 and Dynamic.
    marked: 2,
    differ: [],
    features: [],
    joined: [],
  },
  {
    id: 'segura',
    seed: '004_53e16866e5cacf85.txt',
    tables: [13, 3, 4, 12, 22, 4],
    marked: 0,
    differ: [],
    features: [...SERVERS, ...DEVICES, 'domum'],
    joined: [],
  },
] as const;

/** What a row says, apart from readings, in words that do not depend on the baseline's own ids. */
function meaning(baseline: Baseline, row: Row): string[] {
  const asWritten =
    row.written.length > 0 ? row.written : row.connections.filter(({ because }) => because === undefined);
  return asWritten.map((connection) => {
    const { source, destination, protocols, level, loopback } = connection;
    const ports = (connection.ports ?? []).map((term) => portText(baseline, term)).sort();
    return [
      `${source === destination ? 'itself' : 'another'}`,
      `protocols ${protocols.join(',')}`,
      `ports ${connection.ports === undefined ? 'any' : ports.join(' and ')}`,
      `from ${(connection.sourcePorts ?? []).map((term) => portText(baseline, term)).join(' and ') || 'any'}`,
      level,
      loopback ? 'loopback' : 'network',
    ].join('; ');
  });
}

/** Ports with what the site would decide left open, and defaults applied. */
function portText(baseline: Baseline, term: PortTerm): string {
  if (term.kind === 'ports') return formatPorts(term.ports);
  if (term.kind === 'choice') return term.options.map(formatPorts).join(' or ');
  const set = baseline.parameters.get(term.name)?.default;
  return set === undefined ? 'undetermined' : formatPorts(set);
}

const namesOf = (baseline: Baseline, role: string): readonly string[] =>
  baseline.roles.get(role)?.names ?? [role];

/** Whether the parties of a shipped row are those of the draft: its role carries the draft's name among its own. */
function sameParties(draft: Baseline, own: Row, ours: Baseline, row: Row): boolean {
  const ends = (connections: readonly Connection[]) =>
    connections.map(({ source, destination }) => [source, destination]);
  const drafted = ends(own.connections);
  const written = ends(
    row.written.length > 0 ? row.written : row.connections.filter(({ because }) => because === undefined),
  );
  return (
    drafted.length === written.length &&
    drafted.every((pair, i) =>
      pair.every((role, end) =>
        namesOf(draft, role).every((name) => namesOf(ours, written[i]?.[end] ?? '').includes(name)),
      ),
    )
  );
}

/** The shipped row's own words for why it differs, wherever a baseline can say so. */
function reason(row: Row): string | undefined {
  return row.note ?? row.connections.find(({ because }) => because !== undefined)?.because;
}

describe.skipIf(!existsSync(folder)).each(DOCUMENTS)(
  'the draft of $id (../shared/seeds)',
  ({ id, seed, tables, marked, differ, features, joined }) => {
    const text = existsSync(folder) ? readFileSync(join(folder, seed), 'utf8') : '';
    const draft = existsSync(folder) ? draftFrom(text, seed) : undefined;
    const baseline = unwrap(loadShipped(shipped, id));
    const ownTables = [...baseline.tables]
      .filter(([, { index }]) => index !== undefined)
      .map(([table]) => table);
    const rows = baseline.rows.filter(({ table }) => ownTables.includes(table ?? ''));

    it('has every row of every table, in order', () => {
      expect([...(draft?.tables.values() ?? [])].map(({ index }) => index)).toEqual(
        tables.map((_, i) => i + 1),
      );
      const counts = [...(draft?.tables.keys() ?? [])].map(
        (table) => draft?.rows.filter((row) => row.table === table).length,
      );
      expect(counts).toEqual(tables);
      expect(rows).toHaveLength(tables.reduce((sum, count) => sum + count, 0));
    });

    it('has the same digests and headings, and the shipped cells among its own', () => {
      expect(draft?.rows.map(({ digest }) => digest)).toEqual(rows.map(({ digest }) => digest));
      expect([...(draft?.tables.values() ?? [])].map(({ columns }) => columns)).toEqual(
        ownTables.map((table) => baseline.tables.get(table)?.columns),
      );
      for (const [i, row] of rows.entries()) expect(draft?.rows[i]?.cells).toMatchObject(row.cells);
    });

    it('differs from the shipped baseline where it says so itself, or where the shipped row says why', () => {
      const differences: string[] = [];
      const ids: string[] = [];
      const silent: string[] = [];
      for (const [i, row] of rows.entries()) {
        const own = draft?.rows[i] as Row;
        const ours = meaning(baseline, row).join('\n');
        const theirs = meaning(draft as Baseline, own).join('\n');
        const parties = sameParties(draft as Baseline, own, baseline, row);
        if (ours === theirs && parties) continue;
        const why =
          own.review.length > 0 ? `draft: ${own.review.join(' ')}` : reason(row) && `shipped: ${reason(row)}`;
        ids.push(row.id);
        differences.push(
          `${row.id}${parties ? '' : ' (parties)'}: ${ours === theirs ? '' : `${theirs} → ${ours} `}[${why ?? 'NO REASON'}]`,
        );
        if (why === undefined) silent.push(row.id);
      }
      process.stdout.write(differences.map((line) => `${id}: ${line}\n`).join(''));
      expect(silent).toEqual([]);
      expect(ids).toEqual(differ);
      expect(draft?.rows.filter(({ review }) => review.length > 0)).toHaveLength(marked);
    });

    it('has the features and the joined parties that the shipped baseline writes down, and no others', () => {
      const added = [
        ...new Set(rows.flatMap(({ connections }) => connections.flatMap((one) => one.features))),
      ];
      for (const feature of added) expect(baseline.features.get(feature)?.title).toMatch(/\w{2}/);
      expect(added.filter((feature) => feature !== 'ftp-secure-outbound').sort()).toEqual(
        [...features].sort(),
      );
      const drafted = [...(draft?.roles.values() ?? [])].flatMap(({ names }) => names);
      const several = [...baseline.roles].filter(
        ([, { names }]) => names.filter((name) => drafted.includes(name)).length > 1,
      );
      for (const [, role] of several) expect(role.description).toMatch(/\w{2}/);
      expect(several.map(([role]) => role)).toEqual(joined);
    });

    it('draws no conclusion from what stands outside of tables, and says so', () => {
      const beside = baseline.rows.filter(({ table }) => !ownTables.includes(table ?? ''));
      if (beside.some(({ cells }) => Object.values(cells).some((cell) => cell.includes('→'))))
        expect(draft?.review.map((mark) => mark.text).join(' ')).toMatch(/Lines outside of tables/);
      for (const row of beside) expect(row.digest).toBeDefined();
    });
  },
);
