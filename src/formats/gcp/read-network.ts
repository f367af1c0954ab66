import type { JsonObject, LocatedJson } from '../exports/located.ts';
import { type AddressGroup, type GcpNetwork, lastOf, networkOf, textOf, textsOf } from './content.ts';

/** A network. (https://cloud.google.com/compute/docs/reference/rest/v1/networks) */
export function readNetwork(json: LocatedJson, object: JsonObject): GcpNetwork {
  const profile = textOf(object.networkProfile);
  return {
    network: networkOf(textOf(object.selfLink) ?? textOf(object.name) ?? ''),
    id: numberIn(`/networks/${textOf(object.id)}`) ?? numberIn(textOf(object.selfLinkWithId)),
    beforeClassic: object.networkFirewallPolicyEnforcementOrder === 'BEFORE_CLASSIC_FIREWALL',
    saysOrder: textOf(object.networkFirewallPolicyEnforcementOrder) !== undefined,
    policy: textOf(object.firewallPolicy),
    profile: profile === undefined ? undefined : lastOf(profile),
    span: { ...json.place(object), label: `network ${textOf(object.name) ?? ''}` },
  };
}

const numberIn = (link: string | undefined): string | undefined =>
  link === undefined ? undefined : /\/networks\/(\d+)$/.exec(link)?.[1];

/** What the API sets itself of an address group. */
const OF_WHOLE_GROUPS = ['createTime', 'updateTime', 'selfLink'];

/**
 * An address group. Empty lists are not printed: a group that is printed whole and has no items is empty, of another a format may have
 * left them out. (https://cloud.google.com/network-security/docs/reference/network-security/rest/v1/projects.locations.addressGroups)
 */
export function readAddressGroup(json: LocatedJson, object: JsonObject): AddressGroup {
  const name = textOf(object.name) ?? '';
  const isSaid = ['items', ...OF_WHOLE_GROUPS].some((field) => field in object);
  return {
    name,
    items: isSaid ? textsOf(object.items) : undefined,
    span: { ...json.place(object), label: name },
  };
}
