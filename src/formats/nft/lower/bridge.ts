import type { BaseChain, Bridged, Chain } from '../../../rule/ruleset.ts';
import type { Place, Selector, Table } from '../ast/ast.ts';
import { interfaceOf } from '../selector/lookup.ts';
import type { Problems } from '../problems.ts';
import { mayStop, namedDevices, namedPorts } from './table-facts.ts';

/** More than all priorities (include/uapi/linux/netfilter.h, NF_IP_PRI_FIRST and NF_IP_PRI_LAST). */
const BEYOND = 2 ** 33;

type Standing = Pick<BaseChain, 'hook' | 'priority'> & Pick<Bridged, 'way' | 'named'>;

/** Where a hook of the bridge stands to IP's hooks, which come in between (net/bridge/br_input.c, br_forward.c). */
const STANDING: Readonly<Record<string, readonly Standing[]>> = {
  prerouting: [{ hook: 'prerouting', priority: -2 * BEYOND, way: 'in' }],
  input: [{ hook: 'prerouting', priority: -BEYOND, way: 'in' }],
  // From port to port: IP's rules see that where `bridge-nf-call-iptables` is on (net/bridge/br_netfilter_hooks.c).
  // A packet that is said to come by a port is one that IP does not see, or the device is none: nothing is sure of it.
  forward: [
    { hook: 'forward', priority: BEYOND, way: 'through' },
    { hook: 'prerouting', priority: -BEYOND, way: 'in', named: true },
    { hook: 'postrouting', priority: BEYOND, way: 'out', named: true },
  ],
  output: [{ hook: 'postrouting', priority: BEYOND, way: 'out' }],
  postrouting: [{ hook: 'postrouting', priority: 2 * BEYOND, way: 'out' }],
};

/**
 * Rules for bridged packets join no verdict about IP packets. But what comes in by a bridge, or leaves by one, passes them too: what
 * they stop may be stopped, for IP's rules do not tell which packets come so.
 *
 * @returns the table's chains where they stand to IP's hooks; none where nothing can be stopped
 */
export function lowerBridge(
  table: Table,
  lowered: readonly Chain[],
  place: Place,
  problems: Problems,
): readonly Chain[] {
  const devices = [...namedDevices(table)];
  const shown =
    devices.length === 0 ? '' : ` (${devices.slice(0, 8).join(', ')}${devices.length > 8 ? ', …' : ''})`;
  const judged = mayStop(table)
    ? `what they stop of what comes or leaves by a bridge${shown} is reported as possible. Which devices are bridges is told by \`ip -j addr\`, else by their names`
    : 'they stop nothing';
  problems.cover('approximated', place, `rules for bridged packets join no verdict; ${judged}`);
  if (!mayStop(table)) return [];
  const names = devices.map(interfaceOf);
  const ports = [...namedPorts(table)].map(interfaceOf);
  return lowered.flatMap((chain): Chain[] => {
    const { base } = chain;
    if (base === undefined) return [chain];
    return (STANDING[base.hook] ?? []).map(({ hook, priority, ...ways }, at) => ({
      ...chain,
      id: at === 0 ? chain.id : `${chain.id} by ${ways.way}`,
      base: { ...base, hook, priority: priority + base.priority },
      bridged: { ...ways, names: ways.named === true ? ports : names, text: `table bridge ${table.name}` },
    }));
  });
}

const DEVICE = /^[io](?:if|br)/;

/** Whether a bridge's rules see something else there than IP's: the port, the frame, no connection. */
export function isOfBridge(selector: Selector, { family }: Table): boolean {
  if (family !== 'bridge') return false;
  if (selector.kind === 'meta') return selector.key === 'pkttype' || DEVICE.test(selector.key);
  if (selector.kind === 'payload' && selector.protocol === 'ether') return selector.field !== 'type';
  return selector.kind === 'ct';
}
