import type { Direction } from '../exports/chains.ts';
import { type Json, type JsonObject, type LocatedJson, objectsOf } from '../exports/located.ts';
import { wrongField } from '../exports/problems.ts';
import { knownFields, unknownConditions, unknownProblem } from '../exports/unknown-conditions.ts';
import schema from '../../../grammars/gcp/export.schema.json' with { type: 'json' };
import type { Diagnostic } from '../../text/diagnostic.ts';
import {
  type Action,
  type Ends,
  type Firewall,
  type GcpRule,
  networkOf,
  type Targets,
  textOf,
  textsOf,
} from './content.ts';
import { inProjectOf } from './network-names.ts';
import { isTrimmed, isWayUnsaid, rangesUnsaid, unsaidOf, unsaidOfPolicyRule } from './trimmed-rules.ts';

const NO_ENDS: Ends = {
  ranges: [],
  groups: [],
  addressGroups: [],
  opaque: [],
  regions: [],
  gone: [],
  contexts: [],
  unknown: [],
};
const LAST = 2_147_483_647;
const FIREWALL = knownFields(schema.$defs.Firewall.properties);
const MATCH = knownFields(schema.$defs.Match.properties);
const POLICY_RULE = knownFields(schema.$defs.PolicyRule.properties);

/**
 * A VPC firewall rule. Absent fields have the API's defaults: ingress, priority 1000, the network `default`.
 * (https://cloud.google.com/compute/docs/reference/rest/v1/firewalls)
 */
export function readFirewall(
  json: LocatedJson,
  object: JsonObject,
  list: readonly Json[] | undefined,
): Firewall | Diagnostic {
  const name = textOf(object.name) ?? '';
  const direction = directionOf(object.direction ?? 'INGRESS');
  const priority = priorityOf(object.priority ?? 1000, 65_535);
  const allowed = objectsOf(object.allowed);
  const denied = objectsOf(object.denied);
  const trimmed = isTrimmed(object);
  if (direction === undefined || isWayUnsaid(object))
    return wrong(json, object, name, '`direction`', 'INGRESS or EGRESS');
  if (priority === undefined)
    return wrong(json, object, name, '`priority`', 'a whole number from 0 to 65535');
  if ((allowed.length === 0) === (denied.length === 0))
    return wrong(json, object, name, 'whether it allows or denies', 'either `allowed` or `denied`');
  const tags = textsOf(object.targetTags);
  const accounts = textsOf(object.targetServiceAccounts);
  const rule = {
    name,
    priority,
    direction,
    action: denied.length > 0 ? ('deny' as const) : ('allow' as const),
    idle: object.disabled === true ? DISABLED : undefined,
    layer4: layer4Of(denied.length > 0 ? denied : allowed, 'IPProtocol'),
    source: {
      ...NO_ENDS,
      ranges: textsOf(object.sourceRanges),
      groups: [...textsOf(object.sourceTags), ...textsOf(object.sourceServiceAccounts)],
      opaque: trimmed ? rangesUnsaid(object, list) : [],
      unknown: unknownConditions(object, FIREWALL, /^source/),
    },
    destination: {
      ...NO_ENDS,
      ranges: textsOf(object.destinationRanges),
      unknown: unknownConditions(object, FIREWALL, /^destination/),
    },
    targets: { tags, accounts, networks: [], nobody: false },
  };
  const both = tags.length > 0 && accounts.length > 0;
  const unknown = unknownConditions(object, FIREWALL, /^target/);
  const unsaid = trimmed ? unsaidOf(object, direction) : undefined;
  const problem = both
    ? { problem: 'the rule has target tags and target service accounts, which cannot be' }
    : unknown.length > 0
      ? { problem: unknownProblem(unknown) }
      : unsaid === undefined
        ? {}
        : { problem: unsaid };
  const span = { ...json.place(object), label: labelOf(name, rule) };
  return {
    network: networkOf(inProjectOf(textOf(object.network) ?? 'default', textOf(object.selfLink))),
    rule: { ...rule, ...problem, span },
    trimmed,
    networkUnsaid: object.network === undefined,
    priorityUnsaid: object.priority === undefined,
  };
}

/**
 * A rule of a firewall policy; one in an answer to `get-effective-firewalls` need not have all that `describe` prints.
 * (https://cloud.google.com/compute/docs/reference/rest/v1/firewallPolicies, rules[])
 */
export function readPolicyRule(
  json: LocatedJson,
  object: JsonObject,
  policy: string,
  effective: boolean,
): GcpRule | Diagnostic {
  const match = objectOf(object.match);
  const name = textOf(object.ruleName) ?? '';
  const direction = directionOf(object.direction ?? 'INGRESS');
  const priority = priorityOf(object.priority, LAST);
  const action = ACTIONS.get(String(object.action));
  if (direction === undefined) return wrong(json, object, policy, '`direction`', 'INGRESS or EGRESS');
  if (priority === undefined) return wrong(json, object, policy, '`priority`', 'a whole number');
  if (action === undefined) return wrong(json, object, policy, '`action`', [...ACTIONS.keys()].join(', '));
  const rule = {
    name,
    priority,
    direction,
    action,
    idle: object.disabled === true ? DISABLED : isForBalancers(object) ? FOR_BALANCERS : undefined,
    layer4: layer4Of(objectsOf(match.layer4Configs), 'ipProtocol'),
    source: endsOf(match, 'src'),
    destination: endsOf(match, 'dest'),
    targets: targetsOf(object),
  };
  const unknown = [
    ...unknownConditions(object, POLICY_RULE, /^target/),
    ...unknownConditions(match, MATCH, /^(?!src|dest)/),
  ];
  if (!TARGET_TYPES.has(textOf(object.targetType))) unknown.push('targetType');
  const unsaid = effective ? undefined : unsaidOfPolicyRule(object, match, direction);
  const problem = unknown.length > 0 ? unknownProblem(unknown) : unsaid;
  const span = { ...json.place(object), label: labelOf(policy, rule) };
  return { ...rule, ...(problem === undefined ? {} : { problem }), span };
}

