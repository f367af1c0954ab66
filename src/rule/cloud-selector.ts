import type { Ranges } from '../packet/ranges.ts';
import type { Span } from '../text/source.ts';

/** How a deployment's host, or a packet, names a point of a cloud that guards it; what is absent says nothing. Ids or names. */
export interface CloudSelector {
  readonly securityGroups?: readonly string[];
  readonly instance?: string;
  readonly networkSecurityGroups?: readonly string[];
  readonly applicationSecurityGroups?: readonly string[];
  readonly networkTags?: readonly string[];
  readonly serviceAccounts?: readonly string[];
  readonly network?: string;
  /** The region of the instance, as Google Cloud names it (`europe-west3`): regional policies are in force in theirs. */
  readonly region?: string;
  /** A packet's `groups`: any of the above. */
  readonly groups?: readonly string[];
  /** The address spaces of the site's virtual network, where the deployment gives them (Azure's `VirtualNetwork`). */
  readonly virtualNetwork?: { readonly ipv4: Ranges<number>; readonly ipv6: Ranges<bigint> };
  /** Where it is written, for messages. */
  readonly span?: Span;
}

/** Secure tags of Google Cloud are named by the number of their value. (https://cloud.google.com/firewall/docs/tags-firewalls-overview) */
export const isSecureTag = (name: string): boolean => name.startsWith('tagValues/');

/**
 * Tags that every connector of Serverless VPC Access gets: `vpc-connector`, and one of its own. Connectors are no instances of the
 * project, and no export says where they are. (https://cloud.google.com/vpc/docs/serverless-vpc-access#network-tags)
 */
export const isConnectorTag = (name: string): boolean => /^vpc-connector(?:-|$)/.test(name);
