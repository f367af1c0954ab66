import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { SecurityGroup, SecurityRule } from './content.ts';
import { labelOf } from './read-rule.ts';
import { coverOnce } from '../exports/cover-once.ts';

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

/**
 * A group's rules with its default rules, which are supplied where the export lacks them: "You can't remove the default rules, but you
 * can override them by creating rules with higher priorities."
 */
export function withDefaults(group: SecurityGroup, coverage: CoverageEntry[]): SecurityRule[] {
  const { rules, isExported, span } = group;
  if (!isExported) return [...rules];
  const lacking = DEFAULTS.filter(
    ([, priority, inbound]) => !rules.some((one) => one.priority === priority && one.inbound === inbound),
  );
  if (lacking.length === 0) return [...rules];
  const reason = lackingReason(lacking);
  coverOnce(coverage, { span, status: 'approximated', reason });
  return [...rules, ...lacking.map((row) => supplied(group, row))];
}

function lackingReason(lacking: typeof DEFAULTS): string {
  if (lacking.length === DEFAULTS.length)
    return 'the export has no default rules; those that every group has are taken (65000, 65001 and 65500 of either direction)';
  const names = lacking.map(([name]) => `\`${name}\``).join(', ');
  return `the export lacks default rules, which nobody can remove from a group: ${names}; they are taken`;
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
