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
  const [more] = [...listed].flatMap(([key, rule]) => (own.has(key) ? [] : [rule]));
  const [lacking] = [...own].flatMap(([key, rule]) => (listed.has(key) ? [] : [rule]));
  const rule = more ?? lacking;
  if (rule === undefined) return;
  const what = `the security group \`${group.id}\` with the rule \`${spanOf(rule).label}\``;
  const here = more ?? (rules[0] as Permission);
  errors.push(givenTwice(what, spanOf(here), more === undefined ? spanOf(rule) : group.span, 'account'));
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
