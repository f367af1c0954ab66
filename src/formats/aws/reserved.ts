import { formatAddress, parsePrefix } from '../../packet/address.ts';
import type { GroupMembers } from '../../rule/ruleset.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import type { Subnet } from './content.ts';

/**
 * Addresses that neither groups nor network ACLs filter: link-local ones (the resolver, the metadata services, time,
 * licences, container credentials), their IPv6 counterparts, and the router and resolver of the subnet.
 * (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html, "Security groups do not filter";
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html, "Network ACLs can't block";
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html, reserved addresses)
 */
export function reservedAddresses(subnet: Subnet | undefined): GroupMembers {
  const addresses = new AddressGatherer();
  for (const network of ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::/32']) addresses.add(network);
  const own = subnet === undefined ? undefined : parsePrefix(subnet.CidrBlock ?? '');
  if (own !== undefined && own.family === 4 && own.prefix <= 30)
    for (const offset of [1n, 2n]) addresses.add(formatAddress(4, own.lo + offset));
  return addresses.members;
}

/** The subnet's networks: traffic inside of them passes no network ACL. */
export function subnetNetworks({ CidrBlock, Ipv6CidrBlockAssociationSet }: Subnet): GroupMembers {
  const addresses = new AddressGatherer();
  if (typeof CidrBlock === 'string') addresses.add(CidrBlock);
  for (const { Ipv6CidrBlock } of Ipv6CidrBlockAssociationSet ?? [])
    if (typeof Ipv6CidrBlock === 'string') addresses.add(Ipv6CidrBlock);
  return addresses.members;
}
