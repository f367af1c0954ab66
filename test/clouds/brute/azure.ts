import { isInside, type Question } from './question.ts';

/*
 * Azure's documented evaluation order, written from its pages alone: slow, plain, and without anything of the product.
 * https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
 * https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works
 * https://learn.microsoft.com/azure/virtual-network/service-tags-overview
 * https://learn.microsoft.com/azure/virtual-network/application-security-groups
 */

export interface Rule {
  readonly priority: number;
  readonly direction: 'Inbound' | 'Outbound';
  readonly access: 'Allow' | 'Deny';
  readonly protocol: string;
  /** Networks, `*` and tags. */
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  /** Application security groups, in place of the former. */
  readonly sourceGroups: readonly string[];
  readonly destinationGroups: readonly string[];
  /** `*`, numbers and ranges. */
  readonly sourcePorts: readonly string[];
  readonly destinationPorts: readonly string[];
}

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, esp: 50, ah: 51 };

/** Below all others, in every group. */
const DEFAULTS: readonly Rule[] = [
  defaultRule(65000, 'Inbound', 'Allow', 'VirtualNetwork', 'VirtualNetwork'),
  defaultRule(65001, 'Inbound', 'Allow', 'AzureLoadBalancer', '*'),
  defaultRule(65500, 'Inbound', 'Deny', '*', '*'),
  defaultRule(65000, 'Outbound', 'Allow', 'VirtualNetwork', 'VirtualNetwork'),
  defaultRule(65001, 'Outbound', 'Allow', '*', 'Internet'),
  defaultRule(65500, 'Outbound', 'Deny', '*', '*'),
];

function defaultRule(
  priority: number,
  direction: Rule['direction'],
  access: Rule['access'],
  source: string,
  destination: string,
): Rule {
  return {
    priority,
    direction,
    access,
    protocol: '*',
    sources: [source],
    destinations: [destination],
    sourceGroups: [],
    destinationGroups: [],
    sourcePorts: ['*'],
    destinationPorts: ['*'],
  };
}

/** An end of the packet: the instance's own is in the virtual network, whatever its address is. */
interface End {
  readonly address: string;
  readonly groups: readonly string[];
  readonly own: boolean;
}

function isAt(end: End, prefix: string): boolean {
  if (prefix === '*') return true;
  if (prefix === 'AzureLoadBalancer') return end.address === '168.63.129.16';
  if (prefix === 'VirtualNetwork') return end.own || end.groups.includes(prefix);
  if (prefix === 'Internet') return !end.own && end.groups.includes(prefix);
  return isInside(end.address, prefix);
}

function isEnd(end: End, prefixes: readonly string[], groups: readonly string[]): boolean {
  return prefixes.some((one) => isAt(end, one)) || groups.some((one) => end.groups.includes(one));
}

/** Only TCP and UDP have ports. The default rules' 0-65535 is of all that "Any" encompasses, "TCP, UDP, and ICMP". */
function isPort(q: Question, ranges: readonly string[], port: number): boolean {
  if (ranges.includes('*') || ranges.includes('0-65535')) return true;
  if (q.protocol !== 6 && q.protocol !== 17) return false;
  return ranges.some((range) => {
    const [from = '', to = from] = range.split('-');
    return Number(from) <= port && port <= Number(to);
  });
}

function isMatch(rule: Rule, q: Question, own: End, peer: End): boolean {
  const [source, destination] = q.direction === 'ingress' ? [peer, own] : [own, peer];
  return (
    (rule.protocol === '*' || PROTOCOLS[rule.protocol.toLowerCase()] === q.protocol) &&
    isEnd(source, rule.sources, rule.sourceGroups) &&
    isEnd(destination, rule.destinations, rule.destinationGroups) &&
    isPort(q, rule.sourcePorts, q.sport) &&
    isPort(q, rule.destinationPorts, q.dport)
  );
}

/** The host's address and the metadata service: "by default, these services aren't subject to the configured NSGs". */
const isPlatform = (q: Question): boolean =>
  q.direction === 'egress' && ['168.63.129.16', '169.254.169.254'].includes(q.peer);

/**
 * Whether the packet passes all of the groups: in each the rule with the least priority that matches decides, and a
 * connection that was let through passes.
 */
export function passesAzure(
  groups: readonly (readonly Rule[])[],
  ownGroups: readonly string[],
  q: Question,
): boolean {
  if (q.established || isPlatform(q)) return true;
  const own: End = { address: q.own, groups: ownGroups, own: true };
  const peer: End = { address: q.peer, groups: q.peerGroups, own: false };
  const direction = q.direction === 'ingress' ? 'Inbound' : 'Outbound';
  return groups.every((rules) => {
    const ordered = [...rules, ...DEFAULTS]
      .filter((rule) => rule.direction === direction)
      .sort((a, b) => a.priority - b.priority);
    return ordered.find((rule) => isMatch(rule, q, own, peer))?.access === 'Allow';
  });
}
