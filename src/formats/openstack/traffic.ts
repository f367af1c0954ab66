import { PORT_PROTOCOLS } from '../../packet/packet.ts';
import { parseProtocol } from '../../packet/protocol.ts';
import { allOf, ALWAYS, type Condition } from '../../rule/condition.ts';
import type { SecurityRule } from './content.ts';

/** A condition, or why the rule cannot be read. */
export type Traffic = { readonly match: Condition } | { readonly problem: string };

/**
 * Names of the API that are not those of /etc/protocols.
 * (https://docs.openstack.org/api-ref/network/v2/index.html#create-security-group-rule, protocol)
 */
const NAMES: ReadonlyMap<string, number> = new Map([
  ['ipip', 4],
  ['ipv6-encap', 41],
  ['ipv6-icmp', 58],
  ['pgm', 113],
]);

/** Protocol, ports, type and code. In IPv6 `icmp` and its number mean ICMPv6 (neutron, db/securitygroups_db.py). */
export function trafficOf({ family, protocol, min, max, problem }: SecurityRule): Traffic {
  if (problem !== undefined) return { problem };
  if (protocol === undefined)
    return min === undefined && max === undefined
      ? { match: ALWAYS }
      : { problem: 'there are ports, and no protocol that has ports' };
  const named = NAMES.get(protocol) ?? parseProtocol(protocol);
  const number = family === 6 && named === 1 ? 58 : named;
  if (number === undefined) return { problem: `\`${protocol}\` is no protocol` };
  const own: Condition = { kind: 'field', field: 'protocol', values: [number, number] };
  if (min === undefined && max === undefined) return { match: own };
  if (number === 1 || number === 58) return icmpTraffic(own, min, max);
  if (!PORT_PROTOCOLS.includes(number)) return { problem: `the protocol \`${protocol}\` has no ports` };
  // The API takes both or none. (neutron, db/securitygroups_db.py, _validate_port_range)
  if (min === undefined || max === undefined) return { problem: 'of its ports only the one end is there' };
  const [from, to] = [min, max];
  if (from > to || to > 65_535) return { problem: `the ports ${from} to ${to} are no range` };
  return { match: allOf([own, { kind: 'field', field: 'dport', values: [from, to] }]) };
}

/** `port_range_min` is the type, and `port_range_max` the code. */
function icmpTraffic(own: Condition, type: number | undefined, code: number | undefined): Traffic {
  if (type === undefined) return { problem: 'there is an ICMP code and no type' };
  if (type > 255 || (code ?? 0) > 255)
    return { problem: `the ICMP type ${type}${code === undefined ? '' : ` code ${code}`} is none` };
  const types: Condition = { kind: 'field', field: 'icmpType', values: [type, type] };
  if (code === undefined) return { match: allOf([own, types]) };
  return { match: allOf([own, types, { kind: 'field', field: 'icmpCode', values: [code, code] }]) };
}
