import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { SecurityGroup, SecurityRule } from './content.ts';
import { labelOf } from './read-rule.ts';

/**
 * The rules that every group has, below all others.
 * (https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#default-security-rules)
 */
const DEFAULTS: readonly (readonly [string, number, boolean, boolean, string, string])[] = [
  ['AllowVnetInBound', 65000, true, true, 'VirtualNetwork', 'VirtualNetwork'],
  ['AllowAzureLoadBalancerInBound', 65001, true, true, 'AzureLoadBalancer', '*'],
  ['DenyAllInBound', 65500, true, false, '*', '*'],
  ['AllowVnetOutBound', 65000, false, true, 'VirtualNetwork', 'VirtualNetwork'],
  ['AllowInternetOutBound', 65001, false, true, '*', 'Internet'],
  ['DenyAllOutBound', 65500, false, false, '*', '*'],
];

/** A group's rules with its default rules, which are supplied where the export lacks them. */
export function withDefaults(group: SecurityGroup, coverage: CoverageEntry[]): SecurityRule[] {
  if (group.hasDefaults) return [...group.rules];
  const reason =
    'the export has no default rules; those that every group has are taken (65000, 65001 and 65500 of either direction)';
  if (!coverage.some((entry) => entry.span === group.span && entry.reason === reason))
    coverage.push({ span: group.span, status: 'approximated', reason });
  return [...group.rules, ...DEFAULTS.map((row) => supplied(group, row))];
}

function supplied(
  group: SecurityGroup,
  [name, priority, inbound, allow, source, destination]: (typeof DEFAULTS)[number],
): SecurityRule {
  const rule = {
    name,
    priority,
    inbound,
    allow,
    protocol: '*',
    sourcePrefixes: [source],
    destinationPrefixes: [destination],
    sourcePorts: ['*'],
    destinationPorts: ['*'],
    sourceGroups: [],
    destinationGroups: [],
    supplied: true,
  };
  return { ...rule, span: { ...group.span, label: labelOf(group.name, rule) } };
}
