import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { JsonObject, LocatedJson } from '../exports/located.ts';

/**
 * What other commands about a network print. None of it says what groups and network ACLs let through: routes, gateways, what is
 * attached to what, which groups may be used in which VPC, what makes prefix lists, what no longer exists, or what is no part of
 * the network: who keeps an inventory asks for all of it.
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Operations.html)
 */
export const OTHER_LISTS = [
  'RouteTables',
  'InternetGateways',
  'EgressOnlyInternetGateways',
  'NatGateways',
  'CarrierGateways',
  'CustomerGateways',
  'VpnGateways',
  'VpnConnections',
  'VpcEndpoints',
  'VpcPeeringConnections',
  'TransitGateways',
  'TransitGatewayAttachments',
  'TransitGatewayVpcAttachments',
  'VpcBlockPublicAccessExclusions',
  'VpcBlockPublicAccessOptions',
  'VpcEncryptionControls',
  'IpamPrefixListResolvers',
  'IpamPrefixListResolverTargets',
  'PrefixListAssociations',
  'SecurityGroupVpcAssociations',
  'SecurityGroupForVpcs',
  'SecurityGroupReferenceSet',
  'StaleSecurityGroupSet',
  'DhcpOptions',
  'FlowLogs',
  'Addresses',
  'TransitGatewayPeeringAttachments',
  'TransitGatewayConnects',
  'TransitGatewayRouteTables',
  'LocalGateways',
  'LocalGatewayRouteTables',
  'RouteServers',
  'ClientVpnEndpoints',
  'InstanceConnectEndpoints',
  'VerifiedAccessInstances',
  'VerifiedAccessGroups',
  'VerifiedAccessEndpoints',
  'VpcEndpointConnections',
  'ServiceConfigurations',
  'NetworkInsightsPaths',
  'NetworkInsightsAnalyses',
  'NetworkInterfacePermissions',
  'TrafficMirrorFilters',
  'TrafficMirrorSessions',
  'TrafficMirrorTargets',
  'Ipams',
  'IpamPools',
  'IpamScopes',
  'LaunchTemplates',
  'LaunchTemplateVersions',
  'SpotInstanceRequests',
  'InstanceStatuses',
  'Hosts',
  'PlacementGroups',
  'Images',
  'Volumes',
  'Snapshots',
  'KeyPairs',
  'Regions',
  'AvailabilityZones',
  'LoadBalancers',
  'DBInstances',
] as const;

/** Undefined where the document is no such list. */
export function otherList(json: LocatedJson, document: JsonObject): CoverageEntry | undefined {
  // An account has one set of options.
  const list = OTHER_LISTS.find((name) => typeof document[name] === 'object' && document[name] !== null);
  if (list === undefined) return undefined;
  const span = { ...json.place(document), label: `the list ${list}` };
  const reason = `\`${list}\` says nothing of what security groups and network ACLs let through: it is not read`;
  return { span, status: 'ignored', reason };
}
