import { allOf, ALWAYS, type Condition } from '../../rule/condition.ts';
import type { CoverageEntry, Rule } from '../../rule/ruleset.ts';
import { AddressGatherer, addressIs } from '../exports/addresses.ts';
import { type Direction, peerField, verdictRule } from '../exports/chains.ts';
import type { Acl } from './account.ts';
import { trafficOf } from './traffic.ts';
import { coverOnce } from '../exports/cover-once.ts';

/**
 * The entries of a network ACL in one direction, in the order of their numbers: the first that matches decides, and it
 * knows nothing of connections.
 * (https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html)
 */
export function aclRules(acl: Acl, direction: Direction, coverage: CoverageEntry[]): Rule[] {
  const entries = acl.entries.filter(({ value }) => value.Egress === (direction === 'egress'));
  if (!entries.some(isLast)) tellFiltered(acl, direction, coverage);
  const ordered = [...entries].sort((a, b) => a.value.RuleNumber - b.value.RuleNumber);
  return ordered.flatMap((entry) => entryRule(acl, entry, direction, coverage));
}

/** The entry that the console shows as `*`. */
const isLast = ({ value }: Acl['entries'][number]): boolean => value.RuleNumber > 32766;

/**
 * "Each network ACL also includes a rule whose rule number is an asterisk (*) … You can't modify or remove this rule."
 * (https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html) An export without one is no whole list of entries: of those that
 * deny (`Entries[?RuleAction=='allow']`) nothing tells then.
 */
function tellFiltered({ id, span }: Acl, direction: Direction, coverage: CoverageEntry[]): void {
  const reason = `the export has no entry \`*\` (32767) of \`${id}\` for ${direction}, which each list has and nobody can remove: a query may have left out others, that deny too; the list is taken as it stands`;
  coverOnce(coverage, { span, status: 'approximated', reason });
}

function entryRule(
  acl: Acl,
  { value: entry, place }: Acl['entries'][number],
  direction: Direction,
  coverage: CoverageEntry[],
): Rule[] {
  const traffic = trafficOf({
    protocol: entry.Protocol,
    from: entry.PortRange?.From,
    to: entry.PortRange?.To,
    icmp: { type: entry.IcmpTypeCode?.Type, code: entry.IcmpTypeCode?.Code },
  });
  const cidr = entry.CidrBlock ?? entry.Ipv6CidrBlock ?? '';
  const number = isLast({ value: entry, place }) ? '*' : String(entry.RuleNumber);
  const what = 'text' in traffic ? traffic.text : String(entry.Protocol);
  const way = direction === 'ingress' ? 'from' : 'to';
  const label = `${acl.id} ${direction} ${number} ${entry.RuleAction} ${what} ${way} ${cidr}`;
  const span = { ...place, label };
  const verdict = entry.RuleAction === 'allow' ? 'accept' : 'drop';
  const addresses = new AddressGatherer();
  const known = addresses.add(cidr);
  if (known && 'match' in traffic) {
    const peer = addressIs(peerField(direction), addresses.members);
    return [verdictRule(allOf([peer, traffic.match]), verdict, span)];
  }
  const problem = 'problem' in traffic ? traffic.problem : `\`${cidr}\` is no network`;
  coverage.push({
    span,
    status: 'unrecognised',
    reason: `${problem}; the entry may match anything or nothing`,
  });
  const unread: Condition = { kind: 'opaque', text: label, stateful: false, span };
  const within = 'within' in traffic ? traffic.within : undefined;
  const peer = known ? addressIs(peerField(direction), addresses.members) : ALWAYS;
  return [verdictRule(allOf([peer, within ?? ALWAYS, unread]), verdict, span)];
}
