import { noRules } from '../exports/problems.ts';
import { type CloudFacts, type CoverageEntry, GROUP_KEYS, type GroupMembers } from '../../rule/ruleset.ts';
import { failure, type Result, success } from '../../text/diagnostic.ts';
import type { CloudAccount, CloudReader } from '../cloud.ts';
import type { ConfigPart } from '../reader.ts';
import { type AwsModel, buildModel } from './account.ts';
import type { Interface } from './interfaces.ts';
import type { AwsContent } from './content.ts';
import { detectAws } from './detect.ts';
import { enforce } from './enforce.ts';
import { type Peer, referenceName } from './permissions.ts';
import { findPoint, isGuarded, pointsOf, withoutArn } from './points.ts';
import { readExport } from './read.ts';
import { isOfShown, isOfShownRegion, partlyShown, showsAll, showsMembers } from './shown.ts';

/** AWS: security groups, network ACLs and what they refer to, as the `aws ec2` commands print them. */
export const awsReader: CloudReader = {
  provider: 'aws',
  formats: ['aws'],
  detect: detectAws,
  read: (source) => readExport(source),
  account,
};

function account(parts: readonly ConfigPart[]): Result<CloudAccount> {
  const built = buildModel(parts.map((part) => part.cloud?.content as AwsContent));
  if (!built.ok) return built;
  const model = built.value;
  if (model.groups.size === 0)
    return failure(noRules(parts, 'security group', 'the output of `aws ec2 describe-security-groups`'));
  const shared: Pick<CloudFacts, 'members' | 'hasOthers' | 'ids' | 'namedBy' | 'shortened' | 'knows'> = {
    knows: knowsOf(model),
    namedBy,
    members: new Map([...shownMembers(model), ...model.lists]),
    hasOthers: (id) =>
      model.unsaid.has(id) ||
      (!model.lists.has(id) && !showsAll(model, model.groups.get(id) ?? NOT_EXPORTED)),
    ids: uniqueNames(model),
    shortened: withoutArn,
  };
  return success({
    provider: 'aws',
    points: pointsOf(model),
    find: (selector) => findPoint(model, selector),
    enforce: (point) => enforce(model, point, shared),
    coverage: unseen(model, parts),
  });
}

/** Tags of resources name no group, and a prefix list is known by its id. */
const namedBy: CloudFacts['namedBy'] = (id) => (id.startsWith('pl-') ? GROUP_KEYS : ['securityGroups']);

/** Of a group that was not exported nobody knows whose it is. */
const NOT_EXPORTED = { owner: undefined, vpc: undefined, region: undefined };

/** Members of groups, as far as the exports show them. */
function shownMembers(model: AwsModel): [string, GroupMembers][] {
  const { groups, hasInterfaces, members } = model;
  if (!hasInterfaces) return [];
  return [...members].filter(([id]) => {
    const group = groups.get(id);
    return group === undefined || showsMembers(model, group);
  });
}

/** An id, which no name of a group begins like: a group of another account too has one. (API_CreateSecurityGroup, GroupName) */
const GROUP_ID = /^sg-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

/** The exported groups, and what their rules name. An account has many rules: they are looked through when somebody asks. */
function knowsOf({ groups }: AwsModel): NonNullable<CloudFacts['knows']> {
  let named: ReadonlySet<string> | undefined;
  return (id) => {
    named ??= new Set(
      [...groups.values()].flatMap(({ permissions }) =>
        permissions.flatMap(({ peer }) => nameOf(peer) ?? []),
      ),
    );
    if (!groups.has(id) && !named.has(id) && !GROUP_ID.test(id)) return undefined;
    return id.startsWith('pl-') ? 'addresses' : 'machines';
  };
}

function nameOf(peer: Peer): string | undefined {
  if (peer.kind === 'group') return referenceName(peer.reference);
  return peer.kind === 'list' ? peer.id : undefined;
}

/** Ids by name; a name that groups of several networks or accounts have names none of them. */
function uniqueNames(model: AwsModel): Map<string, string> {
  const found = new Map<string, string>();
  const several = new Set<string>();
  for (const { id, name } of model.groups.values()) {
    if (name === undefined) continue;
    if (found.has(name)) several.add(name);
    found.set(name, id);
  }
  for (const name of several) found.delete(name);
  return found;
}

