import type { ResolvedHost } from '../../baseline/model.ts';
import type { CloudFacts, Ruleset } from '../../rule/ruleset.ts';
import { groupId } from './parties.ts';

/**
 * The rule set with the groups that bind roles of the host among those whose members nobody gave: rules that name addresses
 * only are compared with such a role all the same. Groups that the exports know nothing of bind nobody (`unknownBinding`).
 */
export function withBoundGroups(host: ResolvedHost, ruleset: Ruleset): Ruleset {
  const { cloud } = ruleset;
  if (cloud === undefined) return ruleset;
  const groups = host.baselines.flatMap(({ rows }) =>
    rows.flatMap(({ source, destination }) => [...source.groups, ...destination.groups]),
  );
  const added = [...new Set(groups.flatMap((group) => groupId(ruleset, group) ?? []))].filter(
    (id) =>
      !cloud.symbolic.includes(id) &&
      (!cloud.members.has(id) || cloud.hasOthers?.(id) === true) &&
      cloud.knows?.(id) !== undefined,
  );
  return added.length === 0 ? ruleset : { ...ruleset, cloud: withGroups(cloud, added) };
}

function withGroups(cloud: CloudFacts, added: readonly string[]): CloudFacts {
  const machines = added.filter((id) => cloud.knows?.(id) === 'machines');
  return {
    ...cloud,
    symbolic: [...cloud.symbolic, ...added].sort(),
    machineGroups: [...(cloud.machineGroups ?? []), ...machines],
  };
}
