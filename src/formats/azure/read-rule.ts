import type { Diagnostic } from '../../text/diagnostic.ts';
import { plainName } from '../exports/field-names.ts';
import { type Json, type JsonObject, type LocatedJson, objectsOf } from '../exports/located.ts';
import { wrongField } from '../exports/problems.ts';
import { knownFields, unknownConditions } from '../exports/unknown-conditions.ts';
import schema from '../../../grammars/azure/export.schema.json' with { type: 'json' };
import { parseExpression } from '../../../grammars/azure/expression.ts';
import { field, labelled, nameOfId, propertiesOf, type SecurityRule, textsOf, UNPLACED } from './content.ts';
import { resourceLoop } from './template-loops.ts';
import { ruleNames } from './template-names.ts';

const KNOWN = knownFields(schema.$defs.SecurityRule.properties, plainName);

/** Names of fields that may be conditions: about the ends, or made by an expression, as Bicep's interpolated ones are. */
const MAY_ASK = /^(?:source|destination|\[)/i;

/** What a rule is to be is an expression that only the template's deployment knows: which field of it. */
export interface UnknownRule {
  readonly expression: string;
}

/** A security rule; an error where it lacks what makes it one. */
export function readRule(
  json: LocatedJson,
  resource: JsonObject,
  group: string,
): SecurityRule | UnknownRule | Diagnostic {
  const own = propertiesOf(resource);
  const get = (name: string) => field(own, name);
  const name = textsOf(field(resource, 'name'))[0] ?? '';
  const unplaced = expressionOf(get('priority'));
  const priority = unplaced === undefined ? Number(get('priority')) : UNPLACED;
  const open = expressionOf(get('direction')) ?? expressionOf(get('access'));
  const direction = String(get('direction') ?? '').toLowerCase();
  const access = String(get('access') ?? '').toLowerCase();
  if (!Number.isInteger(priority) || priority < 1 || priority > 65535)
    return wrong(
      json,
      resource,
      name,
      '`priority`',
      'a whole number from 100 to 4096 (default rules: to 65500)',
    );
  if (open !== undefined) return { expression: open };
  if (direction !== 'inbound' && direction !== 'outbound')
    return wrong(json, resource, name, '`direction`', 'Inbound or Outbound');
  if (access !== 'allow' && access !== 'deny')
    return wrong(json, resource, name, '`access`', 'Allow or Deny');
  const rule = {
    name: (name.startsWith('[') ? ruleNames(name)?.rule : undefined) ?? nameOfId(name),
    priority,
    ...(unplaced === undefined ? {} : { unplaced }),
    inbound: direction === 'inbound',
    allow: access === 'allow',
    protocol: textsOf(get('protocol'))[0] ?? '*',
    sourcePrefixes: textsOf(get('sourceAddressPrefix'), get('sourceAddressPrefixes')),
    destinationPrefixes: textsOf(get('destinationAddressPrefix'), get('destinationAddressPrefixes')),
    sourcePorts: textsOf(get('sourcePortRange'), get('sourcePortRanges')),
    destinationPorts: textsOf(get('destinationPortRange'), get('destinationPortRanges')),
    sourceGroups: groupIds(get('sourceApplicationSecurityGroups')),
    destinationGroups: groupIds(get('destinationApplicationSecurityGroups')),
    supplied: false,
  };
  // A template deploys a resource with a condition, or does not.
  const condition = conditionOf(resource);
  const depends = condition === undefined ? {} : { condition };
  const unknown = unknownConditions(own, KNOWN, MAY_ASK, plainName);
  const missing = missingOf(rule, (get('protocol') ?? undefined) !== undefined, unknown.length > 0);
  const more = {
    ...(unknown.length === 0 ? {} : { unknown }),
    ...(missing.length === 0 ? {} : { missing }),
  };
  return { ...rule, ...depends, ...more, span: labelled(json, resource, labelOf(group, rule)) };
}

type Matched = Pick<
  SecurityRule,
  | 'protocol'
  | 'sourcePrefixes'
  | 'sourceGroups'
  | 'destinationPrefixes'
  | 'destinationGroups'
  | 'sourcePorts'
  | 'destinationPorts'
>;

/**
 * What a query left out. "Security rule must specify either DestinationPortRange or DestinationPortRanges" (and so on) is what Azure
 * answers to a rule without it, so that none means anybody or all ports by what it lacks.
 * @param hasOthers the rule has fields about its ends that are not known here
 */
function missingOf(rule: Matched, hasProtocol: boolean, hasOthers: boolean): string[] {
  // Esp, Ah and Icmp have no ports that a rule could say.
  const hasPorts = !/^(?:icmp|esp|ah|1|50|51)$/i.test(rule.protocol.trim());
  const names: (readonly [name: string, isThere: boolean])[] = [
    ['protocol', hasProtocol],
    ['sourceAddressPrefix', hasOthers || rule.sourcePrefixes.length + rule.sourceGroups.length > 0],
    [
      'destinationAddressPrefix',
      hasOthers || rule.destinationPrefixes.length + rule.destinationGroups.length > 0,
    ],
    ['sourcePortRange', hasOthers || !hasPorts || rule.sourcePorts.length > 0],
    ['destinationPortRange', hasOthers || !hasPorts || rule.destinationPorts.length > 0],
  ];
  return names.flatMap(([name, isThere]) => (isThere ? [] : [name]));
}

/** The expression of a template that is in the place of a value; long ones are shown in part. */
function expressionOf(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' || parseExpression(value) === undefined) return undefined;
  return value.length > SHOWN ? `${value.slice(0, SHOWN)} …` : value;
}

/**
 * Whether the template makes a resource: its condition, undefined where it makes it always. A loop of which nobody knows how often it
 * turns may make none.
 */
export function conditionOf(resource: JsonObject): string | undefined {
  const loop = resourceLoop(resource);
  const { condition = loop === undefined ? true : `copy ${String(loop.count)}` } = resource;
  if (condition === true) return undefined;
  const text = typeof condition === 'string' ? condition : JSON.stringify(condition);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)} …` : text;
}

/** Characters of a condition that a report shows. */
const SHOWN = 200;

function groupIds(value: JsonObject[string]): string[] {
  return objectsOf(value).flatMap((one) => textsOf(field(one, 'id')));
}

/** A rule in one line: `web-nsg 300 inbound allow tcp 443 from Internet "AllowWeb"`. */
export function labelOf(group: string, rule: Omit<SecurityRule, 'span'>): string {
  const list = (values: readonly string[]): string => (values.length === 0 ? '*' : values.join(','));
  const source = [...rule.sourcePrefixes, ...rule.sourceGroups.map(nameOfId)];
  const destination = [...rule.destinationPrefixes, ...rule.destinationGroups.map(nameOfId)];
  const words = [
    group,
    rule.unplaced === undefined ? String(rule.priority) : '?',
    rule.inbound ? 'inbound' : 'outbound',
    rule.allow ? 'allow' : 'deny',
    rule.protocol.toLowerCase(),
    list(rule.destinationPorts),
    `from ${list(source)} to ${list(destination)}`,
    rule.name === '' ? '' : `"${rule.name}"`,
  ];
  return words.filter((word) => word !== '').join(' ');
}

function wrong(
  json: LocatedJson,
  resource: JsonObject,
  name: string,
  what: string,
  expected: string,
): Diagnostic {
  return wrongField(json, resource, `security rule \`${name}\``, what, expected);
}
