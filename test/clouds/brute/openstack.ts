import { isInside, type Question } from './question.ts';

/*
 * OpenStack Networking's documented rules, written from its API reference alone: slow, plain, and without anything of the product.
 * https://docs.openstack.org/api-ref/network/v2/index.html#security-groups-security-groups
 * https://docs.openstack.org/api-ref/network/v2/index.html#ports
 * https://docs.openstack.org/neutron/latest/contributor/internals/openvswitch_firewall.html
 */

export interface Rule {
  readonly direction: 'ingress' | 'egress';
  readonly ethertype: 'IPv4' | 'IPv6';
  readonly protocol: string | null;
  readonly port_range_min: number | null;
  readonly port_range_max: number | null;
  readonly remote_ip_prefix: string | null;
  readonly remote_group_id: string | null;
  readonly remote_address_group_id: string | null;
}

export interface Group {
  readonly id: string;
  readonly stateful: boolean;
  readonly rules: readonly Rule[];
}

export interface Port {
  readonly addresses: readonly string[];
  readonly pairs: readonly string[];
  readonly groups: readonly string[];
  readonly security: boolean;
}

export interface Project {
  readonly groups: readonly Group[];
  /** Undefined where they were not exported: nobody knows who is a member of a group. */
  readonly ports: readonly Port[] | undefined;
  /** Addresses of the address groups that were exported. */
  readonly addressGroups: Readonly<Record<string, readonly string[]>>;
}

const NAMES: Readonly<Record<string, number>> = {
  tcp: 6,
  udp: 17,
  icmp: 1,
  icmpv6: 58,
  gre: 47,
  ipip: 4,
  vrrp: 112,
};

/** `icmp` is ICMPv6 in IPv6; ICMP's type and code stand where other protocols have ports. */
function isTraffic(q: Question, rule: Rule): boolean {
  if (rule.protocol === null || rule.protocol === 'any') return true;
  const name = rule.protocol === 'icmp' && rule.ethertype === 'IPv6' ? 'icmpv6' : rule.protocol;
  const number = NAMES[name] ?? Number(name);
  if (number !== q.protocol) return false;
  const { port_range_min: min, port_range_max: max } = rule;
  if (number === 1 || number === 58)
    return (min === null || min === q.icmpType) && (max === null || max === q.icmpCode);
  return min === null || max === null || (min <= q.dport && q.dport <= max);
}

function isRemote(project: Project, q: Question, rule: Rule): boolean {
  if (rule.remote_ip_prefix !== null) return isInside(q.peer, rule.remote_ip_prefix);
  if (rule.remote_address_group_id !== null) {
    const addresses = project.addressGroups[rule.remote_address_group_id];
    return (
      addresses?.some((one) => isInside(q.peer, one)) ?? q.peerGroups.includes(rule.remote_address_group_id)
    );
  }
  const group = rule.remote_group_id;
  if (group === null) return true;
  const known = project.ports !== undefined && project.groups.some(({ id }) => id === group);
  if (!known) return q.peerGroups.includes(group);
  return (project.ports ?? []).some(
    ({ groups, addresses, pairs }) =>
      groups.includes(group) && [...addresses, ...pairs].some((one) => isInside(q.peer, one)),
  );
}

const isPermitted = (project: Project, q: Question, rule: Rule): boolean =>
  rule.direction === q.direction &&
  (rule.ethertype === 'IPv6') === q.peer.includes(':') &&
  isTraffic(q, rule) &&
  isRemote(project, q, rule);

/** Leases of addresses and neighbour discovery pass whatever groups say. */
function isBasic(q: Question): boolean {
  const six = q.peer.includes(':');
  const [from, to] = q.direction === 'ingress' ? [67, 68] : [68, 67];
  const [from6, to6] = q.direction === 'ingress' ? [547, 546] : [546, 547];
  if (q.protocol === 17)
    return six ? q.sport === from6 && q.dport === to6 : q.sport === from && q.dport === to;
  const types = q.direction === 'ingress' ? [130, 134, 135, 136] : [130, 133, 135, 136];
  return six && q.protocol === 58 && types.includes(q.icmpType);
}

/**
 * Whether the packet passes a port with these groups that has the question's own address, and whether it does so whatever
 * the groups say. Undefined where the exports cannot tell.
 */
export function askOpenstack(
  project: Project,
  groups: readonly string[],
  security: boolean,
  q: Question,
): { readonly passes: boolean; readonly traceOnly: boolean } | undefined {
  if (!security) return { passes: true, traceOnly: false };
  const own = project.groups.filter(({ id }) => groups.includes(id));
  const stateless = own.filter(({ stateful }) => !stateful).length;
  // A port with groups of both kinds: which let the connection through is not in the exports.
  if (q.established && stateless > 0 && stateless < own.length) return undefined;
  const permitted = own.some(({ rules }) => rules.some((rule) => isPermitted(project, q, rule)));
  const replies = q.established && stateless === 0;
  const basic = isBasic(q);
  return { passes: permitted || replies || basic, traceOnly: basic && !permitted };
}
