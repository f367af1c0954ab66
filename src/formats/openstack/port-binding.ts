import type { Json, JsonObject } from '../exports/located.ts';
import { fieldOf, textOf } from './content.ts';

/** Under which names a port has its type. */
export const TYPE = ['binding:vnic_type', 'binding_vnic_type'] as const;

/**
 * Why security groups need not filter a port: `port_filter` says "the networking service providing port filtering features such as security
 * group" (https://docs.openstack.org/api-ref/network/v2/index.html#ports, binding:vif_details), though drivers say `false` of ports of
 * vhost-user that they filter. Only administrators are shown it. "Security groups are not supported when using SR-IOV"
 * (https://docs.openstack.org/neutron/latest/admin/config-sriov.html), but where the switch's rules are offloaded to the card, and the other
 * types than `normal` are each some driver's own. Undefined where nothing speaks against it.
 */
export function bypassOf(object: JsonObject): string | undefined {
  const filter = portFilterOf(fieldOf(object, 'binding:vif_details', 'binding_vif_details'));
  if (filter === true) return undefined;
  if (filter === false) return '`port_filter` is false';
  const type = textOf(object, ...TYPE);
  return type === undefined || type === 'normal' ? undefined : `its type is \`${type}\``;
}

/** Older clients print the details as text: `bound_drivers.0='ovs', ovs_hybrid_plug='False', port_filter='True'` (osc_lib.utils.format_dict). */
function portFilterOf(details: Json | undefined): boolean | undefined {
  const written =
    typeof details === 'string'
      ? /(?:^|[\s,])port_filter='?(\w+)/.exec(details)?.[1]
      : typeof details === 'object' && details !== null && !Array.isArray(details)
        ? (details as JsonObject).port_filter
        : undefined;
  const text = String(written).toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : undefined;
}
