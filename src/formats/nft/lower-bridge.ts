import type { Chain, NetfilterHook } from '../../rule/ruleset.ts';
import type { Place, Table } from './ast.ts';
import { interfaceOf } from './lookup.ts';
import type { Problems } from './problems.ts';
import { namedDevices, mayStop } from './table-facts.ts';

/** Before and behind every other chain (include/uapi/linux/netfilter.h, NF_IP_PRI_FIRST and NF_IP_PRI_LAST). */
const FIRST = -(2 ** 31);
const LAST = 2 ** 31 - 1;

/**
 * Rules for bridged packets join no verdict about IP packets. But what comes in by a bridge's port, or leaves by one,
 * passes them too: such a packet may be stopped there.
 *
 * @returns two chains that may stop packets of the devices that the table names; none where nothing can be stopped
 */
export function lowerBridge(table: Table, layer: string, place: Place, problems: Problems): readonly Chain[] {
  const devices = [...namedDevices(table)];
  const stops = mayStop(table);
  const judged = stops
    ? 'that a packet of such a device passes them is reported as possible'
    : 'they stop nothing';
  problems.cover(
    'approximated',
    place,
    devices.length === 0
      ? 'rules for bridged packets join no verdict, and these name no device: what passes between the ports of a bridge, or by a bridge to the host, is not judged'
      : `rules for bridged packets join no verdict; ${judged} (${devices.slice(0, 8).join(', ')}${devices.length > 8 ? ', …' : ''})`,
  );
  if (devices.length === 0 || !stops) return [];
  const chain = (hook: NetfilterHook, field: 'in' | 'out', priority: number): Chain => ({
    id: `${layer} bridge ${table.name} by ${field}`,
    name: `bridged (${field})`,
    table: table.name,
    families: [4, 6],
    layer,
    rules: [
      {
        match: { kind: 'interface', field, names: devices.map(interfaceOf) },
        actions: [{ kind: 'unknown', outcomes: ['continue', 'drop'], text: `table bridge ${table.name}` }],
        origin: problems.span(place),
      },
    ],
    base: { hook, priority, type: 'filter', policy: 'accept', sequence: 0 },
    origin: problems.span(place),
  });
  return [chain('prerouting', 'in', FIRST), chain('postrouting', 'out', LAST)];
}
