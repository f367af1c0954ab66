import type { Baseline, Connection, Row } from './baseline.ts';
import { addressList } from './json.ts';
import { formatPorts } from './ports.ts';
import { connectionText } from './read-rows.ts';

/** Terminals have at least this many columns. */
const COLUMNS = 80;
const DIRECTIONS = ['in', 'out', 'forward'] as const;

/** A line before it is broken: its indent and its text. */
type Line = readonly [indent: number, text: string];

/** One line for each baseline: id, title, how many rows; for `baseline list`. */
export function renderList(baselines: readonly Baseline[]): string {
  const width = Math.max(0, ...baselines.map(({ id }) => id.length));
  return baselines
    .map(({ id, title, rows }) => `${id.padEnd(width)}  ${visible(title)} (${rows.length} rows)\n`)
    .join('');
}

/** A baseline in words, at most `width` columns wide wherever its words allow; for `baseline show`. */
export function renderBaseline(baseline: Baseline, width = COLUMNS): string {
  const sections = [header(baseline), ...definitions(baseline), rowLines(baseline.rows)];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.flatMap(([indent, text]) => broken(visible(text), width, ' '.repeat(indent))))
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function header(baseline: Baseline): Line[] {
  const { id, title, description, document, closed } = baseline;
  const directions = DIRECTIONS.filter((direction) => closed[direction]);
  return [
    [0, `${title} (${id})`],
    ...(description === undefined ? [] : [[0, description] as const]),
    ...(baseline.extends.length === 0
      ? []
      : [[2, `extends: ${baseline.extends.map(({ name }) => name).join(', ')}`] as const]),
    ...Object.entries(document).map(([key, value]): Line => [2, `${key}: ${value}`]),
    [
      2,
      directions.length === 0
        ? 'open: what no row documents is not excess'
        : `closed: ${directions.join(', ')} (there, what no row documents is excess)`,
    ],
    ...baseline.review.map(({ text }): Line => [2, `review: ${text}`]),
  ];
}

function definitions(baseline: Baseline): Line[][] {
  const { roles, parameters, features, clusters } = baseline;
  return [
    section('Roles', roles, ({ title, description, everyHost, closed, addresses, within }) => [
      title,
      ...(everyHost ? ['every host has this role'] : []),
      ...(addresses === undefined ? [] : [`addresses: ${addressList(addresses).join(', ')}`]),
      ...(within === undefined ? [] : [`unless bound, one of: ${addressList(within).join(', ')}`]),
      ...DIRECTIONS.filter((direction) => closed[direction] !== undefined).map(
        (direction) => `${direction} is ${closed[direction] ? 'closed' : 'open'} at such hosts`,
      ),
      ...(description === undefined ? [] : [description]),
    ]),
    section('Parameters', parameters, ({ title, default: ports }) => [
      title,
      ports === undefined ? 'not set' : `default ${formatPorts(ports)}`,
    ]),
    section('Features', features, ({ title, default: value, any }) => [
      title,
      `default ${value === true ? 'on' : value === false ? 'off' : value}`,
      ...(any === undefined ? [] : [`only where one of these is: ${any.join(', ')}`]),
    ]),
    section('Clusters', clusters, ({ title, primary, member }) => [
      title,
      `a declared cluster gives \`${member}\` the rows of \`${primary}\``,
    ]),
  ];
}

function section<T>(title: string, of: ReadonlyMap<string, T>, texts: (value: T) => string[]): Line[] {
  if (of.size === 0) return [];
  const lines = [...of].flatMap(([id, value]): Line[] => [
    [2, id],
    ...texts(value).map((text): Line => [4, text]),
  ]);
  return [[0, title], ...lines];
}

function rowLines(rows: readonly Row[]): Line[] {
  return [[0, `Rows (${rows.length})`], ...rows.flatMap(rowLine)];
}

function rowLine(row: Row): Line[] {
  return [
    [2, row.id],
    [4, `${row.document.row}: "${row.document.text}"`],
    ...row.connections.map((connection): Line => [4, connectionLine(connection)]),
    ...(row.note === undefined ? [] : [[4, `note: ${row.note}`] as const]),
    ...row.review.map((text): Line => [4, `review: ${text}`]),
  ];
}

function connectionLine(connection: Connection): string {
  const { level, features, cluster, states, families, because } = connection;
  return [
    `= ${connectionText(connection)}`,
    level,
    ...features.map((feature) => `feature ${feature}`),
    ...(cluster === undefined ? [] : [`cluster ${cluster}`]),
    ...(states.length === 1 && states[0] === 'new' ? [] : [`state ${states.join(', ')}`]),
    ...(families.length === 2 ? [] : [`IPv${families[0]} only`]),
    ...(because === undefined ? [] : [`read so because: ${because}`]),
  ].join('; ');
}

/** Control and format characters as escapes: a baseline from elsewhere must not steer the terminal. */
function visible(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** The text broken at spaces into lines of at most `width` columns; later lines are indented two columns more. */
function broken(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${indent}  `;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
