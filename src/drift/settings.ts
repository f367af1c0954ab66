import type { Baseline, Role } from '../baseline/baseline.ts';
import { addressList } from '../baseline/json.ts';
import { formatPorts } from '../baseline/ports.ts';

/** Something beside the rows that reads otherwise; absent sides do not have it. */
export interface SettingChange {
  readonly kind: 'closed' | 'role' | 'parameter' | 'feature' | 'cluster' | 'extends';
  readonly name: string;
  readonly from?: string;
  readonly to?: string;
}

/** What two baselines say otherwise about directions, roles, and what a site may set. */
export function diffSettings(a: Baseline, b: Baseline): SettingChange[] {
  const [x, y] = [settingsOf(a), settingsOf(b)];
  return [...new Set([...x.keys(), ...y.keys()])].flatMap((key): SettingChange[] => {
    const [from, to] = [x.get(key), y.get(key)];
    if (from?.text === to?.text) return [];
    const { kind, name } = (from ?? to) as Setting;
    return [{ kind, name, ...(from && { from: from.text }), ...(to && { to: to.text }) }];
  });
}

interface Setting {
  readonly kind: SettingChange['kind'];
  readonly name: string;
  readonly text: string;
}

function settingsOf(baseline: Baseline): Map<string, Setting> {
  const found = new Map<string, Setting>();
  const add = (kind: Setting['kind'], name: string, text: string): void => {
    found.set(`${kind} ${name}`, { kind, name, text });
  };
  for (const direction of ['in', 'out', 'forward'] as const)
    add('closed', direction, baseline.closed[direction] ? 'closed' : 'open');
  for (const [id, role] of baseline.roles) add('role', id, roleText(role));
  for (const [id, { type, default: ports }] of baseline.parameters)
    add('parameter', id, `${type}${ports === undefined ? '' : `, default ${formatPorts(ports) || 'none'}`}`);
  for (const [id, { default: value, any }] of baseline.features)
    add(
      'feature',
      id,
      `default ${value}${any === undefined ? '' : `, with any of ${[...any].sort().join(', ')}`}`,
    );
  for (const [id, { primary, member }] of baseline.clusters) add('cluster', id, `${primary}, ${member}`);
  for (const { name } of baseline.extends) add('extends', name, 'extended');
  return found;
}

/** What a role says that rows do not. */
function roleText({ closed, everyHost, dns, addresses, within }: Role): string {
  const directions = (['in', 'out', 'forward'] as const).flatMap((direction) =>
    closed[direction] === undefined ? [] : [`${direction} ${closed[direction] ? 'closed' : 'open'}`],
  );
  const texts = [
    ...directions,
    ...(everyHost ? ['every host'] : []),
    ...(dns.length === 0 ? [] : [`DNS names ${[...dns].sort().join(' ')}`]),
    ...(addresses === undefined ? [] : [`addresses ${addressList(addresses).join(' ')}`]),
    ...(within === undefined ? [] : [`within ${addressList(within).join(' ')}`]),
  ];
  return texts.join(', ') || 'as the baseline';
}
