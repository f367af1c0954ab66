import { noRules, problemsOf } from '../exports/problems.ts';
import type { CloudFacts, GroupMembers } from '../../rule/ruleset.ts';
import { type Diagnostic, failure, type Result, success } from '../../text/diagnostic.ts';
import type { CloudAccount, CloudLayers, CloudPoint, CloudReader } from '../cloud.ts';
import type { CloudSelector } from '../../rule/cloud-selector.ts';
import { DIRECTIONS } from '../exports/chains.ts';
import { exportedAddresses } from './elsewhere.ts';
import { machinesAmong } from '../exports/one-machine.ts';
import { unknownName } from '../exports/unknown.ts';
import { carriedBesides } from '../exports/carried-besides.ts';
import type { ConfigPart } from '../reader.ts';
import { type AddressWorld, PLATFORM_ADDRESSES } from './addresses.ts';
import type { AzureContent, SecurityGroup } from './content.ts';
import { detachedOf, isDetached, platformNote, severalGroups, shownOneByOne } from './coverage.ts';
import { detectAzure } from './detect.ts';
import { interfacesOf, tagsOf } from './given.ts';
import { interfaceCoverage } from './interface-coverage.ts';
import { groupChain } from './lower.ts';
import { applicationMembers } from './members.ts';
import { groupsByName, isCalled, namedBy, tagNamesOf, withApplicationNames } from './names.ts';
import {
  type AzurePoint,
  groupsNotExported,
  guardedBy,
  interfacePoints,
  pointOfGroups,
  pointOfInstance,
} from './points.ts';
import { type Guarded, membersOfAll, partlyIn } from './own-groups.ts';
import { readExport } from './read.ts';
import { virtualNetworkNotes } from './virtual-network.ts';

/** Azure: network security groups, as `az`, ARM and Resource Graph have them, and Microsoft's service tags. */
export const azureReader: CloudReader = {
  provider: 'azure',
  formats: ['azure'],
  detect: detectAzure,
  read: (source) => readExport(source),
  account,
};

/** A subscription's groups by name, and the tags that were given. */
interface Model {
  readonly groups: ReadonlyMap<string, SecurityGroup>;
  readonly tags: ReadonlyMap<string, GroupMembers>;
  /** Names of the service tags that rules name, by themselves in lower case. */
  readonly tagNames: ReadonlyMap<string, string>;
  readonly applicationGroups: ReadonlySet<string>;
  /** Of application security groups. */
  readonly members: ReadonlyMap<string, GroupMembers>;
  /** Nothing says that they have other members. */
  readonly whole: boolean;
  /** Of these and of tags. */
  readonly resolved: ReadonlyMap<string, GroupMembers>;
  /** Names of application security groups by what a deployment may write for them, in lower case. */
  readonly written: ReadonlyMap<string, string>;
  readonly interfaces: readonly Guarded[];
}

function account(parts: readonly ConfigPart[]): Result<CloudAccount> {
  const contents = parts.map((part) => part.cloud?.content as AzureContent);
  const exported = contents.flatMap((content) => content.groups);
  if (exported.length === 0)
    return failure(noRules(parts, 'network security group', 'the output of `az network nsg list`'));
  const errors: Diagnostic[] = [];
  const given = interfacesOf(contents, errors);
  const called = groupsByName([...exported, ...groupsNotExported(exported, given)]);
  if (!called.ok) return called;
  const { groups, names, nameOf, written } = withApplicationNames(
    called.value,
    given.flatMap(({ applicationGroups }) => applicationGroups),
  );
  const all = [...groups.values()];
  const interfaces = guardedBy(all, given, nameOf, errors);
  const { members, whole, coverage } = applicationMembers(all, given, nameOf);
  const tags = tagsOf(contents, errors);
  const resolved = new Map([...tags, ...members]);
  const model: Model = {
    groups,
    tags,
    tagNames: tagNamesOf(all),
    applicationGroups: names,
    members,
    whole,
    resolved,
    written,
    interfaces,
  };
  if (errors.length > 0) return problemsOf(errors);
  const attached = all.filter((group) => !isDetached(group));
  const guarding = attached.length > 0 ? attached : all;
  // A group may guard what no list of interfaces has, such as those of a scale set.
  const seen = new Set(interfaces.flatMap((one) => one.groups));
  return success({
    provider: 'azure',
    points: [
      ...interfacePoints(interfaces),
      ...guarding.filter((group) => !seen.has(group)).map((group) => pointOf([group], {}, [])),
    ],
    find: (selector) => find(model, selector),
    enforce: (point) => enforce(model, point),
    coverage: [
      platformNote(parts),
      ...shownOneByOne(all),
      ...detachedOf(groups, new Set([...guarding, ...seen])),
      ...interfaceCoverage(interfaces, all),
      ...coverage,
    ],
  });
}

function pointOf(
  groups: readonly SecurityGroup[],
  selector: CloudSelector,
  interfaces: readonly Guarded[],
  own?: readonly string[],
): CloudPoint {
  const names = groups.map(({ name }) => name);
  const origin = (groups[0] as SecurityGroup).span;
  const guarded = interfaces.map(({ one, groups: all }) => ({
    name: one.name,
    groups: all.map(({ name }) => name),
  }));
  const content: AzurePoint = {
    groups,
    ordered: false,
    applicationGroups: own,
    ...(own === undefined ? {} : { partly: partlyIn(membersOfAll(interfaces, groups, own)) }),
    virtualNetwork: selector.virtualNetwork,
    own: undefined,
    notes: carriedBesides(names, guarded, origin),
  };
  return { name: names.join('+'), groups: [...names, ...(own ?? [])].sort(), origin, content };
}