const DISABLED = 'the rule is disabled; it is not enforced';
const FOR_BALANCERS = 'the rule is for internal load balancers: it decides nothing at instances';

const TARGET_TYPES: ReadonlySet<string | undefined> = new Set([
  undefined,
  'UNDEFINED_TARGET_TYPE',
  'INSTANCES',
  'INTERNAL_MANAGED_LB',
]);

/**
 * Rules are for interfaces of instances, or for the managed proxies of internal load balancers.
 * (https://cloud.google.com/firewall/docs/firewall-policies-rule-details#targets)
 */
function isForBalancers({ targetType, targetForwardingRules }: JsonObject): boolean {
  return targetType === 'INTERNAL_MANAGED_LB' || textsOf(targetForwardingRules).length > 0;
}

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['allow', 'allow'],
  ['deny', 'deny'],
  ['goto_next', 'goto_next'],
  ['apply_security_profile_group', 'inspect'],
]);

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function endsOf(match: JsonObject, side: 'src' | 'dest'): Ends {
  const list = (name: string): string[] => textsOf(match[`${side}${name}`]);
  const one = (name: string): string[] => {
    const text = textOf(match[`${side}${name}`]);
    return text === undefined || text === 'UNSPECIFIED' ? [] : [text];
  };
  const what = side === 'src' ? 'source' : 'destination';
  return {
    ranges: list('IpRanges'),
    groups: effectiveTags(match[`${side}SecureTags`]),
    addressGroups: list('AddressGroups'),
    regions: list('RegionCodes').map((code) => `${what} region ${code}`),
    opaque: [
      ...list('Fqdns').map((name) => `${what} FQDN ${name}`),
      ...list('ThreatIntelligences').map((name) => `${what} threat list ${name}`),
    ],
    gone: goneTags(match[`${side}SecureTags`]),
    contexts: [
      ...[...one('NetworkScope'), ...one('NetworkType'), ...one('NetworkContext')].map(
        (name) => `${what} network type ${name}`,
      ),
      ...(list('Networks').length === 0 ? [] : [`${what} network ${list('Networks').join(', ')}`]),
    ],
    unknown: unknownConditions(match, MATCH, side === 'src' ? /^src/ : /^dest/),
  };
}

/** A secure tag that was deleted is INEFFECTIVE: nobody carries it. */
function effectiveTags(value: Json | undefined): string[] {
  return objectsOf(value).flatMap((tag) => (tag.state === 'INEFFECTIVE' ? [] : (textOf(tag.name) ?? [])));
}

function goneTags(value: Json | undefined): string[] {
  return objectsOf(value).flatMap((tag) => (tag.state === 'INEFFECTIVE' ? (textOf(tag.name) ?? []) : []));
}

function targetsOf(object: JsonObject): Targets {
  const tags = effectiveTags(object.targetSecureTags);
  const accounts = textsOf(object.targetServiceAccounts);
  const gone = goneTags(object.targetSecureTags).length > 0;
  const nobody = gone && tags.length + accounts.length === 0;
  return { tags, accounts, networks: textsOf(object.targetResources).map(networkOf), nobody };
}

function layer4Of(items: readonly JsonObject[], name: string): GcpRule['layer4'] {
  return items.map((item) => ({ protocol: textOf(item[name]) ?? '', ports: textsOf(item.ports) }));
}

function directionOf(value: Json): Direction | undefined {
  const written = String(value).toUpperCase();
  return written === 'INGRESS' ? 'ingress' : written === 'EGRESS' ? 'egress' : undefined;
}

function priorityOf(value: Json | undefined, most: number): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= most
    ? number
    : undefined;
}

/** A rule in one line: `allow-ssh 1000 ingress allow tcp:22 from 10.0.0.0/8 for tag web`. */
function labelOf(name: string, rule: Omit<GcpRule, 'span'>): string {
  const layer4 = rule.layer4.map(({ protocol, ports }) =>
    ports.length === 0 ? protocol : ports.map((port) => `${protocol}:${port}`).join(','),
  );
  const end = ({ ranges, groups, addressGroups, opaque, regions, contexts }: Ends): string =>
    [...ranges, ...groups, ...addressGroups, ...opaque, ...regions, ...contexts].join(',');
  const source = end(rule.source);
  const destination = end(rule.destination);
  const targets = [...rule.targets.tags, ...rule.targets.accounts];
  const words = [
    name,
    String(rule.priority),
    rule.direction,
    rule.action,
    layer4.join(','),
    source === '' ? '' : `from ${source}`,
    destination === '' ? '' : `to ${destination}`,
    targets.length === 0 ? '' : `for ${targets.join(',')}`,
    rule.idle === DISABLED ? '(disabled)' : '',
  ];
  return words.filter((word) => word !== '').join(' ');
}

function wrong(
  json: LocatedJson,
  object: JsonObject,
  name: string,
  what: string,
  expected: string,
): Diagnostic {
  return wrongField(json, object, `firewall rule \`${name}\``, what, expected);
}
