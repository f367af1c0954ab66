import type { DeviceBelow } from '../../rule/ruleset.ts';
import type { Link } from './ast.ts';

/** What hands on the frames of another link as they are (ip-link(8)); a tunnel's packets are others than those that carry them. */
const CARRIED = new Set(['vlan', 'macvlan', 'macvtap', 'ipvlan', 'ipvtap']);

/**
 * By the link: those just below it. What comes by it has come by one of them (net/core/dev.c, __netif_receive_skb_core: nf_ingress
 * stands before vlan_do_receive and before the rx_handler of bridges, bonds and macvlans), and what it sends they send on.
 */
export function devicesBelow(links: readonly Link[]): ReadonlyMap<string, readonly DeviceBelow[]> {
  const below = new Map<string, DeviceBelow[]>();
  const put = (upper: string, lower: DeviceBelow): void => {
    const known = below.get(upper);
    if (known === undefined) below.set(upper, [lower]);
    else known.push(lower);
  };
  const byName = new Map(links.map((link) => [link.ifname, link] as const));
  for (const link of links) {
    const { ifname, master, link: lower } = link;
    if (ifname === undefined) continue;
    if (master !== undefined) put(master, { name: ifname, port: true });
    if (typeof lower === 'string' && isCarried(link, byName.get(lower)))
      put(ifname, { name: lower, port: false });
  }
  return below;
}

/** Without `-d` nobody says of what kind a link is; each end of a veth pair has the other one as its `link`. */
function isCarried(link: Link, lower: Link | undefined): boolean {
  const kind = link.linkinfo?.info_kind;
  if (kind !== undefined) return CARRIED.has(kind);
  return (link.link_type ?? 'ether') === 'ether' && lower?.link !== link.ifname;
}