/** What the rules call an application security group. One that no rule names is called as it is written. */
function applicationName(
  { applicationGroups, written: known }: Model,
  written: string,
  { span }: CloudSelector,
  errors: Diagnostic[],
): string {
  const named = known.get(written.toLowerCase());
  if (named !== undefined) return named;
  const found = [...applicationGroups].filter((name) => isCalled({ name, id: undefined }, written));
  if (found.length > 1) errors.push(unknownName('application security group', written, found, [], span));
  return found[0] ?? written;
}

/** The groups of a host; a packet's `groups` may name application security groups beside them. */
function find(model: Model, selector: CloudSelector): Result<CloudPoint> {
  if (selector.instance !== undefined && selector.networkSecurityGroups === undefined)
    return pointOfInstance(model.interfaces, selector);
  const all = [...model.groups.values()];
  const isApplication = (name: string): boolean =>
    (model.written.has(name.toLowerCase()) ||
      [...model.applicationGroups].some((one) => isCalled({ name: one, id: undefined }, name))) &&
    !all.some((group) => isCalled(group, name));
  const named = selector.networkSecurityGroups ?? selector.securityGroups ?? selector.groups ?? [];
  const errors: Diagnostic[] = [];
  const own = [...(selector.applicationSecurityGroups ?? []), ...named.filter(isApplication)].map((name) =>
    applicationName(model, name, selector, errors),
  );
  const wanted = named.filter((name) => !isApplication(name));
  const groups = wanted.flatMap((name) => {
    const found = all.filter((group) => isCalled(group, name));
    if (found.length !== 1)
      errors.push(
        unknownName(
          'network security group',
          name,
          found.map((one) => one.name),
          [...model.groups.keys()],
          selector.span,
        ),
      );
    return found;
  });
  if (errors.length > 0) return failure(...errors);
  const chosen = groups.length > 0 ? groups : all.length === 1 ? all : [];
  if (chosen.length === 0)
    return failure(
      unknownName('network security group', '(none named)', [], [...model.groups.keys()], selector.span),
    );
  const known =
    selector.applicationSecurityGroups !== undefined || (selector.groups !== undefined && own.length > 0);
  if (known) return success(pointOf(chosen, selector, model.interfaces, own));
  const exported =
    selector.groups === undefined ? pointOfGroups(model.interfaces, chosen, selector) : undefined;
  return success(exported ?? pointOf(chosen, selector, model.interfaces));
}

/** Inwards a subnet's group is met first, outwards an interface's; both must allow. */
function enforce(model: Model, point: CloudPoint): CloudLayers {
  const {
    groups,
    applicationGroups,
    partly = new Map(),
    virtualNetwork,
    ordered,
    own,
    forwards = true,
    machines = [],
    lacks,
    notes = [],
  } = point.content as AzurePoint;
  const world: AddressWorld = {
    tags: model.tags,
    tagNames: model.tagNames,
    members: model.members,
    whole: model.whole,
    virtualNetwork,
    ownGroups: applicationGroups === undefined ? undefined : new Set(applicationGroups),
    partly,
    symbolic: new Set(),
    coverage: [],
  };
  const outermost = ordered
    ? groups
    : [...groups].sort((a, b) => Number(atInterface(a)) - Number(atInterface(b)));
  const chains = DIRECTIONS.flatMap((direction) =>
    outermost.map((group, i) => groupChain(group, direction, i + 1, world)),
  );
  const symbolic = [...world.symbolic].sort();
  const facts: CloudFacts = {
    symbolic,
    publicGroups: symbolic.filter((name) => name === 'Internet'),
    machineGroups: symbolic.filter((name) => name === 'VirtualNetwork' || model.applicationGroups.has(name)),
    members: model.resolved,
    ...(model.whole ? {} : { hasOthers: (id: string) => model.applicationGroups.has(id) }),
    ids: model.written,
    shortened: (name) => model.written.get(name.toLowerCase()) ?? name,
    knows: (id) => (model.applicationGroups.has(id) ? 'machines' : undefined),
    namedBy: (id) => namedBy(model.applicationGroups.has(id), model.groups.has(id)),
    unfiltered: PLATFORM_ADDRESSES,
    groups: point.groups,
    ...(own === undefined ? {} : { own, ...machinesAmong(machines) }),
    ...(own === undefined || forwards ? {} : { elsewhere: () => exportedAddresses(model.interfaces) }),
  };
  return {
    chains,
    families: [4, 6],
    lacks,
    facts,
    coverage: [
      ...notes,
      ...world.coverage,
      ...(virtualNetwork === undefined ? virtualNetworkNotes(groups) : []),
      ...severalGroups(groups, symbolic),
    ],
  };
}

const atInterface = ({ subnets, interfaces }: SecurityGroup): boolean =>
  (interfaces?.length ?? 0) > 0 && (subnets?.length ?? 0) === 0;
