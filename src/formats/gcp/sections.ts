import { isSecureTag } from '../../rule/cloud-selector.ts';
import { kept } from '../../text/kept.ts';
import type { GcpRule } from './content.ts';
import type { GcpModel } from './model.ts';
import { ofPolicy } from './profiles.ts';
import { perhapsSame, sameProblem } from './network-names.ts';
import { compareOrders, orderOf, type PlacedPolicy } from './policies.ts';

/** One step of the evaluation: the VPC firewall rules of the network, or one policy. */
export type Section =
  | { readonly kind: 'classic'; readonly rules: readonly GcpRule[] }
  | { readonly kind: 'policy'; readonly placed: PlacedPolicy; readonly rules: readonly GcpRule[] };

/**
 * What is evaluated in a network, in its order: hierarchical policies (the organization's, then those of folders), system
 * policies, then VPC firewall rules, global and regional network policies, or these before VPC firewall rules where the
 * network says so. (https://cloud.google.com/firewall/docs/firewall-policies-rule-eval-order)
 */
export function sectionsOf(model: GcpModel, network: string): readonly Section[] {
  const known = SECTIONS.get(model) ?? new Map<string, readonly Section[]>();
  SECTIONS.set(model, known);
  const sections = known.get(network) ?? orderedSections(model, network);
  known.set(network, sections);
  return sections;
}

/** Sorted once for each network: a project has a point for each of its tags. */
const SECTIONS = new WeakMap<GcpModel, Map<string, readonly Section[]>>();

function orderedSections(model: GcpModel, network: string): Section[] {
  const profile = model.profiles.get(network);
  const all = [network, ...perhapsSame(network, model.networks, model.stated)];
  const isIn = (networks: readonly string[]): boolean => all.some((one) => networks.includes(one));
  const own = model.policies
    .filter(({ networks }) => networks === undefined || isIn(networks))
    .filter(({ policy }) => ofPolicy(policy.policyType) === undefined || profile !== undefined);
  const of = (kind: string): Section[] =>
    own
      .filter(({ policy }) => policy.kind === kind)
      .sort((a, b) => compareOrders(orderOf(a, all), orderOf(b, all)))
      .map((placed) => ({
        kind: 'policy',
        placed,
        rules: placed.policy.rules
          .filter(({ targets }) => targets.networks.length === 0 || isIn(targets.networks))
          .map((rule) => withDoubt(rule, placed.networks, network)),
      }));
  // "They don't support global network firewall policies, hierarchical firewall policies, or VPC firewall rules."
  if (profile === 'roce') return of('region');
  const classic: Section = { kind: 'classic', rules: classicRules(model, network, isIn) };
  const policies = [...of('network'), ...of('region')];
  const first = [...of('hierarchy'), ...of('system')];
  return model.beforeClassic.has(network)
    ? [...first, ...policies, classic]
    : [...first, classic, ...policies];
}

/** Rules of a hierarchical policy may be for some networks only; which of them is meant, a number may leave open. */
function withDoubt(rule: GcpRule, associated: readonly string[] | undefined, network: string): GcpRule {
  const [open] = [associated ?? [], rule.targets.networks].filter(
    (networks) => networks.length > 0 && !networks.includes(network),
  );
  return open === undefined ? rule : { ...rule, problem: rule.problem ?? sameProblem(network, open) };
}

/**
 * By priority, the least first; among rules of one priority those that deny.
 * (https://cloud.google.com/firewall/docs/firewalls#priority_order_for_firewall_rules)
 */
function classicRules(
  { firewalls }: GcpModel,
  network: string,
  isIn: (networks: readonly string[]) => boolean,
): GcpRule[] {
  const deniesFirst = ({ action }: GcpRule): number => (action === 'deny' ? 0 : 1);
  return firewalls
    .filter((one) => one.network === network || isIn([one.network]))
    .map((one) => withDoubt(one.rule, [one.network], network))
    .sort((a, b) => a.priority - b.priority || deniesFirst(a) - deniesFirst(b));
}

/** Numbers of a section's rules by what they are for; those for every instance under the empty name. */
const TARGETS = new WeakMap<Section, Map<string, number[]>>();

/** The rules of a section that are for an instance that carries these, in their order. */
export function rulesFor(section: Section, carried: Iterable<string>): GcpRule[] {
  const index = indexOf(section);
  const numbers = new Set(['', ...carried].flatMap((name) => index.get(name) ?? []));
  return [...numbers].sort((a, b) => a - b).map((number) => section.rules[number] as GcpRule);
}

/** The secure tags that rules of a section are for, each once: every point asks, and most rules are for other targets. */
export function secureTargetsIn(section: Section): readonly string[] {
  return kept(SECURE, section, () => [...indexOf(section).keys()].filter(isSecureTag));
}

const SECURE = new WeakMap<Section, readonly string[]>();

const indexOf = (section: Section): Map<string, number[]> => kept(TARGETS, section, () => targetsOf(section));

function targetsOf({ rules }: Section): Map<string, number[]> {
  const index = new Map<string, number[]>();
  for (const [number, { targets }] of rules.entries()) {
    const names = [...targets.tags, ...targets.accounts];
    for (const name of names.length === 0 ? [''] : names) {
      const list = index.get(name);
      if (list === undefined) index.set(name, [number]);
      else list.push(number);
    }
  }
  return index;
}

/** Every rule of a network, whatever it is part of. */
export function rulesOf(model: GcpModel, network: string): GcpRule[] {
  return sectionsOf(model, network).flatMap(({ rules }) => rules);
}
