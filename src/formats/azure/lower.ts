import { parseProtocol } from '../../packet/protocol.ts';
import { normalise } from '../../packet/ranges.ts';
import { allOf, ALWAYS, anyOf, type Condition } from '../../rule/condition.ts';
import type { Chain, Rule } from '../../rule/ruleset.ts';
import { cloudChain, type Direction, peerField, statefulRule, verdictRule } from '../exports/chains.ts';
import { addressIs, endsApart } from '../exports/addresses.ts';
import { unknownProblem } from '../exports/unknown-conditions.ts';
import {
  type AddressWorld,
  endCondition,
  namesPlatform,
  PLATFORM_SERVICES,
  unreadText,
  withoutPlatform,
} from './addresses.ts';
import { type SecurityGroup, type SecurityRule, takesAll } from './content.ts';
import { withDefaults } from './defaults.ts';
import { readPorts } from './language.ts';
import { coverOnce } from '../exports/cover-once.ts';

/**
 * The chain of a network security group in one direction: the rule with the least priority that matches decides, and
 * replies pass. (https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview)
 */
export function groupChain(
  group: SecurityGroup,
  direction: Direction,
  distance: number,
  world: AddressWorld,
): Chain {
  const inbound = direction === 'ingress';
  const ordered = withDefaults(group, world.coverage)
    .filter((rule) => rule.inbound === inbound)
    .sort((a, b) => a.priority - b.priority);
  tellTies(ordered, world);
  const last = ordered.findIndex(takesAll);
  const rules = ordered.map((rule, i) => lowerRule(rule, direction, last >= 0 && i > last, world));
  const first = ordered.flatMap((rule, i) => unplacedFirst(rule, rules[i] as Rule, world));
  const platform = verdictRule(
    addressIs('dst', PLATFORM_SERVICES),
    'accept',
    group.span,
    'outbound rules do not close the platform’s own services',
  );
  return cloudChain({
    name: group.name,
    table: 'security-group',
    layer: `network security group ${group.name}`,
    direction,
    distance,
    rules: [
      statefulRule(group.span),
      ...unreadRules(group, direction, world),
      ...first,
      ...rules,
      ...(inbound ? [] : [platform]),
    ],
    policy: 'drop',
    origin: group.span,
  });
}

/**
 * "You can't create two security rules with the same priority and direction." A template may write them all the same, and a
 * broken export.
 */
function tellTies(ordered: readonly SecurityRule[], { coverage }: AddressWorld): void {
  for (const [i, rule] of ordered.entries()) {
    const before = ordered[i - 1];
    if (before?.priority !== rule.priority || before.allow === rule.allow) continue;
    if (rule.unplaced !== undefined) continue;
    const reason =
      'the rule has the priority of one before it, which Azure does not take: which of them comes first no page says, and they are taken in the order of the export';
    coverOnce(coverage, { span: rule.span, status: 'approximated', reason });
  }
}

/**
 * A rule whose priority only the template's deployment knows stands behind all that have one, and may stand before them too: what
 * it and others match either decides.
 */
function unplacedFirst({ unplaced, span }: SecurityRule, rule: Rule, world: AddressWorld): Rule[] {
  if (unplaced === undefined) return [];
  const reason = `the priority \`${unplaced}\` only the template’s deployment knows: what the rule and others match is decided by either`;
  coverOnce(world.coverage, { span, status: 'unrecognised', reason });
  const text = `${span.label ?? ''} comes first by ${unplaced}`;
  const isFirst: Condition = { kind: 'opaque', text, stateful: false, span };
  return [{ ...rule, match: allOf([rule.match, isFirst]) }];
}

/** Rules that nobody evaluated may come before all others, and allow or deny. */
function unreadRules(
  { unread, name, span }: SecurityGroup,
  direction: Direction,
  world: AddressWorld,
): Rule[] {
  if (unread === 'none') return [];
  const reason =
    'the group’s rules are not here: they are left out, or an expression that only a template’s deployment knows; what they decide is left open (export the group itself)';
  coverOnce(world.coverage, { span, status: 'unrecognised', reason });
  const unknown = (verdict: 'accept' | 'drop'): Rule =>
    verdictRule(
      { kind: 'opaque', text: `an ${direction} rule of ${name} ${verdict}s it`, stateful: false, span },
      verdict,
      span,
    );
  return [unknown('accept'), unknown('drop')];
}

/** @param isBehind an earlier rule takes everything, but for the platform's services outwards */
function lowerRule(rule: SecurityRule, direction: Direction, isBehind: boolean, world: AddressWorld): Rule {
  const peerIsSource = direction === 'ingress';
  const side = (source: boolean): 'own' | 'peer' => (source === peerIsSource ? 'peer' : 'own');
  const { span } = rule;
  if (rule.sourceGroups.length + rule.destinationGroups.length === 0)
    for (const entry of endsApart(rule.sourcePrefixes, rule.destinationPrefixes, span))
      world.coverage.push(entry);
  const knownEnds = allOf([
    endCondition(rule.sourcePrefixes, rule.sourceGroups, side(true), 'src', world, span),
    endCondition(rule.destinationPrefixes, rule.destinationGroups, side(false), 'dst', world, span),
  ]);
  const match = allOf([
    protocolCondition(rule, world),
    ...(rule.condition === undefined ? [] : [templateCondition(rule.condition, rule, world)]),
    ...(rule.missing === undefined ? [] : [missingCondition(rule.missing, rule, world)]),
    rule.unknown === undefined ? knownEnds : unknownEnds(rule.unknown, rule, world),
    portCondition(rule.sourcePorts, 'sport', rule, world),
    portCondition(rule.destinationPorts, 'dport', rule, world),
  ]);
  // What is denied outwards is denied but for the platform's services, which only a rule that names them closes. These need
  // no later rule to let them through: none is told to open them.
  const spares =
    direction === 'egress' && (!rule.allow || isBehind) && !namesPlatform(rule.destinationPrefixes);
  const denied = spares ? withoutPlatform(match, peerField(direction)) : match;
  const verdict = rule.allow ? 'accept' : 'drop';
  const lowered = verdictRule(denied, verdict, span);
  return rule.priority < FIRST_DEFAULT ? lowered : { ...lowered, standard: true };
}

