import { type Json, type JsonObject, type LocatedJson, objectsOf } from '../exports/located.ts';
import { knownFields, unknownConditions, unknownProblem } from '../exports/unknown-conditions.ts';
import schema from '../../../grammars/gcp/export.schema.json' with { type: 'json' };
import type { Diagnostic } from '../../text/diagnostic.ts';
import { type Firewall, networkOf, textOf, textsOf } from './content.ts';
import { inProjectOf } from './network-names.ts';
import {
  DISABLED,
  directionOf,
  labelOf,
  layer4Of,
  NO_ENDS,
  priorityOf,
  unknownOfLayer4,
  wrongRule,
} from './rule-fields.ts';
import { isTrimmed, isWayUnsaid, rangesUnsaid, unsaidOf } from './trimmed-rules.ts';

const FIREWALL = knownFields(schema.$defs.Firewall.properties);

/**
 * A VPC firewall rule. Absent fields have the API's defaults: ingress, priority 1000, the network `default`.
 * (https://cloud.google.com/compute/docs/reference/rest/v1/firewalls)
 *
 * @param list the rules that were printed with it; one may show what a format kept of all
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
  if (direction === undefined || isWayUnsaid(object))
    return wrongRule(json, object, name, '`direction`', 'INGRESS or EGRESS');
  if (priority === undefined)
    return wrongRule(json, object, name, '`priority`', 'a whole number from 0 to 65535');
  if ((allowed.length === 0) === (denied.length === 0))
    return wrongRule(json, object, name, 'whether it allows or denies', 'either `allowed` or `denied`');
  const trimmed = isTrimmed(object);
  const rule = {
    name,
    priority,
    direction,
    action: denied.length > 0 ? ('deny' as const) : ('allow' as const),
    idle: object.disabled === true ? DISABLED : undefined,
    layer4: layer4Of(denied.length > 0 ? denied : allowed, 'IPProtocol'),
    ...endsOf(object, trimmed, list),
  };
  const problem = problemOf(object, rule) ?? (trimmed ? unsaidOf(object, direction) : undefined);
  const span = { ...json.place(object), label: labelOf(name, rule) };
  return {
    network: networkOf(inProjectOf(textOf(object.network) ?? 'default', textOf(object.selfLink))),
    rule: { ...rule, ...(problem === undefined ? {} : { problem }), span },
    trimmed,
    networkUnsaid: object.network === undefined,
    priorityUnsaid: object.priority === undefined,
  };
}

/** Whose packets the rule is about, and at which machines. */
function endsOf(object: JsonObject, trimmed: boolean, list: readonly Json[] | undefined) {
  return {
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
    targets: {
      tags: textsOf(object.targetTags),
      accounts: textsOf(object.targetServiceAccounts),
      networks: [],
      nobody: false,
    },
  };
}

/** Why nobody can tell at which machines the rule is in force, or for which ports. */
function problemOf(object: JsonObject, { targets }: ReturnType<typeof endsOf>): string | undefined {
  if (targets.tags.length > 0 && targets.accounts.length > 0)
    return 'the rule has target tags and target service accounts, which cannot be';
  const unknown = [
    ...unknownConditions(object, FIREWALL, /^target/),
    ...unknownOfLayer4([...objectsOf(object.allowed), ...objectsOf(object.denied)]),
  ];
  return unknown.length > 0 ? unknownProblem(unknown) : undefined;
}
