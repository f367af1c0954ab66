import type { SourceFile, Span } from '../../text/source.ts';
import type { Direction } from '../exports/chains.ts';
import type { JsonObject, LocatedJson } from '../exports/located.ts';
import { saysSomething } from '../exports/unknown-conditions.ts';
import schema from '../../../grammars/aws/export.schema.json' with { type: 'json' };
import type { GroupReference, IpPermission, Placed, SecurityGroup, SecurityGroupRule } from './content.ts';
import { type Traffic, trafficOf } from './traffic.ts';

const { IpPermission: PERMISSION, SecurityGroupRule: RULE } = schema.$defs;
const IN_PERMISSIONS = new Set(Object.keys(PERMISSION.properties));
const IN_RULES = new Set(Object.keys(RULE.properties));

/**
 * One rule of a group towards one peer: what AWS calls a security group rule. An account has many, and few are looked at, so
 * what a report calls one is made of it when it is ({@link spanOf}).
 */
export interface Permission {
  readonly group: string;
  readonly direction: Direction;
  readonly traffic: Traffic;
  readonly peer: Peer;
  readonly file: SourceFile;
  /** Offsets in the file. */
  readonly start: number;
  readonly end: number;
}

export type Peer =
  | { readonly kind: 'cidr'; readonly cidr: string }
  | { readonly kind: 'list'; readonly id: string }
  | { readonly kind: 'group'; readonly reference: GroupReference }
  /** A field of the rule that is not known here and may be of peers, or that does not say of whom; `missing`: one that it lacks. */
  | { readonly kind: 'unknown'; readonly field: string; readonly missing?: true };

/** The rules of a group as `describe-security-groups` has them. */
export function permissionsOf(group: Placed<SecurityGroup>): Permission[] {
  const { GroupId, IpPermissions, IpPermissionsEgress } = group.value;
  const read = (direction: Direction, list: SecurityGroup['IpPermissions']): Permission[] =>
    (list ?? []).flatMap((one) => peersOf(group, GroupId, direction, one));
  return [...read('ingress', IpPermissions), ...read('egress', IpPermissionsEgress)];
}

/** The lists of peers; the command prints all of them, empty ones too, and one at least is not. */
export const PEERS = ['IpRanges', 'Ipv6Ranges', 'PrefixListIds', 'UserIdGroupPairs'] as const;

/**
 * Every peer of a permission: a rule with a prefix list and a range is two. One without any has them in a list that a query left
 * out.
 */
function peersOf(
  group: Placed<SecurityGroup>,
  id: string,
  direction: Direction,
  one: IpPermission,
): Permission[] {
  const traffic: Traffic = {
    protocol: one.IpProtocol,
    from: one.FromPort ?? undefined,
    to: one.ToPort ?? undefined,
  };
  const make = (peer: Peer, object: object): Permission =>
    placed(group.json, object, { group: id, direction, traffic, peer });
  const known = [
    ...(one.IpRanges ?? []).map((r) => make({ kind: 'cidr', cidr: r.CidrIp }, r)),
    ...(one.Ipv6Ranges ?? []).map((r) => make({ kind: 'cidr', cidr: r.CidrIpv6 }, r)),
    ...(one.PrefixListIds ?? []).map((l) => make({ kind: 'list', id: l.PrefixListId }, l)),
    ...(one.UserIdGroupPairs ?? []).map((g) => make(groupPeer('UserIdGroupPairs', g), g)),
  ];
  const unknown = unknownFields(one as unknown as JsonObject, IN_PERMISSIONS, known.length > 0);
  const lacked = known.length + unknown.length > 0 ? [] : PEERS.filter((list) => !one[list]);
  if (lacked.length > 0) return [make({ kind: 'unknown', field: lacked.join(', '), missing: true }, one)];
  return [...known, ...unknown.map((field) => make({ kind: 'unknown', field }, one))];
}

/** A reference that names no group is to somebody, and nobody knows to whom. */
function groupPeer(field: string, reference: GroupReference): Peer {
  const { GroupId, GroupName } = reference;
  return (GroupId ?? GroupName ?? '') === '' ? { kind: 'unknown', field } : { kind: 'group', reference };
}

/** Characters of a name that a report shows. */
const SHOWN = 200;

/**
 * Fields that are not known here, say something and may be of peers.
 * @param hasPeers whether others are: then a text or a number is taken for something else
 */
function unknownFields(rule: JsonObject, known: ReadonlySet<string>, hasPeers: boolean): string[] {
  return Object.keys(rule)
    .filter((name) => !known.has(name) && saysSomething(rule[name]))
    .filter((name) => !hasPeers || typeof rule[name] === 'object')
    .map((name) => (name.length > SHOWN ? `${name.slice(0, SHOWN)} …` : name));
}

/** A rule as `describe-security-group-rules` has it, for each of its peers; AWS gives it one. */
export function permissionsOfRule({ json, value }: Placed<SecurityGroupRule>): Permission[] {
  const direction = value.IsEgress ? 'egress' : 'ingress';
  const traffic: Traffic = {
    protocol: value.IpProtocol,
    from: value.FromPort ?? undefined,
    to: value.ToPort ?? undefined,
  };
  return rulePeers(value).map((peer) =>
    placed(json, value, { group: value.GroupId, direction, traffic, peer }),
  );
}

function placed(
  json: LocatedJson,
  object: object,
  { group, direction, traffic, peer }: Omit<Permission, 'file' | 'start' | 'end'>,
): Permission {
  const { file, start, end } = json.place(object);
  return { group, direction, traffic, peer, file, start, end };
}

/** Whom a rule means; where it says so in fields that are not known here alone, one that nobody knows. */
function rulePeers(rule: SecurityGroupRule): Peer[] {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo: reference } = rule;
  const known: Peer[] = [
    ...[CidrIpv4 ?? [], CidrIpv6 ?? []].flat().map((cidr): Peer => ({ kind: 'cidr', cidr })),
    ...[PrefixListId ?? []].flat().map((id): Peer => ({ kind: 'list', id })),
    ...[reference ?? []].flat().map((one): Peer => groupPeer('ReferencedGroupInfo', one)),
  ];
  if (known.length > 0) return known;
  const fields = unknownFields(rule as unknown as JsonObject, IN_RULES, false);
  return fields.length === 0 ? [] : [{ kind: 'unknown', field: fields.join(', ') }];
}

/** Where the rule stands, with what a report shows of it. */
export function spanOf(permission: Permission): Span & { readonly label: string } {
  const { file, start, end } = permission;
  return { file, start, end, withheld: true, label: labelOf(permission) };
}

/**
 * The rule in one line, as JSON's own lines say little: `sg-1 ingress tcp 22 from 10.0.0.0/8`. Descriptions decide nothing, and are as
 * free as tags.
 */
function labelOf({ group, direction, traffic, peer }: Permission): string {
  const read = trafficOf(traffic);
  const what = 'text' in read ? read.text : String(traffic.protocol);
  const who =
    peer.kind === 'cidr'
      ? peer.cidr
      : peer.kind === 'list'
        ? peer.id
        : peer.kind === 'unknown'
          ? peer.field
          : referenceName(peer.reference);
  return `${group} ${direction} ${what} ${direction === 'ingress' ? 'from' : 'to'} ${who}`;
}

/** A referenced group as it is named: by its id, or by its name where it has none. */
export function referenceName({ GroupId, GroupName }: GroupReference): string {
  return GroupId ?? GroupName ?? 'a group without a name';
}
