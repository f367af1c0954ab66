import { badAddress, givenTwice, problemsOf } from '../exports/problems.ts';
import type { GroupMembers } from '../../rule/ruleset.ts';
import { type Diagnostic, type Result, success } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import type { AddressGroup, Firewall, GcpContent, GcpInterface, GcpNetwork } from './content.ts';
import { type Profile, profilesOf } from './profiles.ts';
import { canonicalNames, namedNetworks } from './network-names.ts';
import { undecided } from './trimmed-rules.ts';
import { type PlacedPolicy, policiesOf } from './policies.ts';

/** A project's exports, put together; networks are named as {@link networkOf} does, each in one way. */
export interface GcpModel {
  /** In the order of the exports; those of rules, of policies and of interfaces. */
  readonly networks: readonly string[];
  readonly firewalls: readonly Firewall[];
  readonly policies: readonly PlacedPolicy[];
  /** Networks whose policies are evaluated before VPC firewall rules. */
  readonly beforeClassic: ReadonlySet<string>;
  /** Networks that are no regular ones. */
  readonly profiles: ReadonlyMap<string, Profile>;
  /** The networks that were exported themselves: of these it is said which comes first. */
  readonly stated: ReadonlyMap<string, GcpNetwork>;
  readonly interfaces: readonly GcpInterface[];
  readonly hasInstances: boolean;
  /** Networks of address groups, by name. */
  readonly addressGroups: ReadonlyMap<string, GroupMembers>;
}

/** Puts the files of one project together. What is given twice must say the same. */
export function buildModel(contents: readonly GcpContent[]): Result<GcpModel> {
  const errors: Diagnostic[] = [];
  const all = <T>(pick: (content: GcpContent) => readonly T[]): T[] => contents.flatMap(pick);
  const written = namedNetworks(contents);
  const one = canonicalNames(
    written,
    all((c) => c.networks),
  );
  const firewalls = unique(
    all((c) => c.firewalls).map((firewall) => ({ ...firewall, network: one(firewall.network) })),
    ({ network, rule }) => `the firewall rule \`${network} ${rule.name}\``,
    ({ rule: { span: _, ...rule } }) => rule,
    ({ rule }) => rule.span,
    errors,
  );
  const known = [...new Set(written.map(one))];
  const networks = known.length > 0 ? known : ['default'];
  const stated = networksOf(
    all((c) => c.networks),
    one,
    errors,
  );
  errors.push(...undecided(firewalls, networks));
  const model: GcpModel = {
    networks,
    firewalls,
    policies: policiesOf(contents, networks, one, errors),
    beforeClassic: new Set(stated.filter((n) => n.beforeClassic).map(({ network }) => network)),
    profiles: profilesOf(contents, one),
    stated: new Map(stated.map((each) => [each.network, each])),
    interfaces: interfacesOf(
      all((c) => c.interfaces),
      one,
      errors,
    ),
    hasInstances: contents.some(({ hasInstances }) => hasInstances),
    addressGroups: addressGroupsOf(
      all((c) => c.addressGroups),
      errors,
    ),
  };
  return errors.length > 0 ? problemsOf(errors) : success(model);
}

function networksOf(
  stated: readonly GcpNetwork[],
  one: (name: string) => string,
  errors: Diagnostic[],
): GcpNetwork[] {
  return unique(
    stated.map((each) => ({ ...each, network: one(each.network) })),
    ({ network }) => `the network \`${network}\``,
    ({ beforeClassic, policy, profile }) => ({ beforeClassic, policy, profile }),
    ({ span }) => span,
    errors,
  );
}

function interfacesOf(
  interfaces: readonly GcpInterface[],
  one: (name: string) => string,
  errors: Diagnostic[],
): GcpInterface[] {
  for (const { addresses, aliases, span } of interfaces)
    for (const text of [...addresses, ...aliases])
      if (!new AddressGatherer().add(text)) errors.push(badAddress(text, span));
  return unique(
    interfaces.map((each) => ({ ...each, network: one(each.network) })),
    ({ instance, name }) => `the interface \`${name}\` of the instance \`${instance}\``,
    ({ span: _, ...rest }) => rest,
    ({ span }) => span,
    errors,
    // Names are those of a project’s zone.
    ({ id, zone, instance, name }) => [id, zone, instance, name].join(' '),
  );
}

/** Things by what messages call them; the same thing in two files once, and an error where the two differ. */
function unique<T>(
  items: readonly T[],
  called: (item: T) => string,
  plain: (item: T) => object,
  span: (item: T) => Span,
  errors: Diagnostic[],
  key = called,
): T[] {
  const found = new Map<string, T>();
  for (const item of items) {
    const before = found.get(key(item));
    if (before === undefined) found.set(key(item), item);
    else if (JSON.stringify(plain(before)) !== JSON.stringify(plain(item)))
      errors.push(givenTwice(called(item), span(item), span(before), 'project'));
  }
  return [...found.values()];
}

function addressGroupsOf(given: readonly AddressGroup[], errors: Diagnostic[]): Map<string, GroupMembers> {
  const groups = unique(
    given.flatMap(({ name, items, span }) => (items === undefined ? [] : [{ name, items, span }])),
    ({ name }) => `the address group \`${name}\``,
    ({ items }) => [...items].sort(),
    ({ span }) => span,
    errors,
  );
  const found = new Map<string, GroupMembers>();
  for (const { name, items, span } of groups) {
    const addresses = new AddressGatherer();
    for (const item of items) if (!addresses.add(item)) errors.push(badAddress(item, span));
    found.set(name, addresses.members);
  }
  return found;
}

/**
 * Whether instances of other projects are in the network: in a Shared VPC instances of service projects are, and each project's
 * export has its own. (https://cloud.google.com/vpc/docs/shared-vpc)
 */
export function isShared({ interfaces }: GcpModel, network: string): boolean {
  const [project, name] = network.split('/');
  return (
    name !== undefined &&
    interfaces.some((one) => one.network === network && one.project !== undefined && one.project !== project)
  );
}

/** The address group that a rule names by its path or by its URL. */
export function addressGroupOf(model: GcpModel, reference: string): GroupMembers | undefined {
  return model.addressGroups.get(addressGroupName(reference));
}

/** An address group's path: `projects/p/locations/global/addressGroups/office`. */
export function addressGroupName(reference: string): string {
  return /(?:projects|organizations)\/[^/]+\/locations\/.+$/.exec(reference)?.[0] ?? reference;
}
