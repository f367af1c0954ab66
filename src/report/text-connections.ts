import type { ConnectionReport, ConnectionStatus, HostReport } from '../finding/report.ts';
import { connectionNames } from './connection-name.ts';
import type { Style } from './style.ts';
import { visible } from './visible.ts';
import { count, wrap } from './wrap.ts';

/** The order in which a host's connections are listed: what asks for attention first. */
const STATUSES: readonly ConnectionStatus[] = [
  'prohibited-open',
  'missing',
  'partial',
  'undetermined',
  'waived',
  'not-applicable',
  'satisfied',
];

/** The host's documented connections by status, with the reason where one has a reason. */
export function connectionLines(host: HostReport, style: Style, width: number): string[] {
  if (host.connections.length === 0) return [];
  const name = connectionNames(host);
  const out = [style.bold(`  ${count(host.connections.length, 'documented connection')}`)];
  for (const status of STATUSES) {
    const all = host.connections.filter((connection) => connection.status === status);
    if (all.length === 0) continue;
    out.push(`    ${status} ${style.dim(`(${all.length})`)}`);
    for (const group of byReason(all, name)) out.push(...groupLines(group, width));
  }
  return out;
}

interface Group {
  readonly reason: string | undefined;
  readonly names: string[];
}

function byReason(
  connections: readonly ConnectionReport[],
  name: (connection: ConnectionReport) => string,
): Group[] {
  const groups = new Map<string, Group>();
  for (const connection of connections) {
    const { reason, direction } = connection;
    const group = groups.get(reason ?? '') ?? { reason, names: [] };
    group.names.push(`${name(connection)} (${direction})`);
    groups.set(reason ?? '', group);
  }
  return [...groups.values()];
}

function groupLines(group: Group, width: number): string[] {
  const ids = wrap(visible(group.names.join(', ')), width - 6).map((line) => `      ${line}`);
  const reason = group.reason === undefined ? [] : wrap(visible(group.reason), width - 10);
  return [...ids, ...reason.map((line) => `          ${line}`)];
}