/** What the exports cannot show, told once for the account. */
function unseen(model: AwsModel, parts: readonly ConfigPart[]): CoverageEntry[] {
  const first = parts[0] as ConfigPart;
  const span = { file: first.source, start: 0, end: 0, label: 'the whole account' };
  const found: CoverageEntry[] = [];
  const tell = (reason: string): void => {
    found.push({ span, status: 'approximated', reason });
  };
  if (!model.hasInterfaces)
    tell(
      'no network interfaces were given: each group is judged by itself, unions of groups on one interface could not be seen, and members of groups are not known',
    );
  const partly = partlyReason(model);
  if (partly !== undefined) tell(partly);
  if (model.hasInterfaces && !isGuarded(model))
    tell('no exported interface carries a security group: each group is judged by itself');
  if (!model.hasAcls) tell('no network ACLs were given: what they close is not seen');
  else if (!model.hasInterfaces)
    tell(
      'network ACLs were given, and no interfaces: which subnet a group is in is not known, so they are not applied',
    );
  found.push(...peersLeftOut(model));
  if (!model.hasInterfaces) return found;
  return [...found, ...addressesUnsaid(model), ...uncarried(model), ...unguarded(model)];
}

/** Where load balancers and functions, which are in no export of instances, may carry groups besides. */
function partlyReason(model: AwsModel): string | undefined {
  const { hasInterfaces, hasAllInterfaces } = model;
  const places = partlyShown(model);
  if (!hasInterfaces || (hasAllInterfaces && places.length === 0)) return undefined;
  const of = places.length === 0 ? '' : ` of ${places.join(', ')}`;
  return `of the network interfaces${of} only those of instances were given: groups that none of these carries are judged by themselves, and members of groups beside these stay symbolic (\`describe-network-interfaces\` has those of load balancers, databases, functions and all others)`;
}

/** Rules of which a query kept some lists of peers: told once, at the first group. */
function peersLeftOut({ groups }: AwsModel): CoverageEntry[] {
  const [first, ...more] = [...groups.values()].filter(({ leftOut }) => leftOut.length > 0);
  if (first === undefined) return [];
  const names = `\`${first.id}\`${more.length === 0 ? '' : ` and ${more.length} more`}`;
  const lists = first.leftOut.map((name) => `\`${name}\``).join(' and no ');
  const reason = `the export has no ${lists} of rules of ${names}: they are taken to have no peers but those that it has`;
  return [{ span: first.span, status: 'approximated', reason }];
}

/** Interfaces of which a query left lists of addresses out: told once, at the first. */
function addressesUnsaid({ interfaces }: AwsModel): CoverageEntry[] {
  const guarded = interfaces.filter(({ groups, leftOut }) => groups.length > 0 && leftOut.length > 0);
  const unsaid = guarded.filter((one) => one.unsaid.length > 0);
  const taken = guarded.filter((one) => one.unsaid.length === 0);
  return [
    ...leftOutReason(unsaid, 'members of groups may have addresses beside those that it has'),
    ...leftOutReason(taken, 'they are taken to have no address but those that it has'),
  ];
}

function leftOutReason([first, ...more]: readonly Interface[], meaning: string): CoverageEntry[] {
  if (first === undefined) return [];
  const names = `\`${first.id}\`${more.length === 0 ? '' : ` and ${more.length} more`}`;
  const lists = first.leftOut.map((name) => `\`${name}\``).join(' and no ');
  const reason = `the export has no ${lists} of ${names}: ${meaning}`;
  return [{ span: first.span, status: 'approximated', reason }];
}

/** Groups that guard nothing, and those of which nobody can tell. */
function uncarried(model: AwsModel): CoverageEntry[] {
  const found: CoverageEntry[] = [];
  if (!isGuarded(model)) return found;
  const carried = new Set(model.interfaces.flatMap(({ groups }) => groups));
  const told = new Set<string>();
  for (const group of model.groups.values()) {
    const { id, owner = '', region = '', span } = group;
    const place = isOfShownRegion(model, group) ? `account ${owner}` : `region ${region}`;
    if (carried.has(id) || told.has(place)) continue;
    if (isOfShown(model, group) && !showsAll(model, group)) continue;
    if (showsMembers(model, group)) {
      const reason = 'no exported interface carries the group; it guards nothing';
      found.push({ span, status: 'ignored', reason });
      continue;
    }
    told.add(place);
    const reason = `no interfaces of the ${place} were given: each of its groups is judged by itself, and members of its groups are not known`;
    found.push({ span, status: 'approximated', reason });
  }
  return found;
}

/** Interfaces that no group guards: such as those of NAT gateways and some load balancers. */
function unguarded({ interfaces }: AwsModel): CoverageEntry[] {
  const reason = 'the interface carries no security group: none filters its traffic, and it is no host here';
  return interfaces
    .filter(({ groups }) => groups.length === 0)
    .map(({ span }) => ({ span, status: 'ignored', reason }));
}
