import { allOf, ALWAYS, anyOf, type Condition, NEVER, negate } from '../../rule/condition.ts';
import type { Action } from '../../rule/action.ts';
import type { Chain, GroupMembers, Rule } from '../../rule/ruleset.ts';
import type { Span } from '../../text/source.ts';
import { AddressGatherer, addressIs, endsApart, EVERYBODY } from '../exports/addresses.ts';
import { cloudChain, type Direction, peerField, statefulRule, verdictRule } from '../exports/chains.ts';
import type { GcpRule } from './content.ts';
import { classicEnds, policyEnds, unreadText, type World } from './ends.ts';
import { isSecureTag } from '../../rule/cloud-selector.ts';
import { carriedAt, originOf, shortNetwork } from './points.ts';
import { rulesFor, type Section, sectionsOf } from './sections.ts';
import { trafficOf } from './traffic.ts';
import { coverOnce } from '../exports/cover-once.ts';

/**
 * The metadata server, which resolves names, leases addresses and tells the time too. An instance reaches it whatever rules
 * say. (https://cloud.google.com/firewall/docs/firewalls#gcp-metadata-server)
 */
export const METADATA: GroupMembers = metadata();

function metadata(): GroupMembers {
  const addresses = new AddressGatherer();
  for (const text of ['169.254.169.254', 'fd20:ce::254']) addresses.add(text);
  return addresses.members;
}

/**
 * The chain of a point in one direction. The first rule that matches decides, `goto_next` goes on with what comes after
 * its policy; replies pass; what no rule matches is dropped inwards and passes outwards.
 * (https://cloud.google.com/firewall/docs/firewalls#default_firewall_rules)
 */
export function pointChains(world: World, direction: Direction): Chain[] {
  const { model, point } = world;
  const layer = `Google Cloud firewall of ${shortNetwork(model, point.network)}`;
  const origin = originOf(model, point.network);
  const profile = model.profiles.get(point.network);
  const chains: Chain[] = [];
  const rules = sectionsOf(model, point.network).flatMap((section): Rule[] => {
    const lowered = rulesFor(section, carriedAt(point, section))
      .filter((rule) => rule.direction === direction && rule.idle === undefined)
      .flatMap((rule) => lowerRule(rule, section, direction, world));
    if (section.kind === 'classic') return lowered;
    const { policy } = section.placed;
    if (policy.unread) lowered.push(unreadPolicy(section, direction, world));
    if (lowered.length === 0) return lowered;
    const id = `${layer} ${direction} ${chains.length}`;
    const shared = { table: 'security-group', families: [4, 6], layer } as const;
    chains.push({ id, name: policy.title, ...shared, rules: lowered, origin: policy.span });
    return [{ match: ALWAYS, actions: [{ kind: 'jump', chain: id }], origin: policy.span }];
  });
  const base = cloudChain({
    name: shortNetwork(model, point.network),
    table: 'security-group',
    layer,
    direction,
    distance: 1,
    rules: [
      ...(profile === 'roce' ? [] : [statefulRule(origin)]),
      ...rules,
      ...(direction === 'egress' || profile !== undefined ? otherFamily(point.lacks, direction, origin) : []),
      ...(profile === 'other' && direction === 'ingress' ? [unknownProfile(world, origin)] : []),
      ...(profile === 'attached' ? [attachedRules(world, direction, origin)] : []),
    ],
    policy: direction === 'ingress' && profile !== 'roce' ? 'drop' : 'accept',
    origin,
  });
  return [base, ...chains];
}

/** A network of a kind whose filters postern does not know may let in what no rule does. */
function unknownProfile({ coverage, model, point }: World, span: Span): Rule {
  const name = shortNetwork(model, point.network);
  const reason = `\`${name}\` is no regular network, and how its kind filters is not known here: what it lets in is left open`;
  coverage.push({ span, status: 'unrecognised', reason });
  const text = `the network ${name} lets it in by itself`;
  return verdictRule({ kind: 'opaque', text, stateful: false, span }, 'accept', span);
}

/** Rules of the network that an attachment stands for may let in, and stop, what the implied ones do not. */
function attachedRules({ coverage, model, point }: World, direction: Direction, span: Span): Rule {
  const name = shortNetwork(model, point.network);
  const reason = `the interface is in the network of \`${name}\`, whose rules the export does not have: what they let in and stop is left open`;
  if (direction === 'ingress') coverage.push({ span, status: 'unrecognised', reason });
  const verdict = direction === 'ingress' ? 'accept' : 'drop';
  const text = `rules of the network of ${name}`;
  return verdictRule({ kind: 'opaque', text, stateful: false, span }, verdict, span);
}

/**
 * An implied rule that lets everything pass is there for IPv6 where IPv6 is enabled.
 * (https://cloud.google.com/firewall/docs/firewalls#default_firewall_rules)
 */
function otherFamily(lacks: 4 | 6 | undefined, direction: Direction, origin: Span): Rule[] {
  if (lacks === undefined) return [];
  return [
    verdictRule(
      addressIs(peerField(direction), EVERYBODY[lacks]),
      'drop',
      origin,
      `no interface has an IPv${lacks} address`,
    ),
  ];
}

