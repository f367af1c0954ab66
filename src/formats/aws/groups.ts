import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import type { Direction } from '../exports/chains.ts';
import type { AwsContent, Placed, SecurityGroup } from './content.ts';
import { regionOfArn } from './regions.ts';
import { tellDiffering } from './same-rules.ts';
import { PEERS, type Permission, permissionsOf, permissionsOfRule } from './permissions.ts';

/** A security group with its rules. */
export interface Group {
  readonly id: string;
  readonly name: string | undefined;
  readonly owner: string | undefined;
  readonly vpc: string | undefined;
  /** Where the export says it. */
  readonly region: string | undefined;
  readonly permissions: readonly Permission[];
  /** Ways of which the export has no list: what the group lets through there is not known. */
  readonly unsaid: readonly Direction[];
  /** Lists of peers that one of its permissions lacks beside those that it has. */
  readonly leftOut: readonly string[];
  readonly span: Span;
}

/**
 * Groups with their rules: their own, or those of the rules' export where the group's export lacks them.
 * @param errors gets rules without a peer
 */
export function groupsOf(
  exported: readonly Placed<SecurityGroup>[],
  rules: AwsContent['rules'],
  errors: Diagnostic[],
): Map<string, Group> {
  const found = new Map<string, Group>();
  for (const group of exported) {
    const { GroupId: id, GroupName, OwnerId, VpcId, SecurityGroupArn } = group.value;
    const span = { ...group.json.place(group.value), label: `${id}${GroupName ? ` (${GroupName})` : ''}` };
    const permissions = permissionsOf(group);
    const unsaid = unsaidOf(group.value);
    found.set(id, {
      id,
      name: GroupName ?? undefined,
      owner: OwnerId ?? undefined,
      vpc: VpcId ?? undefined,
      region: group.region ?? regionOfArn(SecurityGroupArn),
      permissions,
      unsaid,
      leftOut: leftOutOf(group.value),
      span,
    });
  }
  const complete = new Set([...found.values()].flatMap(({ id, unsaid }) => (unsaid.length === 0 ? id : [])));
  const gathered = new Map<string, Permission[]>();
  const again = new Map<string, Permission[]>();
  for (const rule of rules) {
    const { GroupId: id, GroupOwnerId } = rule.value;
    const own = permissionsOfRule(rule);
    if (own.length === 0) errors.push(withoutPeer(rule));
    if (complete.has(id)) {
      again.set(id, again.get(id) ?? []);
      again.get(id)?.push(...own);
      continue;
    }
    const list = gathered.get(id);
    if (list !== undefined) list.push(...own);
    else {
      const permissions = [...own];
      gathered.set(id, permissions);
      const named = found.get(id);
      const span = named?.span ?? { ...rule.json.place(rule.value), label: id };
      const owner = named?.owner ?? GroupOwnerId ?? undefined;
      found.set(id, {
        id,
        name: named?.name,
        owner,
        vpc: named?.vpc,
        region: named?.region ?? rule.region ?? regionOfArn(rule.value.SecurityGroupRuleArn),
        permissions,
        unsaid: [],
        leftOut: [],
        span,
      });
    }
  }
  for (const [id, permissions] of again)
    if (permissions.length > 0) tellDiffering(found.get(id) as Group, permissions, errors);
  return found;
}

/** The command prints both lists always; a query may leave one out. */
function unsaidOf({ IpPermissions, IpPermissionsEgress }: SecurityGroup): Direction[] {
  return [
    ...(!IpPermissions ? (['ingress'] as const) : []),
    ...(!IpPermissionsEgress ? (['egress'] as const) : []),
  ];
}

/** The command prints all four lists of peers of each permission, empty ones too; a query may keep some. */
function leftOutOf({ IpPermissions, IpPermissionsEgress }: SecurityGroup): readonly string[] {
  for (const one of [...(IpPermissions ?? []), ...(IpPermissionsEgress ?? [])]) {
    const lacked = PEERS.filter((list) => !one[list]);
    if (lacked.length > 0 && lacked.length < PEERS.length) return lacked;
  }
  return [];
}

function withoutPeer({ json, value }: AwsContent['rules'][number]): Diagnostic {
  return {
    severity: 'error',
    code: 'rule-without-peer',
    message: 'the rule names no peer',
    span: json.place(value),
    expected: 'CidrIpv4, CidrIpv6, PrefixListId or ReferencedGroupInfo',
  };
}
