import { unknownProblem } from '../exports/unknown-conditions.ts';
import { unread } from '../exports/unread.ts';
import { allOf, ALWAYS, anyOf, type Condition, negate, NEVER } from '../../rule/condition.ts';
import type { CoverageEntry, GroupMembers } from '../../rule/ruleset.ts';
import type { Span } from '../../text/source.ts';
import { AddressGatherer, addressIs, EVERYBODY } from '../exports/addresses.ts';
import type { Ends, GcpRule } from './content.ts';
import { addressGroupName, addressGroupOf, type GcpModel } from './model.ts';
import { isConnectorTag, isSecureTag } from '../../rule/cloud-selector.ts';
import type { GcpPoint } from './points.ts';

/** What rules mean at one point, and what lowering them gathers. */
export interface World {
  readonly model: GcpModel;
  readonly point: GcpPoint;
  /** Addresses of the network's instances by tag and account; undefined where no instances were given. */
  readonly members: ReadonlyMap<string, GroupMembers> | undefined;
  /** Instances of projects that were not exported may be in the network, and carry them too. */
  readonly shared: boolean;
  /** Tags and accounts whose members have addresses that the export leaves out. */
  readonly unsaid: ReadonlySet<string>;
  readonly symbolic: Set<string>;
  /** Those of them that instances carry. */
  readonly machines: Set<string>;
  readonly coverage: CoverageEntry[];
}

/**
 * Addresses of no country: private ones, shared ones and those of the link.
 * (https://cloud.google.com/firewall/docs/geolocation-objects-overview, geolocation objects and internal IP addresses)
 */
const INTERNAL: GroupMembers = internalAddresses();

function internalAddresses(): GroupMembers {
  const addresses = new AddressGatherer();
  const ipv4 = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16'];
  for (const network of [...ipv4, 'fc00::/7', 'fe80::/10']) addresses.add(network);
  return addresses.members;
}

/**
 * Both ends of a VPC firewall rule. Where the peer is not named it is every IPv4 address, or every address of the family
 * that the instance's own end names. (https://cloud.google.com/firewall/docs/firewalls#sources, …#destinations)
 */
export function classicEnds(rule: GcpRule, world: World): Condition {
  const inbound = rule.direction === 'ingress';
  const [peer, own] = inbound ? [rule.source, rule.destination] : [rule.destination, rule.source];
  const [peerAt, ownAt] = inbound ? (['src', 'dst'] as const) : (['dst', 'src'] as const);
  const ownCondition = endCondition(own, 'own', ownAt, rule.span, world);
  const peerCondition = endCondition(peer, 'peer', peerAt, rule.span, world);
  const unnamed = ownCondition === undefined ? addressIs(peerAt, EVERYBODY[4]) : ALWAYS;
  return allOf([peerCondition ?? unnamed, ownCondition ?? ALWAYS]);
}

/** Both ends of a rule of a policy: an end that is not named is any address. */
export function policyEnds(rule: GcpRule, world: World): Condition {
  const inbound = rule.direction === 'ingress';
  return allOf([
    endCondition(rule.source, inbound ? 'peer' : 'own', 'src', rule.span, world) ?? ALWAYS,
    endCondition(rule.destination, inbound ? 'own' : 'peer', 'dst', rule.span, world) ?? ALWAYS,
  ]);
}

/**
 * One end: any of its addresses, tags, groups and names, and each of its contexts; undefined where it names nothing.
 * (https://cloud.google.com/firewall/docs/firewall-policies-rule-details#sources)
 */
function endCondition(
  end: Ends,
  side: 'own' | 'peer',
  at: 'src' | 'dst',
  span: Span,
  world: World,
): Condition | undefined {
  const { ranges, groups, addressGroups, opaque, regions, gone, contexts, unknown: fields } = end;
  const any = [
    ...rangeConditions(ranges, at, span, world),
    ...groups.map((group) => groupCondition(group, side, at, span, world)),
    ...addressGroups.map((group) => addressGroupCondition(group, side, at, span, world)),
    ...opaque.map((text) => unknown(text, span, world)),
    ...regions.map((text) => allOf([negate(addressIs(at, INTERNAL)), unknown(text, span, world)])),
    ...(fields.length === 0 ? [] : [unreadText(unknownProblem(fields), 'peers', span, world)]),
  ];
  const every = contexts.map((text) => contextCondition(text, span, world));
  if (fields.length > 0)
    every.push({ kind: 'opaque', text: `${span.label ?? ''} holds`, stateful: false, span });
  if (any.length > 0) return allOf([anyOf(any), ...every]);
  if (gone.length > 0) {
    const reason = `the secure tags ${gone.map((name) => `\`${name}\``).join(', ')} were deleted, and the rule names nobody else: it matches nothing`;
    world.coverage.push({ span, status: 'ignored', reason });
    return NEVER;
  }
  return every.length > 0 ? allOf(every) : undefined;
}

function rangeConditions(
  ranges: readonly string[],
  at: 'src' | 'dst',
  span: Span,
  world: World,
): Condition[] {
  const addresses = new AddressGatherer();
  const wrong = ranges.filter((text) => !addresses.add(text));
  return [
    ...(wrong.length < ranges.length ? [addressIs(at, addresses.members)] : []),
    ...wrong.map((text) => unreadText(`\`${text}\` is no range of addresses`, text, span, world)),
  ];
}

