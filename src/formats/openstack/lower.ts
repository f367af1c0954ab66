import { unknownProblem } from '../exports/unknown-conditions.ts';
import { unread } from '../exports/unread.ts';
import { allOf, ALWAYS, anyOf, type Condition } from '../../rule/condition.ts';
import type { CoverageEntry, GroupMembers, Rule } from '../../rule/ruleset.ts';
import type { Span } from '../../text/source.ts';
import { AddressGatherer, addressIs, EVERYBODY } from '../exports/addresses.ts';
import { type Direction, peerField, verdictRule } from '../exports/chains.ts';
import type { SecurityRule } from './content.ts';
import type { OpenstackModel } from './model.ts';
import { trafficOf } from './traffic.ts';

/** What lowering rules gathers beside them. */
export interface Gathered {
  /** Groups whose members nobody gave. */
  readonly symbolic: Set<string>;
  /** Those of them that are groups of ports. */
  readonly machines: Set<string>;
  readonly coverage: CoverageEntry[];
}

/**
 * The rules of groups in one direction. They only let pass, and a port's groups are a union, so their order is nothing.
 * A group whose rules nobody gave may let anything pass.
 */
export function groupRules(
  model: OpenstackModel,
  groups: readonly string[],
  direction: Direction,
  origin: Span,
  gathered: Gathered,
): Rule[] {
  return groups.flatMap((id): Rule[] => {
    const group = model.groups.get(id);
    if (group !== undefined)
      return group.rules
        .filter((rule) => rule.direction === direction)
        .map((rule) => lowerRule(model, rule, gathered));
    const span = { ...origin, label: `security group ${id}` };
    const reason = `the rules of the security group \`${id}\` were not given; whether it lets packets pass is left open`;
    gathered.coverage.push({ span, status: 'unrecognised', reason });
    const match: Condition = { kind: 'opaque', text: `${direction} rules of ${id}`, stateful: false, span };
    return [verdictRule(match, 'accept', span)];
  });
}

function lowerRule(model: OpenstackModel, rule: SecurityRule, gathered: Gathered): Rule {
  const { leftOut, span } = rule;
  if (rule.isFamilyTaken) gathered.coverage.push({ span, status: 'approximated', reason: FAMILY_TAKEN });
  const match = allOf([
    ...(leftOut.length === 0 ? [] : [unreadRule(rule, columnsProblem(rule), gathered)]),
    ...remoteConditions(model, rule, gathered),
    trafficCondition(rule, gathered),
  ]);
  return verdictRule(match, 'accept', span);
}

const FAMILY_TAKEN =
  'the rule has no `ethertype`: it is taken for one of IPv4, as the API takes a rule that is made without';

/** Family and traffic: in IPv6 `icmp` is another protocol. */
function trafficCondition(rule: SecurityRule, gathered: Gathered): Condition {
  const { leftOut, direction } = rule;
  const of = (family: 4 | 6): Condition => addressIs(peerField(direction), EVERYBODY[family]);
  const families = leftOut.includes('Ethertype') ? ([4, 6] as const) : [rule.family];
  if (leftOut.includes('IP Protocol')) return anyOf(families.map(of));
  const parts: Condition[] = [];
  for (const family of families) {
    const traffic = trafficOf({ ...rule, family });
    if ('problem' in traffic)
      return allOf([anyOf(families.map(of)), unreadRule(rule, traffic.problem, gathered)]);
    const isPossible = leftOut.includes('Port Range') || leftOut.includes('Ethertype');
    parts.push(
      allOf([of(family), isPossible ? traffic.match : printedTraffic(rule, traffic.match, gathered)]),
    );
  }
  return anyOf(parts);
}

const FIELDS: Readonly<Record<SecurityRule['leftOut'][number], string>> = {
  'IP Protocol': '`protocol`',
  Ethertype: '`ethertype`',
  'IP Range': '`remote_ip_prefix`',
  'Port Range': '`port_range_min` and `port_range_max`',
  'Remote Security Group': '`remote_group_id`',
};

