import { parsePrefix } from '../../packet/address.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import { givenTwice } from '../exports/problems.ts';
import { type Permission, spanOf } from './permissions.ts';
import { trafficOf } from './traffic.ts';

/** A group with its own rules. */
interface Ruled {
  readonly id: string;
  readonly permissions: readonly Permission[];
  readonly span: Span;
}

/**
 * The rules of a group stand in the export of groups and, one by one, in that of rules: where one of them has a rule that the
 * other lacks, one of the two is of another day, and nobody can tell which.
 * @param rules those of the group in the export of rules, at least one
 */
export function tellDiffering(group: Ruled, rules: readonly Permission[], errors: Diagnostic[]): void {
  const own = keyed(group.permissions);
  const listed = keyed(rules);
  if (own === undefined || listed === undefined) return;
  const what = `the security group \`${group.id}\``;
  const more = [...listed].find(([key]) => !own.has(key))?.[1];
  const [first] = rules;
  const lacking = [...own].find(([key]) => !listed.has(key))?.[1];
  const place = more ?? (lacking === undefined ? undefined : first);
  if (place === undefined) return;
  const before = more === undefined ? (lacking as Permission) : undefined;
  const which = spanOf(more ?? (lacking as Permission)).label;
  errors.push(
    givenTwice(
      `${what} with the rule \`${which}\``,
      spanOf(place),
      before === undefined ? group.span : spanOf(before),
      'account',
    ),
  );
}

/** Rules by what they say, however it is written; undefined where one names nobody, or a group by its name alone. */
function keyed(permissions: readonly Permission[]): Map<string, Permission> | undefined {
  const found = new Map<string, Permission>();
  for (const permission of permissions) {
    const peer = peerKey(permission);
    if (peer === undefined) return undefined;
    const { direction, traffic } = permission;
    const read = trafficOf(traffic);
    const what = 'text' in read ? read.text : `${traffic.protocol} ${traffic.from ?? -1} ${traffic.to ?? -1}`;
    found.set(`${direction} ${what} ${peer}`, permission);
  }
  return found;
}

function peerKey({ peer }: Permission): string | undefined {
  switch (peer.kind) {
    case 'cidr': {
      const network = parsePrefix(peer.cidr);
      return network === undefined ? peer.cidr : `${network.family} ${network.lo} ${network.hi}`;
    }
    case 'list':
      return peer.id;
    case 'group':
      return peer.reference.GroupId ?? undefined;
    case 'unknown':
      return undefined;
  }
}
