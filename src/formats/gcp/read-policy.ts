import type { Diagnostic } from '../../text/diagnostic.ts';
import { type JsonObject, type LocatedJson, objectsOf } from '../exports/located.ts';
import { lastOf, type Policy, type PolicyKind, textOf } from './content.ts';
import { inProjectOf } from './network-names.ts';
import { readPolicyRule } from './read-policy-rule.ts';

/**
 * A firewall policy, as `describe` prints it or as an answer to `get-effective-firewalls` has it.
 * (https://cloud.google.com/compute/docs/reference/rest/v1/firewallPolicies)
 */
export function readPolicy(
  json: LocatedJson,
  object: JsonObject,
  effective: boolean,
  errors: Diagnostic[],
): Policy {
  const name = textOf(object.name) ?? textOf(object.id) ?? '';
  const title = textOf(object.shortName) ?? textOf(object.displayName) ?? name;
  const attached = objectsOf(object.associations).flatMap((one) => {
    const target = textOf(one.attachmentTarget);
    const priority = typeof one.priority === 'number' ? one.priority : undefined;
    if (target === undefined) return [];
    return [{ target: inProjectOf(target, textOf(object.selfLink)), name: textOf(one.name) ?? '', priority }];
  });
  const own = typeof object.priority === 'number' ? object.priority : undefined;
  const rules = objectsOf(object.rules).flatMap((rule) => {
    const read = readPolicyRule(json, rule, title, effective);
    if ('direction' in read) return [read];
    errors.push(read);
    return [];
  });
  const region = regionOf(object);
  return {
    name,
    id: textOf(object.id),
    title,
    kind: kindOf(object, attached[0]?.target),
    region,
    policyType: textOf(object.policyType),
    attached: effective ? [{ target: '', name: '', priority: own }] : attached,
    effective,
    rules: rules.sort((a, b) => a.priority - b.priority),
    unread: object.rules === undefined || object.rules === null,
    span: { ...json.place(object), label: `policy ${title}` },
  };
}

/** The region of a policy; its own link says it too. */
function regionOf({ region, selfLink }: JsonObject): string | undefined {
  const said = textOf(region);
  return said === undefined
    ? /\/regions\/([^/]+)\/firewallPolicies\//.exec(textOf(selfLink) ?? '')?.[1]
    : lastOf(said);
}

/** The answers to get-effective-firewalls name the kind; else what the policy is attached to and its region tell. */
function kindOf(object: JsonObject, target: string | undefined): PolicyKind {
  const type = textOf(object.type) ?? '';
  if (type.startsWith('SYSTEM')) return 'system';
  if (type === 'NETWORK_REGIONAL') return 'region';
  if (type === 'NETWORK') return 'network';
  if (type === 'HIERARCHY') return 'hierarchy';
  if (regionOf(object) !== undefined) return 'region';
  const link = textOf(object.selfLink) ?? '';
  if (/\/projects\/[^/]+\/global\/firewallPolicies\//.test(link)) return 'network';
  return /\/networks\//.test(target ?? '') ? 'network' : 'hierarchy';
}
