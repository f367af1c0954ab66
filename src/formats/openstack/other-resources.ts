import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { JsonObject, LocatedJson } from '../exports/located.ts';

/**
 * Lists of the network's other resources, of which none says what security groups let through: as the API wraps them, and by columns
 * that only their rows have. (https://docs.openstack.org/api-ref/network/v2/)
 */
const OTHERS: readonly (readonly [what: string, wrapper: string, ...columns: string[]])[] = [
  ['networks', 'networks', 'ID', 'Name', 'Subnets'],
  ['subnets', 'subnets', 'ID', 'Network', 'Subnet'],
  ['routers', 'routers', 'ID', 'Name', 'Status', 'State'],
  ['floating addresses', 'floatingips', 'Floating IP Address', 'Fixed IP Address'],
  ['policies of sharing', 'rbac_policies', 'Object Type', 'Object ID'],
  ['trunks', 'trunks', 'ID', 'Name', 'Parent Port'],
  ['logs', 'logs', 'ID', 'Name', 'Event'],
];

/**
 * Firewall as a Service filters at ports beside security groups.
 * (https://docs.openstack.org/api-ref/network/v2/#fwaas-v2-0-current-fwaas-firewall-groups-firewall-policies-firewall-rules)
 */
const FIREWALLS: typeof OTHERS = [
  ['firewall groups', 'firewall_groups', 'ID', 'Name', 'Ingress Policy ID'],
  ['firewall policies', 'firewall_policies', 'ID', 'Name', 'Firewall Rules'],
  ['firewall rules', 'firewall_rules', 'ID', 'Name', 'Enabled', 'Summary'],
];

/** What a document or a row lists besides; undefined where it is none of these. */
export function otherResource(json: LocatedJson, object: JsonObject): CoverageEntry | undefined {
  const isOf = ([, wrapper, ...columns]: (typeof OTHERS)[number]): boolean =>
    Array.isArray(object[wrapper]) || columns.every((name) => object[name] !== undefined);
  const tell = (what: string, says: string): CoverageEntry => ({
    span: { ...json.place(object), label: what },
    status: 'ignored',
    reason: `a list of ${what} says ${says}: it is not read`,
  });
  const [firewall] = FIREWALLS.find(isOf) ?? [];
  if (firewall !== undefined)
    return tell(firewall, 'what is closed at ports beside security groups, which is not seen here');
  const [other] = OTHERS.find(isOf) ?? [];
  return other === undefined ? undefined : tell(other, 'nothing of what security groups let through');
}

/** Whether a text begins like one of the lists. */
export const OTHER_RESOURCES =
  /^\s*\{\s*"(?:networks|subnets|routers|floatingips|rbac_policies|trunks|logs|firewall_groups|firewall_policies|firewall_rules)"\s*:\s*\[|^\s*\[\s*\{\s*"ID"\s*:\s*"[^"]*",\s*"(?:Name"\s*:\s*"[^"]*",\s*"(?:Subnets|Network|Parent Port|Ingress Policy ID|Firewall Rules|Status"\s*:\s*"[^"]*",\s*"State|Enabled"\s*:\s*(?:true|false),\s*"Summary)|Floating IP Address|Object Type)"\s*:/;