/** Priorities of default rules; those of others end at 4096. (https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview) */
const FIRST_DEFAULT = 65_000;

/** A field that is not known here may name further peers, or choose among those that are named: who is meant is open. */
function unknownEnds(names: readonly string[], { span }: SecurityRule, world: AddressWorld): Condition {
  return unreadText('ends', world, span, unknownProblem(names));
}

/**
 * What the export lacks may be anything. But a port to come from is hardly ever chosen, and a group stands before those whom it
 * guards: that a rule does not say these is no reason to leave the whole of it open.
 */
function missingCondition(
  names: readonly string[],
  { inbound, span }: SecurityRule,
  world: AddressWorld,
): Condition {
  const all = names.map((name) => `\`${name}\``).join(', ');
  const own = inbound ? 'destinationAddressPrefix' : 'sourceAddressPrefix';
  const taken = [
    ...(names.includes(own) ? ['all addresses that the group guards'] : []),
    ...(names.includes('sourcePortRange') ? ['all source ports'] : []),
  ];
  if (taken.length < names.length)
    return unreadText('missing', world, span, `the export has no ${all} of the rule, which each rule has`);
  const reason = `the export has no ${all} of the rule: ${taken.join(' and ')} are taken`;
  world.coverage.push({ span, status: 'approximated', reason });
  return ALWAYS;
}

function templateCondition(text: string, { span }: SecurityRule, world: AddressWorld): Condition {
  const problem = `whether the rule is made depends on \`${text}\`, which only the template’s deployment knows`;
  return unreadText(text, world, span, problem);
}

/** Tcp, Udp, Icmp, Esp, Ah in any case, or `*`. Icmp is ICMP of IPv4; ICMPv6 cannot be named. */
function protocolCondition(rule: SecurityRule, world: AddressWorld): Condition {
  const number = protocolNumber(rule);
  if (number === 'any') return ALWAYS;
  if (number === undefined)
    return unreadText(rule.protocol, world, rule.span, `\`${rule.protocol}\` is no protocol`);
  const own: Condition = { kind: 'field', field: 'protocol', values: [number, number] };
  return number === 1 ? allOf([IPV4, own]) : own;
}

/** Undefined where the rule names no protocol that there is. */
function protocolNumber({ protocol }: SecurityRule): number | 'any' | undefined {
  const name = protocol.trim().toLowerCase();
  if (name === '*' || name === 'any' || name === '') return 'any';
  const number = /^\d+$/.test(name) ? Number(name) : parseProtocol(name);
  return number === undefined || number > 255 ? undefined : number;
}

const IPV4: Condition = { kind: 'address', family: 4, field: 'src', values: [0, 0xffffffff] };

const WHOLE = 65_535;
/** Protocols that have ports. (https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#security-rules) */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17]);

/**
 * Ports only TCP and UDP have: under `*` a rule with ports is about these. The whole range is no condition: the default
 * rules stand in the documentation with 0-65535, and their protocol "encompasses TCP, UDP, and ICMP". What ports mean of
 * another protocol no page says.
 */
function portCondition(
  texts: readonly string[],
  field: 'sport' | 'dport',
  rule: SecurityRule,
  world: AddressWorld,
): Condition {
  if (texts.length === 0) return ALWAYS;
  const protocol = protocolNumber(rule);
  const portless = typeof protocol === 'number' && !WITH_PORTS.has(protocol);
  const conditions = texts.map((text): Condition => {
    const items = readPorts(text);
    if (items === undefined)
      return unreadText(text, world, rule.span, `\`${text}\` is no port or range of ports`);
    const ranges: [number, number][] = [];
    const others: Condition[] = [];
    for (const item of items) {
      if (item.kind === 'any') others.push(ALWAYS);
      else if (item.kind === 'range' && item.from === 0 && item.to === WHOLE) others.push(ALWAYS);
      else if (item.kind === 'range' && portless)
        others.push(
          unreadText(text, world, rule.span, `the rule has ports, and \`${rule.protocol}\` has none`),
        );
      else if (item.kind === 'expression')
        others.push(
          unreadText(
            text,
            world,
            rule.span,
            `\`${item.text}\` is an expression that only the template’s deployment knows`,
          ),
        );
      else if (item.from > item.to || item.to > WHOLE)
        others.push(unreadText(text, world, rule.span, `\`${text}\` is no range of ports`));
      else ranges.push([item.from, item.to]);
    }
    return anyOf([
      ...others,
      ...(ranges.length === 0 ? [] : [{ kind: 'field', field, values: normalise(ranges) } as const]),
    ]);
  });
  return anyOf(conditions);
}
