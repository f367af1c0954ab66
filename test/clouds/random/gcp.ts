import fc from 'fast-check';
import type { InputFile } from '../../../src/api.ts';
import { NETWORKS as EDGES } from './openstack.ts';
import type { Firewall, Instance, PolicyRule, Project } from '../brute/gcp.ts';

export const NETWORKS = [...EDGES, '169.254.0.0/16'];
export const NETWORKS6 = ['::/0', '2001:db8::/32', '2001:db8:0:1::5/128', 'fd20:ce::/64'];
export const TAGS = ['web', 'db', 'app'];
export const ACCOUNTS = ['a@shop.iam.gserviceaccount.com', 'b@shop.iam.gserviceaccount.com'];
export const PORTS = [0, 21, 22, 80, 443, 65535];
const path = (name: string): string => `projects/shop/locations/global/addressGroups/${name}`;
const GIVEN = path('given');
export const NOT_GIVEN = path('not-given');
const URL = 'https://www.googleapis.com/compute/v1/projects/shop/global/networks/';

const some = <T>(of: readonly T[], maxLength = 2): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fc.constantFrom(...of), { maxLength });
/** A field that is absent where the list is empty, as the API leaves it out. */
const listed = <K extends string, T>(key: K, values: readonly T[]): Partial<Record<K, readonly T[]>> =>
  (values.length === 0 ? {} : { [key]: values }) as Partial<Record<K, readonly T[]>>;
/** One family in a rule, as the API demands it. */
const ranges = fc.oneof(some(NETWORKS), fc.constant(['0.0.0.0/0']), some(NETWORKS6));

const ports = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom(...PORTS), fc.constantFrom(...PORTS))
    .map(([a, b]) => (a === b ? String(a) : `${Math.min(a, b)}-${Math.max(a, b)}`)),
  { maxLength: 2 },
);
const layer4 = fc.oneof(
  fc
    .constantFrom('all', 'all', 'icmp', '58', '47', 'esp', 'ipip')
    .map((protocol) => ({ protocol, ports: [] as string[] })),
  fc.record({ protocol: fc.constantFrom('tcp', 'udp', '6'), ports }),
  fc.record({ protocol: fc.constantFrom('tcp', 'udp', '6'), ports }),
);
const traffic = fc.array(layer4, { minLength: 1, maxLength: 2 });
const direction = fc.constantFrom('INGRESS' as const, 'INGRESS' as const, 'EGRESS' as const);
const disabled = fc.nat(5).map((n) => n === 0);

const firewall: fc.Arbitrary<Firewall> = fc
  .record({
    // Few priorities, so that rules of one priority meet.
    priority: fc.constantFrom(1, 1, 1, 0, 2),
    direction,
    disabled,
    deny: fc.boolean(),
    traffic,
    peer: ranges,
    own: fc.constantFrom([], [], ['10.0.0.0/28'], ['2001:db8::/32']),
    names: fc.oneof(some(TAGS), some(ACCOUNTS)),
    targets: fc.oneof(fc.constant([]), some(TAGS), some(ACCOUNTS)),
  })
  .map(({ deny, traffic: of, peer, own, names, targets, ...rest }) => {
    const list = of.map((one) => ({ IPProtocol: one.protocol, ...listed('ports', one.ports) }));
    const tags = (all: readonly string[]): string[] => all.filter((name) => !name.includes('@'));
    const accounts = (all: readonly string[]): string[] => all.filter((name) => name.includes('@'));
    // The page says of which family a rule is that names its own addresses and no peer; here it always names both.
    const peers = own.length > 0 && peer.length + names.length === 0 ? ['0.0.0.0/0'] : peer;
    const inbound = rest.direction === 'INGRESS';
    return {
      ...rest,
      ...(deny ? { denied: list } : { allowed: list }),
      ...(inbound ? listed('sourceRanges', peers) : listed('destinationRanges', peer)),
      ...(inbound ? listed('destinationRanges', own) : {}),
      ...(inbound ? listed('sourceTags', tags(names)) : {}),
      ...(inbound ? listed('sourceServiceAccounts', accounts(names)) : {}),
      ...listed('targetTags', tags(targets)),
      ...listed('targetServiceAccounts', accounts(targets)),
    };
  });

function opposite({ allowed, denied, ...rest }: Firewall): Firewall {
  return allowed === undefined ? { ...rest, allowed: denied ?? [] } : { ...rest, denied: allowed };
}

const policyRule: fc.Arbitrary<PolicyRule> = fc
  .record({
    priority: fc.integer({ min: 0, max: 50 }),
    direction,
    disabled,
    action: fc.constantFrom('allow' as const, 'deny' as const, 'goto_next' as const),
    traffic,
    peer: ranges,
    groups: some([GIVEN, NOT_GIVEN], 1),
    targets: fc.oneof(fc.constant([]), fc.constant([]), some(ACCOUNTS)),
  })
  .map(({ traffic: of, peer, groups, targets, ...rest }) => {
    const inbound = rest.direction === 'INGRESS';
    return {
      ...rest,
      match: {
        layer4Configs: of.map((one) => ({ ipProtocol: one.protocol, ...listed('ports', one.ports) })),
        ...(inbound ? listed('srcIpRanges', peer) : listed('destIpRanges', peer)),
        ...(inbound ? listed('srcAddressGroups', groups) : listed('destAddressGroups', groups)),
      },
      ...listed('targetServiceAccounts', targets),
    };
  });
