import type { GcpContent } from './content.ts';
import { networkOf } from './content.ts';

/**
 * Networks that are no regular ones. `roce`: RDMA over converged Ethernet, with regional policies of a type of their own alone,
 * which know no connections, and implied rules that let everything in and out; `other`: what filters there no page says; `attached`:
 * another's, which an interface is in by an attachment, and whose rules the export lacks.
 * (https://cloud.google.com/firewall/docs/firewall-for-roce, https://cloud.google.com/vpc/docs/rdma-network-profiles)
 */
export type Profile = 'roce' | 'other' | 'attached';

/** By the network; regular ones are not among them. */
export function profilesOf(
  contents: readonly GcpContent[],
  one: (name: string) => string,
): ReadonlyMap<string, Profile> {
  const found = new Map<string, Profile>();
  for (const { policies, interfaces } of contents) {
    for (const { network, nicType, isAttached } of interfaces) {
      const profile = isAttached ? 'attached' : NIC_TYPES.get(nicType ?? '');
      if (profile !== undefined) found.set(one(network), profile);
    }
    for (const { policyType, attached } of policies) {
      const profile = ofPolicy(policyType);
      if (profile !== undefined)
        for (const { target } of attached) found.set(one(networkOf(target)), profile);
    }
  }
  // The network's own export says it best.
  for (const { network, profile } of contents.flatMap((content) => content.networks))
    if (profile !== undefined) found.set(one(network), /-vpc-roce$/.test(profile) ? 'roce' : 'other');
  return found;
}

/** Interfaces that only such networks take. */
const NIC_TYPES: ReadonlyMap<string, Profile> = new Map([
  ['MRDMA', 'roce'],
  ['IRDMA', 'other'],
]);

/** "If not specified then VPC_POLICY will be used." (https://cloud.google.com/compute/docs/reference/rest/v1/firewallPolicies, policyType) */
export function ofPolicy(policyType: string | undefined): Profile | undefined {
  if (policyType === undefined || policyType === 'VPC_POLICY') return undefined;
  return policyType === 'RDMA_ROCE_POLICY' ? 'roce' : 'other';
}
