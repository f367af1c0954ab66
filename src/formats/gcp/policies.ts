import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import { givenTwice } from '../exports/problems.ts';
import { type GcpContent, type GcpNetwork, type GcpRule, lastOf, networkOf, type Policy } from './content.ts';

/** A policy and the networks that it is in force in; undefined: in all of them (it is of a folder or an organization). */
export interface PlacedPolicy {
  readonly policy: Policy;
  readonly networks: readonly string[] | undefined;
  /** Its order among policies of its kind, by network; of a hierarchical policy one for all of them. */
  readonly orders: ReadonlyMap<string, Order>;
}

/** Where a policy stands among those of its kind: the lesser priority first, and of one priority by the name. */
export interface Order {
  readonly priority: number;
  readonly name: string;
}

/** "The default value is 1000." (https://cloud.google.com/compute/docs/reference/rest/v1/firewallPolicies, associations[]) */
const PRIORITY = 1000;
/** Under this name stands the order of a policy that is in force in every network. */
const EVERYWHERE = '';

/** The order of a policy in a network, which may be known by several names. */
export function orderOf({ orders }: PlacedPolicy, names: readonly string[]): Order {
  const found = [...names, EVERYWHERE].flatMap((name) => orders.get(name) ?? []);
  return found[0] ?? { priority: PRIORITY, name: '' };
}

