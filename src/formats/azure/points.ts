import type { CloudSelector } from '../../rule/cloud-selector.ts';
import type { CoverageEntry, GroupMembers } from '../../rule/ruleset.ts';
import { type Diagnostic, failure, placed, type Result, success } from '../../text/diagnostic.ts';
import type { CloudPoint } from '../cloud.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import { givenTwice } from '../exports/problems.ts';
import { lackedBy } from '../exports/own-families.ts';
import { unknownName } from '../exports/unknown.ts';
import { type Guarded, hasJust, partlyIn } from './own-groups.ts';
import { nameOfId, type NetworkInterface, type SecurityGroup } from './content.ts';
import { LINKED } from './interface-coverage.ts';

/** The account's own note of a point. */
export interface AzurePoint {
  /** Of an interface its subnet's group first; of a host that names them in any order. */
  readonly groups: readonly SecurityGroup[];
  readonly ordered: boolean;
  /** The instance's application security groups; undefined where nobody says. */
  readonly applicationGroups: readonly string[] | undefined;
  /** Of those that some of its addresses alone are in, these; undefined where the export does not say them all. */
  readonly partly?: ReadonlyMap<string, GroupMembers | undefined>;
  readonly virtualNetwork: GroupMembers | undefined;
  /** Undefined where no exported interface is meant. */
  readonly own: GroupMembers | undefined;
  /** Whether one of its interfaces may get what goes to other machines. */
  readonly forwards?: boolean;
  /** The machines of its interfaces, by their ids, as far as these say. */
  readonly machines?: readonly (string | undefined)[];
  /** The family that all of its interfaces surely have no address of. */
  readonly lacks?: 4 | 6 | undefined;
  /** What of the host that is meant is taken for granted. */
  readonly notes?: readonly CoverageEntry[];
}

const isSame = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && a.toLowerCase() === b?.toLowerCase();

/** Groups by what they are attached to, and by their own ids; ids in lower case. */
interface Attachments {
  readonly subnets: ReadonlyMap<string, readonly SecurityGroup[]>;
  readonly interfaces: ReadonlyMap<string, readonly SecurityGroup[]>;
  readonly own: ReadonlyMap<string, readonly SecurityGroup[]>;
}

function attachmentsOf(groups: readonly SecurityGroup[]): Attachments {
  const by = (ids: (group: SecurityGroup) => readonly string[]): Map<string, SecurityGroup[]> => {
    const found = new Map<string, SecurityGroup[]>();
    for (const group of groups)
      for (const id of ids(group)) {
        const list = found.get(id.toLowerCase());
        if (list === undefined) found.set(id.toLowerCase(), [group]);
        else list.push(group);
      }
    return found;
  };
  return {
    subnets: by(({ subnets }) => subnets ?? []),
    interfaces: by(({ interfaces }) => interfaces ?? []),
    own: by(({ id }) => (id === undefined ? [] : [id])),
  };
}

/**
 * What guards each interface: the group of its subnet, and its own.
 * (https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works)
 * @param nameOf gives an application security group's id its name
 * @param errors gets interfaces of which a group says that it guards them, and they say that another or none does
 */
export function guardedBy(
  groups: readonly SecurityGroup[],
  interfaces: readonly NetworkInterface[],
  nameOf: (id: string) => string,
  errors: Diagnostic[],
): Guarded[] {
  const attached = attachmentsOf(groups);
  return interfaces.map((one) => {
    const called = (id: string): readonly SecurityGroup[] => attached.own.get(id.toLowerCase()) ?? [];
    const subnets = [
      ...one.subnets.flatMap((id) => attached.subnets.get(id.toLowerCase()) ?? []),
      ...one.subnetGroups.flatMap(called),
    ];
    const own = called(one.group ?? '');
    const said = attached.interfaces.get(one.id.toLowerCase()) ?? [];
    const other = said.find((group) => !own.includes(group));
    if (other !== undefined)
      errors.push(
        givenTwice(`the group of the interface \`${one.name}\``, one.span, other.span, 'subscription'),
      );
    const isFiltered = one.link === 'none' || one.link === 'filtered';
    const all = isFiltered ? [...new Set([...subnets, ...own])] : [];
    return { one, groups: all, applicationGroups: one.applicationGroups.map(nameOf).sort(), nameOf };
  });
}

/** Groups that interfaces have and that were not exported: their rules may allow and deny anything. */
export function groupsNotExported(
  groups: readonly SecurityGroup[],
  interfaces: readonly NetworkInterface[],
): SecurityGroup[] {
  const found = new Map<string, SecurityGroup>();
  const exported = new Set(groups.map(({ id }) => id?.toLowerCase()));
  const named = interfaces.flatMap(({ group, subnetGroups, span }) =>
    [...subnetGroups, ...(group === undefined ? [] : [group])].map((id) => ({ id, span })),
  );
  for (const { id, span } of named) {
    if (exported.has(id.toLowerCase()) || found.has(id.toLowerCase())) continue;
    const name = nameOfId(id);
    found.set(id.toLowerCase(), {
      name,
      id,
      rules: [],
      unread: 'left out',
      isExported: false,
      subnets: undefined,
      interfaces: undefined,
      span: { ...span, label: `${name} (not exported)` },
    });
  }
  return [...found.values()];
}

