import type { Baseline } from '../baseline/baseline.ts';
import type { HostChange } from '../compare/host-changes.ts';
import type { ConnectionChange, ConnectionDiff, Meant } from '../drift/connections.ts';
import type { SettingChange } from '../drift/settings.ts';
import { describeBox } from '../report/describe.ts';
import { count } from '../report/wrap.ts';

/** What one host has to open and to close. */
export interface HostDiff {
  readonly name: string;
  readonly role: string;
  readonly changes: readonly HostChange[];
}

/** Two baselines compared. */
export interface BaselineDiff {
  readonly from: Baseline;
  readonly to: Baseline;
  readonly connections: ConnectionDiff;
  readonly settings: readonly SettingChange[];
  /** Absent where no deployment was given. */
  readonly hosts?: readonly HostDiff[];
}

/** Whether the two ask for the same. */
export function isSame({ connections, settings }: BaselineDiff): boolean {
  const { added, removed, changed } = connections;
  return added.length + removed.length + changed.length + settings.length === 0;
}

/** The comparison as lines of text, not yet safe for a terminal. */
export function diffLines(diff: BaselineDiff): string[] {
  const { from, to, connections, settings, hosts = [] } = diff;
  const { added, removed, changed, same } = connections;
  return [
    `${from.id} → ${to.id}: ${isSame(diff) ? 'the same' : 'different'}`,
    `  ${count(same, 'connection')} the same, ${added.length} added, ${removed.length} removed, ${changed.length} changed`,
    ...section('added', added.length, added.flatMap(meantLines)),
    ...section('removed', removed.length, removed.flatMap(meantLines)),
    ...section('changed', changed.length, changed.flatMap(changeLines)),
    ...section('beside the rows', settings.length, settings.map(settingLine)),
    ...hosts.flatMap(hostLines),
  ];
}

function section(title: string, count: number, lines: readonly string[]): string[] {
  return count === 0 ? [] : [`  ${title} (${count})`, ...lines.map((line) => `    ${line}`)];
}

function meantLines({ row, connection, text }: Meant): string[] {
  const features = connection.features.map((name) => `, feature ${name}`).join('');
  return [
    `${connection.id}: ${text}; ${connection.level}${features}`,
    `  ${row.document.row}: “${row.document.text}”`,
  ];
}

function changeLines({ from, to, fields }: ConnectionChange): string[] {
  const renamed = from.connection.id === to.connection.id ? '' : ` (was ${from.connection.id})`;
  return [
    `${to.connection.id}${renamed}: ${to.text}`,
    ...fields.map((change) =>
      change.field === 'note'
        ? '  a part of the row that the baselines do not carry, such as its note, is different'
        : `  ${change.field}: ${change.from === '' ? 'none' : change.from} → ${change.to === '' ? 'none' : change.to}`,
    ),
  ];
}

function settingLine({ kind, name, from, to }: SettingChange): string {
  if (from === undefined) return `new ${kind} ${name}: ${to}`;
  return to === undefined ? `no ${kind} ${name} any more (${from})` : `${kind} ${name}: ${from} → ${to}`;
}

function hostLines({ name, role, changes }: HostDiff): string[] {
  const of = (action: HostChange['action']): readonly HostChange[] =>
    changes.filter((change) => change.action === action);
  const [open, close] = [of('open'), of('close')];
  if (changes.length === 0) return ['', `${name} (${role}): nothing to open or to close`];
  return [
    '',
    `${name} (${role})`,
    ...section('to open', open.length, open.flatMap(openingLines)),
    ...section('to close', close.length, close.flatMap(openingLines)),
  ];
}

function openingLines({
  direction,
  baseline,
  connection,
  boxes,
  choice,
  prohibited,
  unbound,
}: HostChange): string[] {
  return [
    `${direction}: ${connection} of ${baseline}${prohibited ? ', which forbids it' : ''}${choice ? '; one of the ports is enough' : ''}`,
    ...boxes.map((box) => `  ${describeBox(box)}`),
    ...unbound.map((role) => `  the deployment does not say who ${role} is`),
  ];
}

/** The comparison in the shape of schemas/baseline-diff.schema.json. */
export function diffJson({
  from,
  to,
  connections,
  settings,
  hosts,
  ...rest
}: BaselineDiff): Record<string, unknown> {
  const diff = { from, to, connections, settings, ...rest };
  return {
    schemaVersion: '1',
    from: identity(from),
    to: identity(to),
    same: isSame(diff),
    connections: {
      same: connections.same,
      added: connections.added.map(meantJson),
      removed: connections.removed.map(meantJson),
      changed: connections.changed.map(({ from: one, to: other, fields }) => ({
        from: meantJson(one),
        to: meantJson(other),
        fields,
      })),
    },
    settings,
    ...(hosts === undefined ? {} : { hosts: hosts.map(hostJson) }),
  };
}

function identity({ id, title, document, sha256 }: Baseline): Record<string, unknown> {
  return { id, title, document, sha256 };
}

function meantJson({ row, connection, text }: Meant): Record<string, unknown> {
  const { id, source, destination, level, features, cluster } = connection;
  return {
    id,
    text,
    source,
    destination,
    level,
    features,
    ...(cluster === undefined ? {} : { cluster }),
    document: row.document,
  };
}

function hostJson({ name, role, changes }: HostDiff): Record<string, unknown> {
  const of = (wanted: HostChange['action']): unknown[] =>
    changes.filter(({ action }) => action === wanted).map(({ action: _, ...change }) => change);
  return { name, role, open: of('open'), close: of('close') };
}
