import type { SourceFile } from '../../text/source.ts';
import type { InputFormat } from '../reader.ts';
import { OTHER_RESOURCES } from './other-resources.ts';

/** How much of a file is looked at: an export says what it is in its first names. */
const LOOKED_AT = 1 << 16;

/** Names of the API, and columns of the `openstack` command. */
const NAMES =
  /"(?:security_group_rules|security_group_id|remote_ip_prefix|remote_group_id|port_range_min|port_security_enabled|allowed_address_pairs|fixed_ips|address_groups)"\s*:/;
const LISTS = /^\s*\{\s*"(?:security_groups?|ports|address_group)"\s*:/;
const COLUMNS = /"(?:IP Protocol|IP Range|Remote Security Group|Fixed IP Addresses)"\s*:/;
/** `security group list`, `address group list` and `show` of either. */
const ROW = /^\s*\[\s*\{\s*"ID"\s*:\s*"[^"]*",\s*"Name"\s*:\s*"[^"]*",\s*"Description"\s*:/;
const SHOWN = /"addresses"\s*:\s*\[[\s\S]*"project_id"\s*:/;
/** `security group show` of a group without rules, and by older clients, which print the rules as text. */
const GROUP = /"project_id"\s*:[\s\S]*"rules"\s*:\s*(?:\[\s*\]|"(?:"|created_at=|direction=))/;

/** Servers of Compute: the API's, and the rows of `server list`. */
const SERVER = /"(?:OS-EXT-STS:vm_state|OS-EXT-IPS:type|os-extended-volumes:volumes_attached)"\s*:/;
const SERVERS = /"Networks"\s*:\s*[{"]/;
const SIZE = /"(?:Flavor|Flavor Name|Flavor ID|Image|Image Name)"\s*:/;

/** Whether a file is an export of OpenStack Networking. */
export function detectOpenstack(source: SourceFile): InputFormat | undefined {
  const text = source.text.slice(0, LOOKED_AT);
  if (!/^\s*[[{]/.test(text) || text.includes('"terraform_version"')) return undefined;
  const found = [NAMES, LISTS, COLUMNS, ROW, SHOWN, GROUP, SERVER, OTHER_RESOURCES].some((pattern) =>
    pattern.test(text),
  );
  return found || (SERVERS.test(text) && SIZE.test(text)) ? 'openstack' : undefined;
}
