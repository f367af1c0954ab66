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

/** An address group. (https://cloud.google.com/firewall/docs/about-address-groups) */
export function readAddressGroup(json: LocatedJson, object: JsonObject): AddressGroup {
  const name = textOf(object.name) ?? '';
  return { name, items: textsOf(object.items), span: { ...json.place(object), label: name } };
}
