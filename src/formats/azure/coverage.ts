import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { ConfigPart } from '../reader.ts';
import type { SecurityGroup, SecurityRule } from './content.ts';

/**
 * What no rule says and Azure does. (https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq, "What protocols
 * can I use"; network-security-groups-overview, "Azure platform considerations";
 * https://learn.microsoft.com/azure/virtual-network-manager/concept-security-admins, "Order of evaluation")
 */
export function platformNote(parts: readonly ConfigPart[]): CoverageEntry {
  const span = { file: (parts[0] as ConfigPart).source, start: 0, end: 0, label: 'the whole subscription' };
  const reason =
    'Azure itself blocks some traffic (multicast, broadcast, GRE, IP in IP, in some subscriptions TCP port 25 outwards) and lets Windows ask for its licence; no export says so, and rules are taken at their word. Security admin rules of a Virtual Network Manager come before groups, allow or deny, and are not looked at';
  return { span, status: 'approximated', reason };
}

/** A group that the export says is attached to nothing. */
export function isDetached({ subnets, interfaces }: SecurityGroup): boolean {
  return subnets?.length === 0 && interfaces?.length === 0;
}

/** Groups that guard nothing. */
export function detachedOf(
  groups: ReadonlyMap<string, SecurityGroup>,
  guarding: ReadonlySet<SecurityGroup>,
): CoverageEntry[] {
  return [...groups.values()]
    .filter((group) => !guarding.has(group))
    .map(({ span }) => ({
      span,
      status: 'ignored',
      reason: 'the group is attached to no subnet and no interface; it guards nothing',
    }));
}

/** Groups of which rules were shown one by one (`az network nsg rule show`): nobody says that these are all. */
export function shownOneByOne(groups: Iterable<SecurityGroup>): CoverageEntry[] {
  const reason =
    'rules of the group were given one by one; they are taken to be all that it has (`az network nsg rule list` prints all)';
  return [...groups].flatMap(({ isShown, span }) =>
    isShown === true ? [{ span, status: 'approximated', reason }] : [],
  );
}

/** A peer that is of two groups at once can be denied as a member of the one and allowed as one of the other. */
export function severalGroups(
  groups: readonly SecurityGroup[],
  symbolic: readonly string[],
): CoverageEntry[] {
  const unresolved = new Set(symbolic.map((name) => name.toLowerCase()));
  const names = (rule: SecurityRule): string[] =>
    [
      ...rule.sourcePrefixes,
      ...rule.destinationPrefixes,
      ...rule.sourceGroups,
      ...rule.destinationGroups,
    ].filter((name) => unresolved.has(name.toLowerCase()));
  const denying = groups.flatMap(({ rules }) => rules).find((rule) => !rule.allow && names(rule).length > 0);
  if (denying === undefined || symbolic.length < 2) return [];
  const reason =
    'the rule denies members of a group or tag that nobody resolved: an end that is a member of several of them is judged by `trace` only, and what it may do is not among openings and findings';
  return [{ span: denying.span, status: 'approximated', reason }];
}
