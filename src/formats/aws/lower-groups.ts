import { unknownProblem } from '../exports/unknown-conditions.ts';
import { unread } from '../exports/unread.ts';
import { allOf, ALWAYS, anyOf, type Condition } from '../../rule/condition.ts';
import type { CoverageEntry, Rule } from '../../rule/ruleset.ts';
import { AddressGatherer, addressIs, EVERYBODY } from '../exports/addresses.ts';
import { type Direction, peerField, verdictRule } from '../exports/chains.ts';
import type { AwsModel } from './account.ts';
import type { Interface } from './interfaces.ts';
import { showsAll, showsMembers } from './shown.ts';
import type { GroupReference } from './content.ts';
import type { Group } from './groups.ts';
import { type Permission, referenceName, spanOf } from './permissions.ts';
import { trafficOf } from './traffic.ts';

/** What lowering rules gathers beside them. */
export interface Gathered {
  /** Groups and prefix lists whose members nobody gave. */
  readonly symbolic: Set<string>;
  readonly coverage: CoverageEntry[];
}

/** The accepting rules of groups in one direction: an interface's groups are a union, so their order is nothing. */
export function groupRules(
  model: AwsModel,
  groups: readonly string[],
  direction: Direction,
  gathered: Gathered,
): Rule[] {
  return groups.flatMap((id) => {
    const group = model.groups.get(id);
    if (group === undefined) return [unknownGroup(model, id, gathered)];
    const rules = group.permissions
      .filter((permission) => permission.direction === direction)
      .map((permission) => ruleOf(model, permission, gathered));
    return group.unsaid.includes(direction) ? [...rules, unsaidRule(group, direction, gathered)] : rules;
  });
}

/** The export has no list of the group's rules in a direction. */
function unsaidRule({ id, span }: Group, direction: Direction, { coverage }: Gathered): Rule {
  const list = direction === 'ingress' ? 'IpPermissions' : 'IpPermissionsEgress';
  const reason = `the export has no \`${list}\` of the group; what it lets through there is left open`;
  coverage.push({ span, status: 'approximated', reason });
  const text = `${direction} rules of ${id}`;
  return verdictRule({ kind: 'opaque', text, stateful: false, span }, 'accept', span);
}

/** An interface carries a group that was not exported: its rules may let anything through. */
function unknownGroup(model: AwsModel, id: string, { coverage }: Gathered): Rule {
  const carrying = model.interfaces.find(({ groups }) => groups.includes(id));
  const span = { ...(carrying as Interface).span, label: `${id} (not exported)` };
  const reason = `the interface carries the security group \`${id}\`, which was not exported; what it lets through is left open`;
  if (!coverage.some((entry) => entry.reason === reason))
    coverage.push({ span, status: 'unrecognised', reason });
  return verdictRule({ kind: 'opaque', text: `rules of ${id}`, stateful: false, span }, 'accept', span);
}

function ruleOf(model: AwsModel, permission: Permission, gathered: Gathered): Rule {
  const span = spanOf(permission);
  const traffic = trafficOf(permission.traffic);
  const peer = peerCondition(model, permission, span, gathered);
  const match =
    'problem' in traffic
      ? allOf([traffic.within ?? ALWAYS, unread(span.label, traffic.problem, span, gathered.coverage)])
      : traffic.match;
  return verdictRule(allOf([peer, match]), 'accept', span);
}

/**
 * States of a peering through which nothing goes, and will not again.
 * (https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html, "VPC peering connection lifecycle")
 */
const GONE: ReadonlySet<string> = new Set(['deleted', 'deleting', 'expired', 'failed', 'rejected']);

/** Whom a rule means, where that is not readable. */
function whomProblem({ field, missing }: Extract<Permission['peer'], { kind: 'unknown' }>): string {
  if (missing === true) return `the export has no peer of the rule, and none of the lists ${field}`;
  return field === 'UserIdGroupPairs' || field === 'ReferencedGroupInfo'
    ? `the rule has a group under \`${field}\` that it does not name`
    : unknownProblem([field]);
}

