import { formatRange } from '../packet/address.ts';
import { pairsOf } from '../packet/ranges.ts';
import type { Baseline, Connection, Role, Row } from './baseline.ts';
import { formatPorts } from './ports.ts';
import { connectionText } from './read-rows.ts';
import { wrap } from './wrap.ts';

const WIDTH = 80;

/** One line for each baseline: id, title, how many rows; for `baseline list`. */
export function renderList(baselines: readonly Baseline[]): string {
  const width = Math.max(0, ...baselines.map(({ id }) => id.length));
  return baselines
    .map(({ id, title, rows }) => `${id.padEnd(width)}  ${title} (${rows.length} rows)\n`)
    .join('');
}

/** A baseline in words, at most 80 columns wide wherever its own words allow; for `baseline show`. */
export function renderBaseline(baseline: Baseline): string {
  const parts = [
    header(baseline),
    section(
      'Roles',
      [...baseline.roles].flatMap(([id, { title, description, everyHost }]) =>
        item(id, [title, everyHost ? 'every host has this role' : '', description ?? '']),
      ),
    ),
    section(
      'Parameters',
      [...baseline.parameters].flatMap(([id, { title, default: value }]) =>
        item(id, [title, value === undefined ? 'not set' : `default ${formatPorts(value)}`]),
      ),
    ),
    section(
      'Features',
      [...baseline.features].flatMap(([id, { title, default: value }]) =>
        item(id, [title, `default ${value === true ? 'on' : value === false ? 'off' : value}`]),
      ),
    ),
    section(
      'Clusters',
      [...baseline.clusters].flatMap(([id, { title, primary, member }]) =>
        item(id, [title, `a declared cluster gives \`${member}\` the rows of \`${primary}\``]),
      ),
    ),
    section(`Rows (${baseline.rows.length})`, baseline.rows.flatMap(renderRow)),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function header(baseline: Baseline): string {
  const { id, title, description, document, closed } = baseline;
  const closedIn = (['in', 'out', 'forward'] as const).filter((direction) => closed[direction]);
  const lines = [
    ...wrap(`${title} (${id})`, WIDTH),
    ...(description === undefined ? [] : ['', ...wrap(description, WIDTH)]),
    '',
    ...Object.entries(document).flatMap(([key, value]) => wrap(`${key}: ${value}`, WIDTH, '  ')),
    ...wrap(
      closedIn.length === 0
        ? 'open: what no row documents is not excess'
        : `closed: ${closedIn.join(', ')} (there, what no row documents is excess)`,
      WIDTH,
      '  ',
    ),
  ];
  return lines.join('\n');
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [title, '', ...lines].join('\n');
}

function item(id: string, texts: readonly string[]): string[] {
  return [
    `  ${id}`,
    ...texts
      .filter((text) => text !== '')
      .flatMap((text) =>
        wrap(text, WIDTH, '      ').map((line, i) => (i === 0 ? line.replace(/^ {6}/, '    ') : line)),
      ),
  ];
}

function renderRow(row: Row): string[] {
  return [
    `  ${row.id}`,
    ...wrap(row.document.row, WIDTH, '    '),
    ...wrap(`"${row.document.text}"`, WIDTH, '    '),
    ...row.connections.flatMap((connection) => wrap(connectionLine(connection), WIDTH, '    ')),
    ...(row.note === undefined ? [] : wrap(`note: ${row.note}`, WIDTH, '    ')),
    ...row.review.flatMap((text) => wrap(`review: ${text}`, WIDTH, '    ')),
    '',
  ];
}

function connectionLine(connection: Connection): string {
  const { level, feature, cluster, states, families, because } = connection;
  const parts = [
    connectionText(connection),
    level,
    ...(feature === undefined ? [] : [`feature ${feature}`]),
    ...(cluster === undefined ? [] : [`cluster ${cluster}`]),
    ...(states.length === 1 && states[0] === 'new' ? [] : [`state ${states.join(', ')}`]),
    ...(families.length === 2 ? [] : [`IPv${families[0]} only`]),
    ...(because === undefined ? [] : [`read so because: ${because}`]),
  ];
  return `= ${parts.join('; ')}`;
}

/** A baseline as plain JSON values with a stable order; for `baseline show --format json`. */
export function baselineJson(baseline: Baseline): Record<string, unknown> {
  const { id, title, product, description, document, closed, tables, rows, sha256 } = baseline;
  return {
    schemaVersion: '1',
    id,
    title,
    ...(product === undefined ? {} : { product }),
    ...(description === undefined ? {} : { description }),
    document,
    sha256,
    closed: { ...closed },
    roles: Object.fromEntries([...baseline.roles].map(([name, role]) => [name, roleJson(role)])),
    parameters: Object.fromEntries(
      [...baseline.parameters].map(([name, { default: value, ...rest }]) => [
        name,
        { ...rest, ...(value === undefined ? {} : { default: formatPorts(value) }) },
      ]),
    ),
    features: Object.fromEntries(baseline.features),
    clusters: Object.fromEntries(baseline.clusters),
    tables: Object.fromEntries(tables),
    rows: rows.map(({ origin, connections, written, ...row }) => ({
      ...row,
      line: origin.file.position(origin.start).line,
      connections: connections.map(connectionJson),
      ...(written.length === 0 ? {} : { written: written.map(connectionJson) }),
    })),
  };
}

function roleJson({ addresses, ...role }: Role): Record<string, unknown> {
  if (addresses === undefined) return role;
  const texts = [
    ...pairsOf(addresses.ipv4).map(([lo, hi]) => formatRange(4, lo, hi)),
    ...pairsOf(addresses.ipv6).map(([lo, hi]) => formatRange(6, lo, hi)),
  ];
  return { ...role, addresses: texts };
}

function connectionJson(connection: Connection): Record<string, unknown> {
  return { ...connection, text: connectionText(connection) };
}
