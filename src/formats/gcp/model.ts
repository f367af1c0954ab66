import { givenTwice, problemsOf } from '../exports/problems.ts';
import type { GroupMembers } from '../../rule/ruleset.ts';
import { type Diagnostic, type Result, success } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import {
  type AddressGroup,
  type Firewall,
  type GcpContent,
  type GcpInterface,
  type GcpRule,
  networkOf,
  type Policy,
} from './content.ts';

/** A project's exports, put together; networks are named as {@link networkOf} does, each in one way. */
export interface GcpModel {
  /** In the order of the exports; those of rules, of policies and of interfaces. */
  readonly networks: readonly string[];
  readonly firewalls: readonly Firewall[];
  readonly policies: readonly PlacedPolicy[];
  /** Networks whose policies are evaluated before VPC firewall rules. */
  readonly beforeClassic: ReadonlySet<string>;
  /** Networks of which it is said which comes first. */
  readonly orderKnown: ReadonlySet<string>;
  readonly interfaces: readonly GcpInterface[];
  readonly hasInstances: boolean;
  /** Networks of address groups, by name. */
  readonly addressGroups: ReadonlyMap<string, GroupMembers>;
}

/** A policy and the networks that it is in force in; undefined: in all of them (it is of a folder or an organization). */
export interface PlacedPolicy {
  readonly policy: Policy;
  readonly networks: readonly string[] | undefined;
  /** Its order among policies of its kind. */
  readonly order: number;
}

