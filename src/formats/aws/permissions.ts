import type { SourceFile, Span } from '../../text/source.ts';
import type { Direction } from '../exports/chains.ts';
import type { JsonObject, LocatedJson } from '../exports/located.ts';
import schema from '../../../grammars/aws/export.schema.json' with { type: 'json' };
import type { GroupReference, IpPermission, Placed, SecurityGroup, SecurityGroupRule } from './content.ts';
import { type Traffic, trafficOf } from './traffic.ts';

const KNOWN: ReadonlySet<string> = new Set(Object.keys(schema.$defs.IpPermission.properties));

/**
 * One rule of a group towards one peer: what AWS calls a security group rule. An account has many, and few are looked at, so
 * what a report calls one is made of it when it is ({@link spanOf}).
 */
export interface Permission {
  readonly group: string;
  readonly direction: Direction;
  readonly traffic: Traffic;
  readonly peer: Peer;
  readonly description: string | undefined;
  readonly file: SourceFile;
  /** Offsets in the file. */
  readonly start: number;
  readonly end: number;
}

export type Peer =
  | { readonly kind: 'cidr'; readonly cidr: string }
  | { readonly kind: 'list'; readonly id: string }
  | { readonly kind: 'group'; readonly reference: GroupReference }
  /** A list of the permission that is not known here, and may be of peers. */
  | { readonly kind: 'unknown'; readonly list: string };

/** The rules of a group as `describe-security-groups` has them. */
export function permissionsOf(group: Placed<SecurityGroup>): Permission[] {
  const { GroupId, IpPermissions = [], IpPermissionsEgress = [] } = group.value;
  const read = (direction: Direction, list: readonly IpPermission[]): Permission[] =>
    list.flatMap((one) => peersOf(group, GroupId, direction, one));
  return [...read('ingress', IpPermissions), ...read('egress', IpPermissionsEgress)];
}

/** Every peer of a permission: a rule with a prefix list and a range is two. */
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
  const make = (peer: Peer, object: object, description: string | null | undefined): Permission =>
    placed(group.json, object, {
      group: id,
      direction,
      traffic,
      peer,
      description: description ?? undefined,
    });
  return [
    ...(one.IpRanges ?? []).map((r) => make({ kind: 'cidr', cidr: r.CidrIp }, r, r.Description)),
    ...(one.Ipv6Ranges ?? []).map((r) => make({ kind: 'cidr', cidr: r.CidrIpv6 }, r, r.Description)),
    ...(one.PrefixListIds ?? []).map((l) => make({ kind: 'list', id: l.PrefixListId }, l, l.Description)),
    ...(one.UserIdGroupPairs ?? []).map((g) => make({ kind: 'group', reference: g }, g, g.Description)),
    ...unknownLists(one as unknown as JsonObject).map((list) =>
      make({ kind: 'unknown', list }, one, undefined),
    ),
  ];
}

/** Characters of a name that a report shows. */
const SHOWN = 200;

/** Lists with something in them that are not known here. */
function unknownLists(one: JsonObject): string[] {
  return Object.keys(one)
    .filter((name) => {
      const value = one[name];
      return Array.isArray(value) && value.length > 0 && !KNOWN.has(name);
    })
    .map((name) => name.slice(0, SHOWN));
}

/** A rule as `describe-security-group-rules` has it; undefined where it has no peer. */
export function permissionOf(rule: Placed<SecurityGroupRule>): Permission | undefined {
  const { value } = rule;
  const peer = rulePeer(value);
  if (peer === undefined) return undefined;
  const direction = value.IsEgress === true ? 'egress' : 'ingress';
  const traffic: Traffic = {
    protocol: value.IpProtocol,
    from: value.FromPort ?? undefined,
    to: value.ToPort ?? undefined,
  };
  const description = value.Description ?? undefined;
  return placed(rule.json, value, { group: value.GroupId, direction, traffic, peer, description });
}

function placed(
  json: LocatedJson,
  object: object,
  { group, direction, traffic, peer, description }: Omit<Permission, 'file' | 'start' | 'end'>,
): Permission {
  const { file, start, end } = json.place(object);
  return { group, direction, traffic, peer, description, file, start, end };
}

function rulePeer(rule: SecurityGroupRule): Peer | undefined {
  const cidr = rule.CidrIpv4 ?? rule.CidrIpv6;
  if (cidr !== undefined && cidr !== null) return { kind: 'cidr', cidr };
  if (rule.PrefixListId !== undefined && rule.PrefixListId !== null)
    return { kind: 'list', id: rule.PrefixListId };
  const reference = rule.ReferencedGroupInfo;
  return reference === undefined || reference === null ? undefined : { kind: 'group', reference };
}

/** Where the rule stands, with what a report shows of it. */
export function spanOf(permission: Permission): Span & { readonly label: string } {
  const { file, start, end } = permission;
  return { file, start, end, withheld: true, label: labelOf(permission) };
}

/** The rule in one line, as JSON's own lines say little: `sg-1 ingress tcp 22 from 10.0.0.0/8 "office"`. */
function labelOf({ group, direction, traffic, peer, description = '' }: Permission): string {
  const read = trafficOf(traffic);
  const what = 'text' in read ? read.text : String(traffic.protocol);
  const who =
    peer.kind === 'cidr'
      ? peer.cidr
      : peer.kind === 'list'
        ? peer.id
        : peer.kind === 'unknown'
          ? peer.list
          : referenceName(peer.reference);
  const comment = description === '' ? '' : ` "${description}"`;
  return `${group} ${direction} ${what} ${direction === 'ingress' ? 'from' : 'to'} ${who}${comment}`;
}

/** A referenced group as it is named: by its id; groups of another account with the account's number. */
export function referenceName({ GroupId, GroupName }: GroupReference): string {
  return GroupId ?? GroupName ?? 'a group without a name';
}
