import { type Json, type JsonObject, objectsOf } from '../exports/located.ts';
import { textOf } from './content.ts';

/** The kinds of resources that are read, each with its own schema. */
export const RESOURCES = ['Firewall', 'Policy', 'Effective', 'Network', 'AddressGroup', 'Instance'] as const;
/** One of them. */
export type Resource = (typeof RESOURCES)[number];

const UNREAD = /^compute#(?!firewall|network|instance)\w*List$/;

/** Whether a list is of what is not read: nobody needs its other pages. */
export const isUnreadList = ({ kind }: JsonObject): boolean => UNREAD.test(textOf(kind) ?? '');

// Lists and answers are no resources.
const OTHER_KIND = /^compute#(?!(?:firewall|firewallPolicy|network|instance)$)(?!.*(?:List|Response)$)/;

/** Whether a kind is of resources that are not read: routes, subnets, rules of load balancers. */
export const isOtherKind = (kind: Json | undefined): boolean =>
  typeof kind === 'string' && OTHER_KIND.test(kind);

/** Which resource an object is: by its kind, else by fields that only this one has. */
export function resourceOf(object: JsonObject): Resource | undefined {
  const kind = textOf(object.kind);
  if (kind === 'compute#firewall') return 'Firewall';
  if (kind === 'compute#firewallPolicy') return 'Policy';
  if (kind === 'compute#network') return 'Network';
  if (kind === 'compute#instance') return 'Instance';
  if (isOtherKind(kind)) return undefined;
  const has = (...names: string[]): boolean => names.some((name) => object[name] !== undefined);
  if (has('firewallPolicys', 'organizationFirewalls', 'firewalls')) return 'Effective';
  if (has('allowed', 'denied')) return 'Firewall';
  if (has('rules') && has('associations', 'shortName', 'selfLink', 'name', 'parent')) return 'Policy';
  if (has('networkInterfaces')) return 'Instance';
  if (has('networkFirewallPolicyEnforcementOrder', 'autoCreateSubnetworks')) return 'Network';
  if (/\/addressGroups\//.test(textOf(object.name) ?? '')) return 'AddressGroup';
  return undefined;
}

/** Whether an object is a rule of a firewall policy, without the policy. */
export const isPolicyRule = ({ kind, match, action }: JsonObject): boolean =>
  kind === 'compute#firewallPolicyRule' || (match !== undefined && action !== undefined);

/** The items of a page of the API; undefined where the object is none. */
export function pageOf(object: JsonObject): Json[] | undefined {
  const isPage = /List$/.test(textOf(object.kind) ?? '');
  if (isPage && Array.isArray(object.items)) return object.items as Json[];
  if (isPage && object.items === undefined) return [];
  if (Array.isArray(object.addressGroups) && object.name === undefined) return object.addressGroups as Json[];
  if (!isPage || typeof object.items !== 'object' || object.items === null) return undefined;
  // An aggregated list has its items by zone or region.
  return Object.values(object.items as JsonObject).flatMap((zone) => {
    const { instances, firewallPolicies } = (zone ?? {}) as JsonObject;
    return [...objectsOf(instances), ...objectsOf(firewallPolicies)];
  });
}
