import { whichGroups } from '../exports/problems.ts';
import type { CoverageEntry, GroupMembers } from '../../rule/ruleset.ts';
import { type Diagnostic, failure, type Result, success } from '../../text/diagnostic.ts';
import type { CloudPoint } from '../cloud.ts';
import type { CloudSelector } from '../../rule/cloud-selector.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import { carriedBesides } from '../exports/carried-besides.ts';
import { lackedBy } from '../exports/own-families.ts';
import { unknownName } from '../exports/unknown.ts';
import type { AwsModel } from './account.ts';
import type { Interface } from './interfaces.ts';
import { showsMembers } from './shown.ts';

/** What guards an address of a point: its groups, and its subnet's network ACL. */
export interface Placement {
  readonly groups: readonly string[];
  readonly subnet: string | undefined;
  readonly vpc: string | undefined;
  readonly addresses: GroupMembers;
  /** The families that it may have more addresses of. */
  readonly unsaid: readonly (4 | 6)[];
}

/** The account's own note of a point. */
export interface AwsPoint {
  /** One for each distinct set of groups and subnet; of a point that is no interface one without addresses. */
  readonly placements: readonly Placement[];
  /** The instances of its interfaces, as far as these say. */
  readonly machines: readonly (string | undefined)[];
  /** The family that all of its interfaces surely have no address of. */
  readonly lacks?: 4 | 6 | undefined;
  /** What of the host that is meant is taken for granted. */
  readonly notes?: readonly CoverageEntry[];
}

/** Whether an exported interface carries a group: else nothing says what guards what, and each group is judged by itself. */
export function isGuarded({ interfaces }: AwsModel): boolean {
  return interfaces.some(({ groups }) => groups.length > 0);
}

/**
 * One point for each distinct set of groups that an interface carries, and one for each group of which no interfaces were
 * given.
 */
export function pointsOf(model: AwsModel): CloudPoint[] {
  if (!isGuarded(model)) return [...model.groups.keys()].map((id) => pointOfGroups(model, [id]));
  const alone = [...model.groups.values()].filter((group) => !showsMembers(model, group));
  const sets = new Map<string, Interface[]>();
  for (const one of model.interfaces) {
    if (one.groups.length === 0) continue;
    const key = one.groups.join('+');
    const known = sets.get(key);
    if (known === undefined) sets.set(key, [one]);
    else known.push(one);
  }
  return [
    ...[...sets.values()].map((interfaces) => pointOfInterfaces(interfaces)),
    ...alone.filter(({ id }) => !sets.has(id)).map(({ id }) => pointOfGroups(model, [id])),
  ];
}

/** The point that a selector names. */
export function findPoint(model: AwsModel, selector: CloudSelector): Result<CloudPoint> {
  if (selector.instance !== undefined) return pointOfInstance(model, selector.instance, selector);
  const names = selector.securityGroups ?? selector.groups ?? [];
  if (names.length === 0) return failure(whichGroups('account’s groups', selector.span));
  const ids: string[] = [];
  const errors: Diagnostic[] = [];
  for (const name of names) {
    const found = groupIds(model, name);
    const id = found[0];
    if (id !== undefined && found.length === 1) ids.push(id);
    else errors.push(unknownName('security group', name, found, [...model.groups.values()], selector.span));
  }
  return errors.length > 0 ? failure(...errors) : success(pointOfGroups(model, [...new Set(ids)].sort()));
}

/** A name may be of groups of several networks; an id is of one, also of one that was not exported and that an interface carries. */
function groupIds(model: AwsModel, written: string): string[] {
  const name = withoutArn(written);
  if (model.groups.has(name) || model.members.has(name)) return [name];
  return [...model.groups.values()].filter((group) => group.name === name).map(({ id }) => id);
}

/** The id at the end of an ARN. (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html, resource types) */
export const withoutArn = (written: string): string =>
  written.replace(/^arn:[^:]*:ec2:[^:]*:\d*:(?:security-group|instance|network-interface)\//, '');

function pointOfGroups(model: AwsModel, ids: readonly string[]): CloudPoint {
  const key = ids.join('+');
  const carrying = model.interfaces.filter(({ groups }) => groups.join('+') === key);
  if (carrying.length > 0) return pointOfInterfaces(carrying);
  const origin = originOf(model, ids);
  const placement: Placement = {
    groups: ids,
    subnet: undefined,
    vpc: model.groups.get(ids[0] ?? '')?.vpc,
    addresses: { ipv4: [], ipv6: [] },
    unsaid: [],
  };
  const notes = carriedBesides(
    ids,
    model.interfaces.map(({ id: name, groups }) => ({ name, groups })),
    origin,
  );
  const content: AwsPoint = { placements: [placement], machines: [], notes };
  return { name: key, groups: ids, origin, content };
}

function originOf(model: AwsModel, ids: readonly string[]): CloudPoint['origin'] {
  const [exported] = ids.flatMap((id) => model.groups.get(id) ?? []);
  const described = exported ?? model.interfaces.find(({ groups }) => groups.includes(ids[0] ?? ''));
  return (described as Interface).span;
}

/** An instance, or one of the interfaces: those of load balancers and databases are of none. */
function pointOfInstance(model: AwsModel, written: string, selector: CloudSelector): Result<CloudPoint> {
  const instance = withoutArn(written);
  const own = model.interfaces.filter((one) => one.instance === instance || one.id === instance);
  if (own.length > 0) return success({ ...pointOfInterfaces(own), name: instance });
  const known = new Set(model.interfaces.flatMap((one) => one.instance ?? []));
  return failure(unknownName('instance or interface', written, [], [...known], selector.span));
}

function pointOfInterfaces(interfaces: readonly Interface[]): CloudPoint {
  const groups = [...new Set(interfaces.flatMap((one) => one.groups))].sort();
  const content: AwsPoint = {
    placements: placementsOf(interfaces),
    machines: interfaces.map(({ instance }) => instance),
    lacks: lackedBy(interfaces),
  };
  return { name: groups.join('+'), groups, origin: (interfaces[0] as Interface).span, content };
}

function placementsOf(interfaces: readonly Interface[]): Placement[] {
  const found = new Map<string, Interface[]>();
  for (const one of interfaces) {
    const key = `${one.groups.join('+')} ${one.subnet ?? ''}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, [one]);
    else known.push(one);
  }
  return [...found.values()].map((alike) => {
    const { groups, subnet, vpc } = alike[0] as Interface;
    const addresses = new AddressGatherer();
    for (const one of alike) addresses.addAll(one.addresses);
    const unsaid = [...new Set(alike.flatMap((one) => one.unsaid))].sort();
    return { groups, subnet, vpc, addresses: addresses.members, unsaid };
  });
}