/** Whether an export of instances says who carries it. */
export function isExported(group: string): boolean {
  return !isSecureTag(group) && !isConnectorTag(group);
}

/** Members of a tag or of an account; the instance itself is one where it carries it. */
function groupCondition(
  group: string,
  side: 'own' | 'peer',
  at: 'src' | 'dst',
  span: Span,
  world: World,
): Condition {
  const { point, members, shared } = world;
  if (side === 'own') return point.tags.has(group) || point.accounts.has(group) ? ALWAYS : NEVER;
  if (members === undefined || !isExported(group)) return memberOf(group, world);
  const known = members.get(group);
  if (known === undefined) {
    if (!shared) world.coverage.push(ofNobodyHere(group, span));
    return memberOf(group, world);
  }
  const isWhole = !shared && !world.unsaid.has(group);
  return isWhole ? addressIs(at, known) : anyOf([addressIs(at, known), memberOf(group, world)]);
}

function memberOf(group: string, { symbolic, machines }: World): Condition {
  symbolic.add(group);
  machines.add(group);
  return { kind: 'group', side: 'peer', group };
}

/**
 * Whether a network is shared stands in no export of instances that are all of its own project. (Only instances carry what a rule
 * for what comes in may name: https://cloud.google.com/run/docs/configuring/vpc-direct-vpc#limitations)
 */
function ofNobodyHere(group: string, span: Span): CoverageEntry {
  const reason = `no exported instance in the network carries \`${group}\`: its members are not known (instances of other projects in a Shared VPC network stand in their projects’ exports)`;
  return { span, status: 'approximated', reason };
}

function addressGroupCondition(
  reference: string,
  side: 'own' | 'peer',
  at: 'src' | 'dst',
  span: Span,
  world: World,
): Condition {
  const known = addressGroupOf(world.model, reference);
  if (known !== undefined) return addressIs(at, known);
  const name = addressGroupName(reference);
  if (side === 'own') return unknown(`own address in the address group ${name}`, span, world);
  if (!world.symbolic.has(name)) world.coverage.push(notGiven(name, span));
  world.symbolic.add(name);
  return { kind: 'group', side: 'peer', group: name };
}

/** Told once, at the first rule that names the address group. */
function notGiven(name: string, span: Span): CoverageEntry {
  const reason = `the address group \`${name}\` was not given: its items are kept as "members of" it (\`gcloud network-security address-groups describe\` has them)`;
  return { span, status: 'approximated', reason };
}

const CONTEXT = /^(.* network type) (NON_INTERNET|VPC_NETWORKS|INTRA_VPC)$/;

/**
 * Where a packet comes from or goes to by its way, which stands in no export. "The internet and non-internet network contexts are
 * mutually exclusive. The VPC networks and intra-VPC network contexts are subsets of the non-internet network context."
 * (https://cloud.google.com/firewall/docs/understand-network-contexts)
 */
function contextCondition(text: string, span: Span, world: World): Condition {
  const own = unknown(text, span, world);
  const [, what, name] = CONTEXT.exec(text) ?? [];
  if (what === undefined) return own;
  const context = (of: string): Condition => ({
    kind: 'opaque',
    text: `${what} ${of}`,
    stateful: false,
    span,
  });
  const within = name === 'NON_INTERNET' ? ALWAYS : context('NON_INTERNET');
  return allOf([negate(context('INTERNET')), within, own]);
}

/** What only Google knows: it may hold or not, and for one packet does the same everywhere. */
function unknown(text: string, span: Span, { coverage }: World): Condition {
  const reason = `who \`${text}\` is stands in no export; whether the rule matches is left open`;
  coverage.push({ span, status: 'approximated', reason });
  return { kind: 'opaque', text, stateful: false, span };
}

/** What cannot be read may match or not. */
export function unreadText(problem: string, text: string, span: Span, { coverage }: World): Condition {
  return unread(`${span.label ?? ''} ${text}`.trim(), problem, span, coverage);
}
