import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { NetworkInterface, SecurityGroup } from './content.ts';
import type { Guarded } from './own-groups.ts';

/** Why groups say nothing about the interface of a private endpoint or a private link service. */
export const LINKED: Readonly<Record<NetworkInterface['link'], string>> = {
  none: '',
  filtered: '',
  'not filtered': 'network security groups do not filter it',
  'not said':
    'network security groups filter it only where its subnet has network policies for private endpoints, which by default it has not, and no export says it',
};

/** Interfaces that nothing exported guards, and exports that cannot tell. */
export function interfaceCoverage(
  guarded: readonly Guarded[],
  groups: readonly SecurityGroup[],
): CoverageEntry[] {
  const reason =
    'no exported network security group guards the interface or its subnet: if none does, everything passes; it is no host here';
  const open = guarded
    .filter((each) => each.groups.length === 0)
    .map(
      ({ one }): CoverageEntry => ({
        span: one.span,
        status: 'approximated',
        reason:
          LINKED[one.link] === ''
            ? reason
            : `the interface is of a private link: ${LINKED[one.link]}; it is no host here`,
      }),
    );
  const named = new Set(groups.flatMap(({ subnets }) => subnets ?? []).map((id) => id.toLowerCase()));
  const unsaid = guarded.find(
    ({ one, groups: own }) =>
      own.length > 0 &&
      one.subnetGroups.length === 0 &&
      (one.subnets.length === 0 || one.subnets.some((id) => !named.has(id.toLowerCase()))),
  );
  const told = [...open, ...untracked(guarded)];
  if (unsaid === undefined) return told;
  return [{ span: unsaid.one.span, status: 'approximated', reason: UNSAID }, ...told];
}

const UNSAID =
  'no exported group says that it guards the interface’s subnet: only the interface’s own is applied, which is right where all groups of the subscription are given (`az network nsg list`)';

/**
 * Interfaces of which nobody says what groups let back to a TCP connection: that their connections are not followed is all that the page has.
 * (https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/get, disableTcpStateTracking)
 */
function untracked(guarded: readonly Guarded[]): CoverageEntry[] {
  const reason =
    'the interface has `disableTcpStateTracking`: whether replies and later packets of TCP connections then need rules of their own is not documented; they are taken to pass, as they do elsewhere';
  return guarded.flatMap(({ one }) =>
    one.untracked ? [{ span: one.span, status: 'approximated', reason }] : [],
  );
}
