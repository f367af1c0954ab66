import type { CoverageEntry } from '../../rule/ruleset.ts';
import { type JsonObject, type LocatedJson, objectsOf } from '../exports/located.ts';

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
  'LoadBalancerDescriptions',
  'DBInstances',
  'AccountAttributes',
  'BundleTasks',
  'ByoipCidrs',
  'CapacityReservationFleets',
  'CapacityReservations',
  'AuthorizationRules',
  'ClientVpnTargetNetworks',
  'CoipPools',
  'ConversionTasks',
  'ExportImageTasks',
  'ExportTasks',
  'FastSnapshotRestores',
  'FpgaImages',
  'IamInstanceProfileAssociations',
  'InstanceCreditSpecifications',
  'InstanceEventWindows',
  'InstanceTypeOfferings',
  'InstanceTypes',
  'Ipv6Pools',
  'LocalGatewayRouteTableVirtualInterfaceGroupAssociations',
  'LocalGatewayRouteTableVpcAssociations',
  'LocalGatewayVirtualInterfaceGroups',
  'LocalGatewayVirtualInterfaces',
  'MovingAddressStatuses',
  'NetworkInsightsAccessScopes',
  'NetworkInsightsAccessScopeAnalyses',
  'PublicIpv4Pools',
  'ReservedInstances',
  'ScheduledInstanceSet',
  'SnapshotTierStatuses',
  'SpotFleetRequestConfigs',
  'SpotPriceHistory',
  'SubnetIpv4CidrReservations',
  'SubnetIpv6CidrReservations',
  'TransitGatewayConnectPeers',
  'TransitGatewayMulticastDomains',
  'TransitGatewayPolicyTables',
  'TransitGatewayRouteTableAnnouncements',
  'TransitGatewayPrefixListReferences',
  'VolumeStatuses',
  'VolumesModifications',
  'ConnectionNotificationSet',
  'AllowedPrincipals',
  'ServiceNames',
  'ServiceDetails',
] as const;

/** Groups of an instance, of whichever of its interfaces. */
const GROUPS = 'Groups';

/** `describe-tags`: other answers have tags of their own, beside what they are about. */
const TAGS = 'Tags';

/**
 * Answers to `describe-…-attribute`, each of one resource: its id, and what they tell of it. The groups of an interface are read.
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceAttribute.html,
 * …/API_DescribeNetworkInterfaceAttribute.html, …/API_DescribeVpcAttribute.html)
 */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  InstanceId: [
    'InstanceType',
    'KernelId',
    'RamdiskId',
    'UserData',
    'DisableApiTermination',
    'DisableApiStop',
    'InstanceInitiatedShutdownBehavior',
    'RootDeviceName',
    'BlockDeviceMappings',
    'ProductCodes',
    'EbsOptimized',
    'SriovNetSupport',
    'SourceDestCheck',
    'EnaSupport',
    'EnclaveOptions',
    GROUPS,
  ],
  NetworkInterfaceId: ['Attachment', 'Description', 'SourceDestCheck', 'AssociatePublicIpAddress'],
  VpcId: ['EnableDnsSupport', 'EnableDnsHostnames', 'EnableNetworkAddressUsageMetrics'],
};

/** What a document tells that is not read; undefined where it is another one. */
function otherWhat(document: JsonObject): string | undefined {
  const has = (name: string): boolean => typeof document[name] === 'object' && document[name] !== null;
  // An account has one set of options.
  const list = OTHER_LISTS.find(has);
  if (list !== undefined) return list;
  const names = Object.keys(document).filter((name) => name !== 'NextToken');
  if (names.length === 1 && names[0] === TAGS && Array.isArray(document[TAGS])) return TAGS;
  const id = names.find((name) => ATTRIBUTES[name] !== undefined);
  const [told] = names.filter((name) => name !== id);
  return names.length === 2 && ATTRIBUTES[id ?? '']?.includes(told ?? '') === true ? told : undefined;
}

/**
 * What a query printed of instances, `{InstanceId: InstanceId, SecurityGroups: SecurityGroups}`: groups that an instance has, and not
 * what they let through.
 */
export function isGroupsOfInstance({ InstanceId, SecurityGroups }: JsonObject): boolean {
  if (typeof InstanceId !== 'string' || !Array.isArray(SecurityGroups)) return false;
  return objectsOf(SecurityGroups).every(
    ({ IpPermissions, IpPermissionsEgress }) =>
      IpPermissions === undefined && IpPermissionsEgress === undefined,
  );
}

/** Undefined where the document is no such list. */
export function otherList(json: LocatedJson, document: JsonObject): CoverageEntry | undefined {
  const isOfInstance = isGroupsOfInstance(document);
  const list = isOfInstance ? 'SecurityGroups' : otherWhat(document);
  if (list === undefined) return undefined;
  const span = { ...json.place(document), label: `the list ${list}` };
  const reason =
    isOfInstance || list === GROUPS
      ? `\`${list}\` of an instance do not say of which of its interfaces: they are not read (\`aws ec2 describe-instances\` says it)`
      : `\`${list}\` says nothing of what security groups and network ACLs let through: it is not read`;
  return { span, status: 'ignored', reason };
}
