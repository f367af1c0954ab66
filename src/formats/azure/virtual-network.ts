import type { CoverageEntry } from '../../rule/ruleset.ts';
import { type SecurityGroup, type SecurityRule, takesAll } from './content.ts';
import { withDefaults } from './defaults.ts';

/**
 * Where rules that decide name `VirtualNetwork` and nobody gave its addresses. The tag means "the virtual network address
 * space, all connected on-premises address spaces, peered virtual networks …, and address prefixes used on user-defined
 * routes. This tag might also contain default routes"; none of this is in an export of groups.
 * (https://learn.microsoft.com/azure/virtual-network/service-tags-overview, VirtualNetwork)
 *
 * @returns one entry for each group, at the first such rule
 */
export function virtualNetworkNotes(groups: readonly SecurityGroup[]): CoverageEntry[] {
  return groups.flatMap((group): CoverageEntry[] => {
    const rule = firstNaming(group);
    return rule === undefined ? [] : [{ span: rule.span, status: 'approximated', reason: REASON }];
  });
}

const REASON =
  '`VirtualNetwork` means the networks’ own addresses and those of routes and gateways, which no export has: members of it are compared as such. Where a route sends 0.0.0.0/0 to an appliance, a VPN or ExpressRoute it may mean everybody; give `virtualNetwork:` in a deployment (`[0.0.0.0/0, "::/0"]` there)';

function firstNaming(group: SecurityGroup): SecurityRule | undefined {
  const rules = withDefaults(group, []).sort((a, b) => a.priority - b.priority);
  for (const inbound of [true, false]) {
    const own = rules.filter((rule) => rule.inbound === inbound);
    const last = own.findIndex((rule) => takesAll(rule));
    const decide = last < 0 ? own : own.slice(0, last);
    const found = decide.find(({ sourcePrefixes, destinationPrefixes }) =>
      (inbound ? sourcePrefixes : destinationPrefixes).some((text) => /^\s*virtualnetwork\s*$/i.test(text)),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}