const policy = fc.uniqueArray(policyRule, { maxLength: 3, selector: ({ priority }) => priority });

const ADDRESSES = ['10.0.0.5', '10.0.0.6', '203.0.113.7'];
const instances: fc.Arbitrary<Instance[]> = fc.tuple(
  ...ADDRESSES.map((address) =>
    fc.record({ address: fc.constant(address), tags: some(TAGS), account: fc.constantFrom(...ACCOUNTS) }),
  ),
);

const associationPriority = fc.constantFrom(undefined, 1, 1000, 2000);

export const project: fc.Arbitrary<Project> = fc.record({
  // The opposite of the first rule stands last: of the two of one priority the one that denies wins.
  firewalls: fc
    .tuple(fc.array(firewall, { minLength: 2, maxLength: 7 }), fc.boolean())
    .map(([rules, twin]) => (twin ? [...rules, opposite(rules[0] as Firewall)] : rules)),
  hierarchy: fc.tuple(policy, policy),
  network: fc
    .tuple(
      fc.tuple(policy, associationPriority),
      fc.tuple(policy, associationPriority),
      fc.shuffledSubarray(['a', 'b'], { minLength: 2 }),
    )
    .map(([[one, first], [two, second], names]) => [
      { association: names[0] as string, priority: first, rules: one },
      { association: names[1] as string, priority: second, rules: two },
    ]),
  before: fc.boolean(),
  instances: fc.option(instances, { nil: undefined, freq: 2 }),
  addressGroups: some([...NETWORKS, ...NETWORKS6], 3).map((items) => ({ [GIVEN]: items })),
});

/** The project as the `gcloud` commands print it. */
export function exportsOf({
  firewalls,
  hierarchy,
  network,
  before,
  instances: vms,
  addressGroups,
}: Project): InputFile[] {
  const file = (name: string, value: unknown): InputFile => ({
    path: name,
    bytes: Buffer.from(JSON.stringify(value)),
  });
  const kind = 'compute#firewallPolicy';
  const printed = (rules: readonly PolicyRule[]): object[] =>
    rules.map((rule) => ({ kind: 'compute#firewallPolicyRule', ...rule }));
  const attached = (attachmentTarget: string) => [{ name: 'x', attachmentTarget }];
  const other = {
    kind: 'compute#firewall',
    name: 'other',
    network: `${URL}other`,
    allowed: [{ IPProtocol: 'esp' }],
    direction: 'INGRESS',
  };
  const [org = [], folder = []] = hierarchy;
  return [
    file('rules.json', [
      ...firewalls.map((rule, i) => ({
        kind: 'compute#firewall',
        name: `rule-${i}`,
        network: `${URL}default`,
        ...rule,
      })),
      other,
    ]),
    file('policies.json', [
      { kind, name: '2', rules: printed(folder), associations: attached('folders/7') },
      { kind, name: '1', rules: printed(org), associations: attached('organizations/1') },
      ...network.map(({ association, priority, rules }, i) => ({
        kind,
        name: `net-${i}`,
        rules: printed(rules),
        associations: [
          {
            name: association,
            attachmentTarget: `${URL}default`,
            ...(priority === undefined ? {} : { priority }),
          },
          { name: association, attachmentTarget: `${URL}other`, priority: 3000 - (priority ?? 0) },
        ],
      })),
    ]),
    file('network.json', {
      kind: 'compute#network',
      name: 'default',
      selfLink: `${URL}default`,
      networkFirewallPolicyEnforcementOrder: `${before ? 'BEFORE' : 'AFTER'}_CLASSIC_FIREWALL`,
    }),
    file(
      'groups.json',
      Object.entries(addressGroups).map(([name, items]) => ({ name, items })),
    ),
    ...(vms === undefined ? [] : [file('instances.json', vms.map(instanceOf))]),
  ];
}

const instanceOf = ({ address, tags, account }: Instance, i: number): object => ({
  kind: 'compute#instance',
  name: `vm-${i}`,
  tags: { items: tags },
  serviceAccounts: [{ email: account }],
  networkInterfaces: [{ network: `${URL}default`, networkIP: address }],
});

/** Who is asked about: what each instance carries; else each target of a rule, and who carries none. */
export function places({
  firewalls,
  hierarchy,
  network,
  instances: vms,
}: Project): { carried: string[]; own: string }[] {
  if (vms !== undefined)
    return vms.map(({ tags, account, address }) => ({ carried: [...tags, account], own: address }));
  const rules = [...hierarchy.flat(), ...network.flatMap((one) => one.rules)];
  const targets = [
    ...firewalls.map((rule) => [...(rule.targetTags ?? []), ...(rule.targetServiceAccounts ?? [])]),
    ...rules.map((rule) => [...(rule.targetServiceAccounts ?? [])]),
  ];
  const single = [...new Set(targets.flat())].map((one) => [one]);
  const bare = targets.some((one) => one.length === 0) || single.length === 0 ? [[]] : [];
  return [...single, ...bare].flatMap((carried) =>
    ['10.0.0.5', '2001:db8:0:1::5'].map((own) => ({ carried, own })),
  );
}