/** One point for each distinct set of groups that guards an interface. */
export function interfacePoints(guarded: readonly Guarded[]): CloudPoint[] {
  const sets = new Map<string, Guarded[]>();
  for (const one of guarded) {
    if (one.groups.length === 0) continue;
    const known = sets.get(keyOf(one));
    if (known === undefined) sets.set(keyOf(one), [one]);
    else known.push(one);
  }
  return [...sets.values()].map((alike) => pointOfInterfaces(alike, {}));
}

/**
 * The point of interfaces that just these groups guard, where all of them are in the same application security groups.
 * @param guarded all that were exported
 */
export function pointOfGroups(
  guarded: readonly Guarded[],
  groups: readonly SecurityGroup[],
  selector: CloudSelector,
): CloudPoint | undefined {
  const alike = guarded.filter(({ groups: own }) => hasJust(own, groups));
  const [first] = alike;
  if (first === undefined || alike.some((each) => keyOf(each) !== keyOf(first))) return undefined;
  return pointOfInterfaces(alike, selector);
}

/** A name may be of several groups that were not exported; their ids tell them apart. */
const keyOf = ({ groups, applicationGroups }: Guarded): string =>
  JSON.stringify([groups.map(({ name, id }) => id ?? name), applicationGroups]);

function pointOfInterfaces(alike: readonly Guarded[], { virtualNetwork }: CloudSelector): CloudPoint {
  const { groups, applicationGroups, one } = alike[0] as Guarded;
  const own = new AddressGatherer();
  for (const each of alike) for (const address of each.one.addresses) own.add(address);
  const known = alike.every((each) => each.one.addresses.length > 0);
  const names = [...groups.map(({ name }) => name), ...applicationGroups];
  const content: AzurePoint = {
    groups,
    ordered: true,
    applicationGroups,
    partly: partlyIn(alike),
    virtualNetwork,
    own: known ? own.members : undefined,
    forwards: alike.some((each) => each.one.forwards !== false),
    machines: alike.map((each) => each.one.machineId),
    lacks: lackedBy(alike.map(({ one: { lacks } }) => ({ lacks }))),
  };
  return { name: names.join('+'), groups: [...names].sort(), origin: one.span, content };
}

/** The point of an interface, or of a machine whose interfaces are all guarded alike, by name or id. */
export function pointOfInstance(guarded: readonly Guarded[], selector: CloudSelector): Result<CloudPoint> {
  const { instance = '', span } = selector;
  const own = guarded.filter(({ one }) =>
    [one.machine, one.machineId, one.name, one.id].some((name) => isSame(name, instance)),
  );
  const known = [...new Set(guarded.map(({ one }) => one.machine ?? one.name))];
  const [first] = own;
  if (first === undefined) return failure(unknownName('machine or interface', instance, [], known, span));
  const meant = [...new Set(own.map(({ one }) => idOfNamed(one, instance)))];
  if (meant.length > 1) return failure(unknownName('machine or interface', instance, meant, known, span));
  if (own.some((each) => keyOf(each) !== keyOf(first)))
    return failure(placed(severalInterfaces(instance, own), span));
  if (first.groups.length === 0) return failure(placed(unguarded(first.one), span));
  return success({ ...pointOfInterfaces(own, selector), name: instance });
}

/** The id of what a name or an id means, as a name is unique in its resource group only: the interface's machine, or the interface. */
function idOfNamed({ machine, machineId = '', id }: NetworkInterface, instance: string): string {
  return isSame(machine, instance) || isSame(machineId, instance) ? machineId : id.toLowerCase();
}

function severalInterfaces(instance: string, own: readonly Guarded[]): Diagnostic {
  return {
    severity: 'error',
    code: 'which-interface',
    message: `the interfaces of \`${instance}\` are guarded by different groups`,
    expected: `\`instance:\`, one of ${own.map(({ one }) => `\`${one.name}\``).join(', ')}`,
  };
}

function unguarded({ name, link }: NetworkInterface): Diagnostic {
  if (link !== 'none')
    return {
      severity: 'error',
      code: 'no-group',
      message: `the interface \`${name}\` is of a private link: ${LINKED[link]}`,
      expected:
        'an interface of a machine, or the subnet with `privateEndpointNetworkPolicies` in the export',
    };
  return {
    severity: 'error',
    code: 'no-group',
    message: `no exported network security group guards the interface \`${name}\` or its subnet`,
    expected: 'a group of its own or of its subnet (`az network nsg list` says which subnets have which)',
  };
}
