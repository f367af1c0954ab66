import type { SourceFile } from '../../text/source.ts';
import type { InputFormat } from '../reader.ts';

/** How much of a file is looked at: an export says what it is in its first names. */
const LOOKED_AT = 1 << 16;

/** The kind that the API writes into every resource (of which one it is, reading tells), and names that only these resources have. */
const KINDS = /"kind"\s*:\s*"compute#\w+"/;
const NAMES =
  /"(?:firewallPolicys|organizationFirewalls|layer4Configs|networkFirewallPolicyEnforcementOrder|IPProtocol|networkIP)"\s*:/;
const ADDRESSES = /"name"\s*:\s*"(?:projects|organizations)\/[^"]+\/addressGroups\//;
const EFFECTIVE = /^\s*\{\s*"firewalls"\s*:\s*\[/;
/** Cloud Asset Inventory has resources as they were, inside of its own. */
const ASSETS = /"assetType"\s*:\s*"[a-z]+\.googleapis\.com\//;
/** Other providers' lists of firewalls: DigitalOcean's and Hetzner's. */
const OTHERS = /"(?:inbound_rules|outbound_rules|applied_to)"\s*:/;

/** Whether a file is an export of the `gcloud compute` commands about firewalls. */
export function detectGcp(source: SourceFile): InputFormat | undefined {
  const text = source.text.slice(0, LOOKED_AT);
  if (!/^\s*[[{]/.test(text) || ASSETS.test(text)) return undefined;
  const found = [KINDS, NAMES, ADDRESSES].some((pattern) => pattern.test(text));
  // Labels of instances and rules may have any names.
  return found || (EFFECTIVE.test(text) && !OTHERS.test(text)) ? 'gcp' : undefined;
}
