import type { GcpRule } from './content.ts';
import type { GcpModel, PlacedPolicy } from './model.ts';

/** One step of the evaluation: the VPC firewall rules of the network, or one policy. */
export type Section =
  | { readonly kind: 'classic'; readonly rules: readonly GcpRule[] }
  | { readonly kind: 'policy'; readonly placed: PlacedPolicy; readonly rules: readonly GcpRule[] };

/**
 * What is evaluated in a network, in its order: hierarchical policies (the organization's, then those of folders), system
 * policies, then VPC firewall rules, global and regional network policies, or these before VPC firewall rules where the
 * network says so. (https://cloud.google.com/firewall/docs/firewall-policies-rule-eval-order)
 */
export function sectionsOf(model: GcpModel, network: string): Section[] {
  const own = model.policies.filter(({ networks }) => networks === undefined || networks.includes(network));
  const of = (kind: string): Section[] =>
    own
      .filter(({ policy }) => policy.kind === kind)
      .sort((a, b) => a.order - b.order)
      .map((placed) => ({
        kind: 'policy',
        placed,
        rules: placed.policy.rules.filter((rule) => isFor(rule, network)),
      }));
  const classic: Section = { kind: 'classic', rules: classicRules(model, network) };
  const policies = [...of('network'), ...of('region')];
  const first = [...of('hierarchy'), ...of('system')];
  return model.beforeClassic.has(network)
    ? [...first, ...policies, classic]
    : [...first, classic, ...policies];
}

/** Rules of a hierarchical policy may be for some networks only. */
function isFor({ targets }: GcpRule, network: string): boolean {
  return targets.networks.length === 0 || targets.networks.includes(network);
}

/**
 * By priority, the least first; among rules of one priority those that deny.
 * (https://cloud.google.com/firewall/docs/firewalls#priority_order_for_firewall_rules)
 */
function classicRules({ firewalls }: GcpModel, network: string): GcpRule[] {
  const deniesFirst = ({ action }: GcpRule): number => (action === 'deny' ? 0 : 1);
  return firewalls
    .filter((one) => one.network === network)
    .map(({ rule }) => rule)
    .sort((a, b) => a.priority - b.priority || deniesFirst(a) - deniesFirst(b));
}

/** Every rule of a network, whatever it is part of. */
export function rulesOf(model: GcpModel, network: string): GcpRule[] {
  return sectionsOf(model, network).flatMap(({ rules }) => rules);
}