/** Puts the files of one project together. What is given twice must say the same. */
export function buildModel(contents: readonly GcpContent[]): Result<GcpModel> {
  const errors: Diagnostic[] = [];
  const all = <T>(pick: (content: GcpContent) => readonly T[]): T[] => contents.flatMap(pick);
  const written = [
    ...all((c) => c.firewalls).map(({ network }) => network),
    ...all((c) => c.policies).flatMap(({ attached, rules }) => [
      ...attached.flatMap(({ target }) => (/\/networks\//.test(target) ? [networkOf(target)] : [])),
      ...rules.flatMap(({ targets }) => targets.networks),
    ]),
    ...all((c) => c.networks).map(({ network }) => network),
    ...all((c) => c.interfaces).map(({ network }) => network),
  ];
  const one = canonicalNames(written);
  const firewalls = unique(
    all((c) => c.firewalls).map(({ network, rule }) => ({ network: one(network), rule })),
    ({ network, rule }) => `${network} ${rule.name}`,
    ({ rule }) => [rule],
    ({ rule }) => rule.span,
    'the firewall rule',
    errors,
  );
  const known = [...new Set(written.map(one))];
  const networks = known.length > 0 ? known : ['default'];
  const stated = all((c) => c.networks).map((n) => ({ ...n, network: one(n.network) }));
  const model: GcpModel = {
    networks,
    firewalls,
    policies: policiesOf(contents, networks, one, errors),
    beforeClassic: new Set(stated.filter((n) => n.beforeClassic).map(({ network }) => network)),
    orderKnown: new Set(stated.map(({ network }) => network)),
    interfaces: all((c) => c.interfaces).map((i) => ({ ...i, network: one(i.network) })),
    hasInstances: contents.some(({ hasInstances }) => hasInstances),
    addressGroups: addressGroupsOf(
      all((c) => c.addressGroups),
      errors,
    ),
  };
  return errors.length > 0 ? problemsOf(errors) : success(model);
}

/** A network that is written by its name alone is the one with a project that has this name, where there is one. */
function canonicalNames(written: readonly string[]): (name: string) => string {
  const full = [...new Set(written.filter((name) => name.includes('/')))];
  return (name) => {
    if (name.includes('/')) return name;
    const found = full.filter((one) => one.endsWith(`/${name}`));
    return found.length === 1 ? (found[0] as string) : name;
  };
}

/** Policies by how they are in force; one that is attached to nothing and of no answer is not among them. */
function policiesOf(
  contents: readonly GcpContent[],
  networks: readonly string[],
  one: (name: string) => string,
  errors: Diagnostic[],
): PlacedPolicy[] {
  const effective = contents.flatMap((content) =>
    content.effective.flatMap((answer) => {
      const own = answer.networks.length > 0 ? answer.networks.map(one) : networks;
      return answer.policies.map((policy, order) => ({ policy, networks: own, order }));
    }),
  );
  const described = contents
    .flatMap(({ policies }) => policies)
    .filter(({ attached }) => attached.length > 0)
    .map((policy, order): PlacedPolicy => {
      if (policy.kind === 'hierarchy') return { policy, networks: undefined, order: depthOf(policy) + order };
      const own = policy.attached.map(({ target }) => one(networkOf(target)));
      return { policy, networks: own, order: policy.attached[0]?.priority ?? order };
    });
  const canonical = (placed: PlacedPolicy): PlacedPolicy => ({
    ...placed,
    policy: { ...placed.policy, rules: placed.policy.rules.map((rule) => withNetworks(rule, one)) },
  });
  // An answer tells more than a description: that the policy is in force, and in which order.
  const placed = [...effective, ...described].map(canonical);
  const key = ({ policy }: PlacedPolicy): string => `${policy.kind} ${policy.region ?? ''} ${policy.name}`;
  const read = new Set(placed.filter(({ policy }) => !policy.unread).map(key));
  return unique(
    placed.filter((one) => !one.policy.unread || !read.has(key(one))),
    key,
    ({ policy }) => policy.rules,
    ({ policy }) => policy.span,
    'the firewall policy',
    errors,
  );
}

function withNetworks(rule: GcpRule, one: (name: string) => string): GcpRule {
  return { ...rule, targets: { ...rule.targets, networks: rule.targets.networks.map(one) } };
}

const FOLDER = 1_000_000;

/** The organization's policies come before those of folders. */
function depthOf({ attached }: Policy): number {
  return attached.some(({ target }) => target.includes('organizations/')) ? 0 : FOLDER;
}

/** Things by key; the same thing in two files once, and an error where the two differ. */
function unique<T>(
  items: readonly T[],
  key: (item: T) => string,
  rules: (item: T) => readonly GcpRule[],
  span: (item: T) => Span,
  what: string,
  errors: Diagnostic[],
): T[] {
  const plain = (item: T): string => JSON.stringify(rules(item).map(({ span: _, ...rule }) => rule));
  const found = new Map<string, T>();
  for (const item of items) {
    const before = found.get(key(item));
    if (before === undefined) found.set(key(item), item);
    else if (plain(before) !== plain(item))
      errors.push(givenTwice(`${what} \`${key(item).trim()}\``, span(item), span(before), 'project'));
  }
  return [...found.values()];
}

function addressGroupsOf(groups: readonly AddressGroup[], errors: Diagnostic[]): Map<string, GroupMembers> {
  const found = new Map<string, GroupMembers>();
  for (const { name, items, span } of groups) {
    const addresses = new AddressGatherer();
    for (const item of items)
      if (!addresses.add(item))
        errors.push({
          severity: 'error',
          code: 'invalid-address',
          message: `\`${item}\` of the address group is no address`,
          span,
          expected: 'an address, or a network in CIDR notation',
        });
    found.set(name, addresses.members);
  }
  return found;
}

/** The address group that a rule names by its path or by its URL. */
export function addressGroupOf(model: GcpModel, reference: string): GroupMembers | undefined {
  return model.addressGroups.get(addressGroupName(reference));
}

/** An address group's path: `projects/p/locations/global/addressGroups/office`. */
export function addressGroupName(reference: string): string {
  return /(?:projects|organizations)\/[^/]+\/locations\/.+$/.exec(reference)?.[0] ?? reference;
}