/** Compares by priority, then by name: "lexicographical order on association names is applied". */
export function compareOrders(a: Order, b: Order): number {
  return a.priority - b.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/**
 * Policies by how they are in force; one that is attached to nothing and of no answer is not among them.
 * @param networks all networks of the exports
 * @param one gives a network the name that it has in the model
 * @param errors gets policies that stand twice and differ
 */
export function policiesOf(
  contents: readonly GcpContent[],
  networks: readonly string[],
  one: (name: string) => string,
  errors: Diagnostic[],
): PlacedPolicy[] {
  const policies = contents.flatMap((content) => content.policies);
  const placed = [
    ...effectivePolicies(contents, networks, one, policies),
    ...policies.filter(({ attached }) => attached.length > 0).map((policy, i) => described(policy, i, one)),
  ];
  const stated = contents.flatMap((content) => content.networks);
  const all = [...placed, ...stated.flatMap((network) => namedByNetwork(network, placed, policies, one))];
  const canonical = all.map((each) => ({
    ...each,
    policy: { ...each.policy, rules: each.policy.rules.map((rule) => withNetworks(rule, one)) },
  }));
  // An answer tells more than a description: that the policy is in force, and in which order.
  const read = new Set(canonical.filter(({ policy }) => !policy.unread).map(keyOf));
  return distinct(
    canonical.filter((each) => !each.policy.unread || !read.has(keyOf(each))),
    networks,
    errors,
  );
}

const keyOf = ({ policy }: PlacedPolicy): string => `${policy.kind} ${policy.region ?? ''} ${policy.name}`;

function effectivePolicies(
  contents: readonly GcpContent[],
  networks: readonly string[],
  one: (name: string) => string,
  policies: readonly Policy[],
): PlacedPolicy[] {
  return contents.flatMap((content) =>
    content.effective.flatMap((answer) => {
      const own = answer.networks.length > 0 ? answer.networks.map(one) : networks;
      return answer.policies.map((policy, i): PlacedPolicy => {
        const known = policy.kind === 'region' ? describedAs(policy, own, one, policies) : undefined;
        const said = known?.attached.find(({ target }) => own.includes(one(networkOf(target))))?.priority;
        const order = {
          priority: policy.attached[0]?.priority ?? said ?? PRIORITY,
          name: String(i).padStart(ANSWERED, '0'),
        };
        return {
          policy: known === undefined ? policy : { ...policy, region: known.region },
          networks: own,
          orders: new Map(own.map((network) => [network, order])),
        };
      });
    }),
  );
}

/**
 * An answer does not say of which region it is; a description of the policy does. Of several regions' policies of one name it is the
 * one that says the same; where none does, the one that the answer then is an error with.
 */
function describedAs(
  policy: Policy,
  networks: readonly string[],
  one: (name: string) => string,
  policies: readonly Policy[],
): Policy | undefined {
  const known = policies.filter(
    ({ kind, name, attached }) =>
      kind === 'region' &&
      name === policy.name &&
      attached.some(({ target }) => networks.includes(one(networkOf(target)))),
  );
  return (
    known.find((each) => rulesText(each) === rulesText(policy)) ??
    known.find(({ unread }) => unread) ??
    known[0]
  );
}

const rulesText = ({ rules }: Policy): string => JSON.stringify(rules.map(({ span: _, ...rule }) => rule));

/** Digits of a policy's number in an answer, so that they sort as numbers do. */
const ANSWERED = 9;

function described(policy: Policy, i: number, one: (name: string) => string): PlacedPolicy {
  const name = String(i).padStart(ANSWERED, '0');
  if (policy.kind === 'hierarchy')
    return {
      policy,
      networks: undefined,
      orders: new Map([[EVERYWHERE, { priority: depthOf(policy), name }]]),
    };
  const orders = policy.attached.map(
    (to) => [one(networkOf(to.target)), { priority: to.priority ?? PRIORITY, name: to.name }] as const,
  );
  return { policy, networks: orders.map(([network]) => network), orders: new Map(orders) };
}

/** The organization's policies come before those of folders. */
function depthOf({ attached }: Policy): number {
  return attached.some(({ target }) => target.includes('organizations/')) ? 0 : 1;
}

/**
 * The policy that only the network says is associated with it. One that no export has may decide anything.
 * (https://cloud.google.com/compute/docs/reference/rest/v1/networks, firewallPolicy)
 */
function namedByNetwork(
  { network: written, policy: url, span }: GcpNetwork,
  placed: readonly PlacedPolicy[],
  policies: readonly Policy[],
  one: (name: string) => string,
): PlacedPolicy[] {
  if (url === undefined) return [];
  const network = one(written);
  const called = lastOf(url);
  const isCalled = ({ kind, name, id }: Policy): boolean => kind === 'network' && [name, id].includes(called);
  // An answer to get-effective-firewalls has the policies of the network, by name or by number.
  const isInForce = placed.some(
    ({ networks, policy }) =>
      networks?.includes(network) && (isCalled(policy) || (policy.effective && policy.kind === 'network')),
  );
  if (isInForce) return [];
  const known = policies.find((policy) => isCalled(policy));
  const missing: Policy = {
    name: called,
    id: undefined,
    title: called,
    kind: 'network',
    region: undefined,
    policyType: undefined,
    attached: [],
    effective: false,
    rules: [],
    unread: true,
    span: { ...span, label: `policy ${called}` },
  };
  const order = { priority: PRIORITY, name: '' };
  return [{ policy: known ?? missing, networks: [network], orders: new Map([[network, order]]) }];
}

function withNetworks(rule: GcpRule, one: (name: string) => string): GcpRule {
  return { ...rule, targets: { ...rule.targets, networks: rule.targets.networks.map(one) } };
}

/** Policies once each; of those that stand twice alike, in the networks of both. */
function distinct(
  policies: readonly PlacedPolicy[],
  networks: readonly string[],
  errors: Diagnostic[],
): PlacedPolicy[] {
  const found = new Map<string, PlacedPolicy>();
  for (const each of policies) {
    const key = keyOf(each);
    const before = found.get(key);
    found.set(key, before === undefined ? each : inBoth(before, each, networks));
    if (before !== undefined && rulesText(before.policy) !== rulesText(each.policy))
      errors.push(twice(key, each.policy.span, before.policy.span));
  }
  return [...found.values()];
}

function inBoth(a: PlacedPolicy, b: PlacedPolicy, all: readonly string[]): PlacedPolicy {
  const orders = new Map([...b.orders, ...a.orders]);
  const answered = a.networks ?? all;
  // What answers say of every network needs no description to be known.
  if (b.networks === undefined)
    return { ...a, networks: all.every((one) => answered.includes(one)) ? a.networks : undefined, orders };
  return { ...a, networks: a.networks && [...new Set([...a.networks, ...b.networks])], orders };
}

const twice = (key: string, span: Span, before: Span): Diagnostic =>
  givenTwice(`the firewall policy \`${key.trim()}\``, span, before, 'project');