/** A list of the command line leaves out columns, an answer of the API fields. */
function columnsProblem({ leftOut, fromColumns }: SecurityRule): string {
  if (!fromColumns) return `the rule has no ${leftOut.map((name) => FIELDS[name]).join(' and ')}`;
  return `the list lacks ${leftOut.map((name) => `the column \`${name}\``).join(' and ')}`;
}

/** A rule names one remote at most; where it has several (the API refuses them), it cannot be read. */
function remoteConditions(model: OpenstackModel, rule: SecurityRule, gathered: Gathered): Condition[] {
  const { prefix, remoteGroup, remoteAddresses, unknownRemotes, direction } = rule;
  if (unknownRemotes.length > 0) return [unreadRule(rule, unknownProblem(unknownRemotes), gathered)];
  const named = [prefix, remoteGroup, remoteAddresses].filter((one) => one !== undefined);
  if (named.length === 0) return [];
  if (named.length > 1) return [unreadRule(rule, 'the rule has several remotes, which cannot be', gathered)];
  const field = peerField(direction);
  if (prefix !== undefined) {
    const addresses = new AddressGatherer();
    const { ipv4, ipv6 } = addresses.add(prefix) ? addresses.members : { ipv4: [], ipv6: [] };
    if ((rule.family === 4 ? ipv4 : ipv6).length > 0) return [addressIs(field, { ipv4, ipv6 })];
    // The API takes no network of the other family (neutron, db/securitygroups_db.py, _validate_ip_prefix).
    const problem = `\`${prefix}\` is no network of IPv${rule.family}, which the rule is about`;
    return [
      unreadRule(rule, ipv4.length + ipv6.length > 0 ? problem : `\`${prefix}\` is no network`, gathered),
    ];
  }
  const name = (remoteGroup ?? remoteAddresses) as string;
  const id = model.members.has(name) ? name : (model.ids.get(name) ?? name);
  const known = model.members.get(id);
  if (known !== undefined && !model.shared.has(id)) return [addressIs(field, known)];
  const reason = notGivenReason(model, rule, id);
  if (reason !== undefined && !gathered.symbolic.has(id))
    gathered.coverage.push({ span: rule.span, status: 'approximated', reason });
  gathered.symbolic.add(id);
  if (remoteGroup !== undefined) gathered.machines.add(id);
  const others: Condition = { kind: 'group', side: 'peer', group: id };
  return [known === undefined ? others : anyOf([addressIs(field, known), others])];
}

/** Told once, at the first rule that names the group. Without ports no group's members are known, which is told of all. */
function notGivenReason(
  model: OpenstackModel,
  { remoteAddresses }: SecurityRule,
  id: string,
): string | undefined {
  if (remoteAddresses !== undefined) return addressesNotGiven(id);
  if (model.shared.has(id))
    return `the security group \`${id}\` is not among those exported: it may be another project’s, and members beside the exported ports stay "members of ${id}"`;
  return model.groups.has(id) || model.withoutRules.some((group) => group.id === id)
    ? undefined
    : `the security group \`${id}\` is not among those exported${model.hasPorts ? ', and no exported port carries it' : ''}: its members are kept as "members of ${id}"`;
}

const addressesNotGiven = (id: string): string =>
  `the address group \`${id}\` was not given: its addresses are kept as "members of ${id}" (\`openstack address group list -f json\` has them)`;

/** What cannot be read may match or not. */
function unreadRule({ span }: SecurityRule, problem: string, { coverage }: Gathered): Condition {
  return unread(`${span.label ?? ''} (${problem})`, problem, span, coverage);
}

const ICMP = /^(?:icmp|icmpv6|ipv6-icmp|1|58)$/;

/**
 * The `openstack` command prints a type or a code that is 0 like one that is not set (openstackclient, network/utils.py,
 * `format_network_port_range`): sure is what passes either way, type and code 0, and the rest depends on which was meant. Nobody
 * has a use for ICMPv6 of type 0 (RFC 4443, 2.1: error messages from 1 on, informational ones from 128 on).
 */