function peerCondition(
  model: AwsModel,
  { peer, direction }: Permission,
  span: ReturnType<typeof spanOf>,
  gathered: Gathered,
): Condition {
  const field = peerField(direction);
  if (peer.kind === 'cidr') {
    const addresses = new AddressGatherer();
    if (addresses.add(peer.cidr)) return addressIs(field, addresses.members);
    return unread(span.label, `\`${peer.cidr}\` is no network`, span, gathered.coverage);
  }
  if (peer.kind === 'list') {
    const known = model.lists.get(peer.id);
    if (known !== undefined) return addressIs(field, known);
    const family = model.listFamilies.get(peer.id);
    const within = family === undefined ? ALWAYS : addressIs(field, EVERYBODY[family]);
    tellList(peer.id, span, gathered);
    return allOf([within, symbolic(peer.id, gathered)]);
  }
  if (peer.kind === 'unknown') return unread(span.label, whomProblem(peer), span, gathered.coverage);
  const id = referencedId(model, referenceName(peer.reference));
  const group = model.groups.get(id);
  const { PeeringStatus: peering } = peer.reference;
  if (GONE.has(peering ?? '')) {
    const reason = `the rule is stale: the peering to \`${id}\` is ${peering}; its members are kept as "members of ${id}"`;
    gathered.coverage.push({ span, status: 'approximated', reason });
    return symbolic(id, gathered);
  }
  // Members are known where the account's interfaces are, and only of the account's own groups.
  const known = model.members.get(id);
  const account = peer.reference.UserId || undefined;
  const isShown =
    group === undefined
      ? known !== undefined && (account === undefined || model.accounts.has(account))
      : showsMembers(model, group);
  // Whose group it is a query may have left out: who else carries it is not known then.
  const isAnyones = group === undefined && account === undefined;
  if (group === undefined && (isAnyones || !isShown)) tellGroup(model, id, peer.reference, span, gathered);
  if (!isShown) return symbolic(id, gathered);
  const members = addressIs(field, known ?? { ipv4: [], ipv6: [] });
  const place = group ?? { owner: account, vpc: peer.reference.VpcId ?? undefined, region: undefined };
  const isWhole = !isAnyones && showsAll(model, place);
  return isWhole && !model.unsaid.has(id) ? members : anyOf([members, symbolic(id, gathered)]);
}

/** Told once, at the first rule that names the list. */
function tellList(
  id: string,
  span: ReturnType<typeof spanOf>,
  { symbolic: known, coverage }: Gathered,
): void {
  if (known.has(id)) return;
  const reason = `the entries of the prefix list \`${id}\` were not given: its networks are kept as "members of ${id}" (\`get-managed-prefix-list-entries\` has them, of AWS’s own lists \`describe-prefix-lists\`)`;
  coverage.push({ span, status: 'approximated', reason });
}

/**
 * Told once, at the first rule that names the group. That one of the account itself is in no export is often the doing of a filter;
 * of another account nobody has it.
 */
function tellGroup(
  { groups }: AwsModel,
  id: string,
  { UserId: account }: GroupReference,
  span: ReturnType<typeof spanOf>,
  { symbolic: known, coverage }: Gathered,
): void {
  if (known.has(id)) return;
  const isOwn = !account || [...groups.values()].some(({ owner }) => owner === account);
  const whose = isOwn ? '' : ` of the account ${account}`;
  const reason = `the security group \`${id}\`${whose} is not among those exported: its members are kept as "members of ${id}"`;
  coverage.push({ span, status: 'approximated', reason });
}

/** Rules of old accounts name a group by its name. */
function referencedId(model: AwsModel, name: string): string {
  if (model.groups.has(name) || name.startsWith('sg-')) return name;
  const named = [...model.groups.values()].filter((group) => group.name === name);
  return named.length === 1 ? (named[0]?.id ?? name) : name;
}

function symbolic(group: string, gathered: Gathered): Condition {
  gathered.symbolic.add(group);
  return { kind: 'group', side: 'peer', group };
}
