import type { CoverageEntry } from '../../rule/ruleset.ts';
import { isSecureTag } from '../../rule/cloud-selector.ts';
import { type GcpRule, lastOf } from './content.ts';
import type { GcpModel } from './model.ts';
import { perhapsSame } from './network-names.ts';
import { originOf, shortNetwork } from './points.ts';
import { rulesOf } from './sections.ts';

/**
 * Rules that no exported instance is guarded by: no host of a report shows what they open, and so it is told that they are there.
 * Where no instances were given, each of their targets is a host.
 */
export function unusedRules(model: GcpModel): CoverageEntry[] {
  if (model.interfaces.length === 0) return [];
  const empty = model.networks.filter((network) => !model.interfaces.some((one) => one.network === network));
  return [...empty.flatMap((network) => rulesOfNobody(model, network)), ...forNobody(model, new Set(empty))];
}

/** Hierarchical policies are in force everywhere: what they have for others is told where these are. */
function rulesOfNobody(model: GcpModel, network: string): CoverageEntry[] {
  const isOwn =
    model.firewalls.some((one) => one.network === network) ||
    model.policies.some(({ networks, policy }) => networks?.includes(network) === true && !policy.effective);
  // Where it may be a network of instances its rules may guard these.
  const others = perhapsSame(network, model.networks, model.stated);
  if (!isOwn || model.interfaces.some((one) => others.has(one.network))) return [];
  const reason = `no exported instance is in the network \`${shortNetwork(model, network)}\`: its rules guard nothing here`;
  return [{ span: originOf(model, network), status: 'ignored', reason }];
}

/** Rules for tags and accounts that no exported instance of their network carries. */
function forNobody(model: GcpModel, empty: ReadonlySet<string>): CoverageEntry[] {
  const unused = new Map<GcpRule['span'], GcpRule>();
  const used = new Set<GcpRule['span']>();
  for (const network of model.networks) {
    if (empty.has(network)) continue;
    const within = model.interfaces.filter((one) => one.network === network);
    const carried = new Set(within.flatMap(({ tags, accounts }) => [...tags, ...accounts]));
    for (const rule of rulesOf(model, network))
      if (isForNone(rule, carried)) unused.set(rule.span, rule);
      else used.add(rule.span);
  }
  return [...unused.values()]
    .filter(({ span }) => !used.has(span))
    .map(({ targets: { tags, accounts }, span }) => {
      const names = [...tags, ...accounts].map((one) => `\`${one}\``).join(', ');
      const reason = `no exported instance in the network carries ${names}: the rule guards nothing here`;
      return { span, status: 'ignored', reason };
    });
}

/** Who has secure tags stands in no export of instances. */
function isForNone({ targets: { tags, accounts }, idle }: GcpRule, carried: ReadonlySet<string>): boolean {
  const named = [...tags, ...accounts];
  return (
    idle === undefined && named.length > 0 && named.every((one) => !isSecureTag(one) && !carried.has(one))
  );
}

/**
 * Rules and policies that name a RoCE network and are none of those that it has: "they don't support global network firewall
 * policies, hierarchical firewall policies, or VPC firewall rules". Google takes no such rule, so two exports may be of two days.
 */
export function notOfProfile({ profiles, firewalls, policies }: GcpModel): CoverageEntry[] {
  // In RoCE networks (profiles.ts).
  const isRoce = (network: string): boolean => profiles.get(network) === 'roce';
  const tell = (span: CoverageEntry['span'], network: string, what: string): CoverageEntry => {
    const reason = `\`${lastOf(network)}\` is a RoCE network, which has regional policies of the type RDMA_ROCE_POLICY alone: this ${what} decides nothing there`;
    return { span, status: 'ignored', reason };
  };
  return [
    ...firewalls.flatMap(({ network, rule }) =>
      isRoce(network) ? [tell(rule.span, network, 'VPC firewall rule')] : [],
    ),
    ...policies.flatMap(({ policy, networks = [] }) =>
      policy.kind === 'region'
        ? []
        : networks.filter(isRoce).map((network) => tell(policy.span, network, 'policy')),
    ),
  ];
}
