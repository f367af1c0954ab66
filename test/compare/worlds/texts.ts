import type { InputFile } from '../../../src/api.ts';
import { addresses, HOST, type Role, type Row, type World } from './world.ts';

const file = (path: string, text: string): InputFile => ({ path, bytes: Buffer.from(text) });

const CHAINS = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const;

/** The dump of the world's host. */
export function dumpOf({ rules, replies }: World): string {
  const tables = Object.entries(CHAINS).flatMap(([table, chains]) => [
    `*${table}`,
    ...chains.map((chain) => `:${chain} ${table === 'filter' ? 'DROP' : 'ACCEPT'} [0:0]`),
    ...(table === 'filter' ? [':user - [0:0]', ...replies.filter((line) => line !== '')] : []),
    ...rules.filter((rule) => rule.table === table).map(({ text }) => text),
    'COMMIT',
  ]);
  return `${tables.join('\n')}\n`;
}

const DEVICES = [
  ['lo', '127.0.0.1', 8],
  ['eth0', HOST, 24],
  ['eth1', '10.2.0.1', 24],
  ['wg0', '10.3.0.1', 24],
] as const;
const FACTS = JSON.stringify(
  DEVICES.map(([ifname, local, prefixlen]) => ({
    ifname,
    flags: [ifname === 'lo' ? 'LOOPBACK' : 'BROADCAST', 'UP'],
    addr_info: [{ family: 'inet', local, prefixlen, scope: ifname === 'lo' ? 'host' : 'global' }],
  })),
);

/** The host's own files. */
export const configsOf = (world: World): readonly InputFile[] => [
  file('rules', dumpOf(world)),
  file('addr.json', FACTS),
];

function roleText({ peers, on }: Role, index: number): string {
  const parts = [
    ...(peers === undefined ? [] : [`addresses: ["${addresses(peers)}"]`]),
    ...(on === undefined ? [] : [`interfaces: [${on}]`]),
  ];
  return `  r${index}: ${parts.length === 0 ? 'unbound' : `{ ${parts.join(', ')} }`}`;
}

function rowText({ id, direction, role, protocol, ports, choice, level }: Row): string {
  const all = [...ports, ...(choice.length === 0 ? [] : [`{ choice: [${choice.join(', ')}] }`])];
  const [source, destination] = direction === 'in' ? [`r${role}`, 'server'] : ['server', `r${role}`];
  return `  - { id: ${id}, cells: { Port: x }, source: ${source}, destination: ${destination}, protocols: [${protocol}], ports: [${all.join(', ')}], level: ${level} }`;
}

/** The deployment, its baseline and the host's files. */
export function siteOf(world: World): { deployment: InputFile; files: readonly InputFile[] } {
  const site = [
    'version: 1',
    'roles:',
    `  server: [${HOST}]`,
    ...world.roles.map(roleText),
    'hosts:',
    '  - { name: one, role: server, configs: [rules, addr.json], baselines: [./own.yaml] }',
  ];
  const baseline = [
    'version: 1',
    'id: own',
    'title: Own',
    'document: { title: Own }',
    'closed: { in: true, out: true, forward: true }',
    'roles: { server: { title: S }, r0: { title: A }, r1: { title: B } }',
    'rows:',
    ...world.rows.map(rowText),
  ];
  return {
    deployment: file('site.yaml', `${site.join('\n')}\n`),
    files: [...configsOf(world), file('own.yaml', `${baseline.join('\n')}\n`)],
  };
}