/** A policy has rules always; where the export lacks them, some of them may decide, or hand over to what comes next. */
function unreadPolicy(
  section: Section & { readonly kind: 'policy' },
  direction: Direction,
  world: World,
): Rule {
  const { title, span } = section.placed.policy;
  const reason =
    'the export has no rules of the policy: what it decides is left open (`describe` and `get-effective-firewalls` have them)';
  if (direction === 'ingress') world.coverage.push({ span, status: 'unrecognised', reason });
  const text = `${direction} rules of the policy ${title}`;
  const match: Condition = { kind: 'opaque', text, stateful: false, span };
  const outcomes: Extract<Action, { kind: 'unknown' }> = {
    kind: 'unknown',
    outcomes: ['accept', 'drop'],
    text,
  };
  return { match: allOf([regionCondition(section, world), match]), actions: [outcomes], origin: span };
}

function lowerRule(rule: GcpRule, section: Section, direction: Direction, world: World): Rule[] {
  const target = targetCondition(rule, section, world);
  if (target.kind === 'never') return [];
  if (onlyRanges(rule.source) && onlyRanges(rule.destination))
    for (const entry of endsApart(rule.source.ranges, rule.destination.ranges, rule.span))
      world.coverage.push(entry);
  const traffic = trafficOf(rule.layer4);
  const ends = section.kind === 'classic' ? classicEnds(rule, world) : policyEnds(rule, world);
  const unreadable = rule.problem ?? ('problem' in traffic ? traffic.problem : undefined);
  const match = allOf([
    target,
    ends,
    'match' in traffic ? traffic.match : ALWAYS,
    unreadable === undefined ? ALWAYS : unreadText(unreadable, '', rule.span, world),
  ]);
  // What is denied outwards is denied but for the metadata server, which nothing closes.
  const closes = direction === 'egress' && (rule.action === 'deny' || rule.action === 'inspect');
  const denied = closes ? allOf([match, negate(addressIs('dst', METADATA))]) : match;
  return [{ match: denied, actions: [actionOf(rule, world)], origin: rule.span }];
}

/** Whether an end names nobody but by addresses. */
const onlyRanges = ({
  ranges,
  groups,
  addressGroups,
  opaque,
  regions,
  unknown,
}: GcpRule['source']): boolean =>
  ranges.length > 0 && [groups, addressGroups, opaque, regions, unknown].every((list) => list.length === 0);

function actionOf(rule: GcpRule, { coverage }: World): Action {
  switch (rule.action) {
    case 'allow':
      return { kind: 'verdict', verdict: 'accept' };
    case 'deny':
      return { kind: 'verdict', verdict: 'drop' };
    case 'goto_next':
      return { kind: 'return' };
    case 'inspect':
      coverage.push({
        span: rule.span,
        status: 'approximated',
        reason: 'a firewall endpoint looks into the traffic and lets it pass or drops it; which is left open',
      });
      return {
        kind: 'unknown',
        outcomes: ['accept', 'drop'],
        text: `apply_security_profile_group (${rule.span.label ?? ''})`,
      };
  }
}

/** Whether the rule is for the point's instance: it carries one of the rule's tags or accounts. */
function targetCondition(rule: GcpRule, section: Section, world: World): Condition {
  const { tags, accounts, nobody } = rule.targets;
  const { point, coverage, symbolic } = world;
  if (nobody) {
    const reason = 'all secure tags that the rule is for were deleted: it is for nobody';
    coverage.push({ span: rule.span, status: 'ignored', reason });
    return NEVER;
  }
  const carried = tags.some((tag) => point.tags.has(tag)) || accounts.some((one) => point.accounts.has(one));
  const region = section.kind === 'policy' ? regionCondition(section, world) : ALWAYS;
  if (carried || tags.length + accounts.length === 0) return region;
  const unknown = point.secureTagsUnknown ? tags.filter(isSecureTag) : [];
  if (unknown.length === 0) return NEVER;
  for (const tag of unknown) symbolic.add(tag);
  return allOf([region, anyOf(unknown.map((group) => ({ kind: 'group', side: 'own', group }) as const))]);
}

/**
 * A regional policy is in force in its region only; where the instance is, an export of instances says. An answer to
 * get-effective-firewalls does not say of which region it is: with instances in several that is left open.
 */
function regionCondition(
  section: Section & { readonly kind: 'policy' },
  { point, model, coverage }: World,
): Condition {
  const { kind, region, effective, title, span } = section.placed.policy;
  if (kind !== 'region' || (region === undefined && !hasRegions(model, point.network))) return ALWAYS;
  if (region === undefined && effective) {
    const reason =
      'the answer does not say of which region it is, and there are instances in several: whether the policy is in force is left open (`gcloud compute network-firewall-policies describe --region` says it)';
    coverOnce(coverage, { span, status: 'approximated', reason });
    const text = `the regional policy ${title} is in force`;
    return { kind: 'opaque', text, stateful: false, span };
  }
  if (region === undefined) return ALWAYS;
  if (point.region !== undefined) return point.region === region ? ALWAYS : NEVER;
  return { kind: 'opaque', text: `the instance is in the region ${region}`, stateful: false, span };
}

/** Whether a network has instances in several regions. */
function hasRegions({ interfaces }: World['model'], network: string): boolean {
  return new Set(interfaces.flatMap((one) => (one.network === network ? (one.region ?? []) : []))).size > 1;
}
