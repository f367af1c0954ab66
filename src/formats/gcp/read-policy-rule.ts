import { type Json, type JsonObject, type LocatedJson, objectsOf } from '../exports/located.ts';
import { knownFields, unknownConditions, unknownProblem } from '../exports/unknown-conditions.ts';
import schema from '../../../grammars/gcp/export.schema.json' with { type: 'json' };
import type { Diagnostic } from '../../text/diagnostic.ts';
import { type Action, type Ends, type GcpRule, networkOf, type Targets, textOf, textsOf } from './content.ts';
import {
  DISABLED,
  directionOf,
  labelOf,
  layer4Of,
  priorityOf,
  unknownOfLayer4,
  wrongRule,
} from './rule-fields.ts';
import { unsaidOfPolicyRule } from './trimmed-rules.ts';

/** The last priority of a policy's rule, which its default rule has. */
const LAST = 2_147_483_647;
const MATCH = knownFields(schema.$defs.Match.properties);
const POLICY_RULE = knownFields(schema.$defs.PolicyRule.properties);

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
  if (direction === undefined) return wrongRule(json, object, policy, '`direction`', 'INGRESS or EGRESS');
  if (priority === undefined) return wrongRule(json, object, policy, '`priority`', 'a whole number');
  if (action === undefined)
    return wrongRule(json, object, policy, '`action`', [...ACTIONS.keys()].join(', '));
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
    ...unknownOfLayer4(objectsOf(match.layer4Configs)),
  ];
  if (!TARGET_TYPES.has(textOf(object.targetType))) unknown.push('targetType');
  const unsaid = unsaidOfPolicyRule(object, match, direction, effective);
  const problem = unknown.length > 0 ? unknownProblem(unknown) : unsaid;
  const span = { ...json.place(object), label: labelOf(policy, rule) };
  return { ...rule, ...(problem === undefined ? {} : { problem }), span };
}

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