function printedTraffic(rule: SecurityRule, whole: Condition, { coverage }: Gathered): Condition {
  const { fromColumns, protocol, family, min, max, span } = rule;
  if (!fromColumns || protocol === undefined || !ICMP.test(protocol) || max !== undefined) return whole;
  if (min === undefined && family === 6) return whole;
  const what = min === undefined ? 'type' : 'code';
  coverage.push({
    span,
    status: 'approximated',
    reason: `the command line prints an ICMP ${what} that is 0 like none: whether the rule is for all of them or for 0 alone is left open (\`openstack security group show\` has the numbers)`,
  });
  const meant: Condition = {
    kind: 'opaque',
    text: `${span.label ?? ''} (no ${what} is set)`.trim(),
    stateful: false,
    span,
  };
  const zero = [...(min === undefined ? [field('icmpType', 0)] : []), field('icmpCode', 0)];
  return allOf([whole, anyOf([allOf(zero), meant])]);
}

const field = (
  name: 'protocol' | 'sport' | 'dport' | 'icmpType' | 'icmpCode',
  ...values: number[]
): Condition => ({
  kind: 'field',
  field: name,
  values: values.flatMap((value) => [value, value]),
});

const udp = (sport: number, dport: number): Condition =>
  allOf([field('protocol', 17), field('sport', sport), field('dport', dport)]);

const FAMILY = (family: 4 | 6): Condition => addressIs('src', EVERYBODY[family]);

const icmpv6 = (...types: number[]): Condition =>
  allOf([FAMILY(6), field('protocol', 58), field('icmpType', ...types)]);

/**
 * What every driver passes whatever the groups say, because an interface has no address without it: the answers of DHCP
 * and what IPv6 finds its neighbours and routers with. (neutron, agent/firewall.py ICMPV6_ALLOWED_*_TYPES, and
 * https://docs.openstack.org/neutron/latest/contributor/internals/openvswitch_firewall.html)
 */
export function basicRules(direction: Direction, origin: Span): Rule[] {
  const why = 'addresses are leased and neighbours found whatever security groups say';
  const pass = (match: Condition): Rule => verdictRule(match, 'accept', origin, why);
  return direction === 'ingress'
    ? [
        pass(allOf([FAMILY(4), udp(67, 68)])),
        pass(allOf([FAMILY(6), udp(547, 546)])),
        pass(icmpv6(130, 134, 135, 136)),
      ]
    : [
        pass(allOf([FAMILY(4), udp(68, 67)])),
        pass(allOf([FAMILY(6), udp(546, 547)])),
        pass(icmpv6(130, 133, 135, 136)),
      ];
}

/**
 * An instance sends with its ports' own addresses only, and while it has none yet, what leases one or finds out whether it
 * is free. (neutron, agent/linux/iptables_firewall.py; https://docs.openstack.org/api-ref/network/v2/index.html#port-security)
 */
export function spoofRules(own: GroupMembers | undefined, origin: Span): Rule[] {
  if (own === undefined) return [];
  const unset = new AddressGatherer();
  for (const text of ['0.0.0.0', '::']) unset.add(text);
  const many = new AddressGatherer();
  for (const text of ['255.255.255.255', 'ff02::/16']) many.add(text);
  const fromUnset = allOf([addressIs('src', unset.members), addressIs('dst', many.members)]);
  const why = 'an interface that has no address yet asks for one';
  return [
    verdictRule(allOf([fromUnset, FAMILY(4), udp(68, 67)]), 'accept', origin, why),
    verdictRule(allOf([fromUnset, icmpv6(131, 135, 143)]), 'accept', origin, why),
    verdictRule(
      { kind: 'not', of: addressIs('src', own) },
      'drop',
      origin,
      'port security drops packets from addresses that are not the port’s',
    ),
  ];
}

/** A rule that lets everything pass. */
export function everything(origin: Span): Rule {
  return verdictRule(ALWAYS, 'accept', origin);
}
