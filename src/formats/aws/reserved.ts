import { formatAddress, parsePrefix } from '../../packet/address.ts';
import { pairsOf } from '../../packet/ranges.ts';
import type { GroupMembers } from '../../rule/ruleset.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import type { Subnet, Vpc } from './content.ts';

/**
 * Addresses that neither groups nor network ACLs filter: link-local ones (the resolver, the metadata services, time,
 * licences, container credentials), their IPv6 counterparts, the router and resolver of the subnet, and the VPC's resolver at the
 * base of its primary network plus two.
 * (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html, "Security groups do not filter";
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html, "Network ACLs can't block";
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html, reserved addresses)
 */
export function reservedAddresses(subnet: Subnet | undefined, vpc: Vpc | undefined): GroupMembers {
  const addresses = new AddressGatherer();
  for (const network of ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::/32']) addresses.add(network);
  const within = (network: string | null | undefined, ...offsets: readonly bigint[]): void => {
    const own = parsePrefix(network ?? '');
    if (own === undefined || own.family !== 4 || own.prefix > 30) return;
    for (const offset of offsets) addresses.add(formatAddress(4, own.lo + offset));
  };
  within(subnet?.CidrBlock, 1n, 2n);
  within(vpc?.CidrBlock, 2n);
  return addresses.members;
}

/** States of a network that the subnet does not have, or not any more. (API_SubnetCidrBlockState) */
const NOT_ITS: ReadonlySet<string> = new Set(['associating', 'disassociated', 'failing', 'failed']);

/** The subnet's networks: traffic inside of them passes no network ACL. */
export function subnetNetworks({ CidrBlock, Ipv6CidrBlockAssociationSet }: Subnet): GroupMembers {
  const addresses = new AddressGatherer();
  if (typeof CidrBlock === 'string') addresses.add(CidrBlock);
  for (const { Ipv6CidrBlock, Ipv6CidrBlockState } of Ipv6CidrBlockAssociationSet ?? [])
    if (typeof Ipv6CidrBlock === 'string' && !NOT_ITS.has(Ipv6CidrBlockState?.State ?? ''))
      addresses.add(Ipv6CidrBlock);
  return addresses.members;
}

/**
 * "The first four IP addresses and the last IP address in each subnet CIDR block are not available for your use", of IPv6 too.
 * (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html)
 */
export function nobodysAddresses(subnets: readonly Subnet[]): GroupMembers {
  const addresses = new AddressGatherer();
  for (const { ipv4, ipv6 } of subnets.map(subnetNetworks)) {
    const pairs = [
      ...pairsOf(ipv4).map(([lo, hi]) => [4, BigInt(lo), BigInt(hi)] as const),
      ...pairsOf(ipv6).map(([lo, hi]) => [6, lo, hi] as const),
    ];
    for (const [family, lo, hi] of pairs) {
      addresses.addRange(family, lo, hi < lo + 3n ? hi : lo + 3n);
      addresses.addRange(family, hi, hi);
    }
  }
  return addresses.members;
}
