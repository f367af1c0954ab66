import type { HostAddress } from '../../rule/ruleset.ts';
import type { Link } from './ast.ts';

/**
 * Links that are parts of bridges and bonds, by which IP sees no packets. Those of a VRF keep their own addresses and are seen
 * (Documentation/networking/vrf.rst); where nobody says of what kind the whole is (`-d`) these tell them, as a part of a bridge has
 * none but for the link.
 */
export function portsOf(links: readonly Link[], addresses: readonly HostAddress[]): ReadonlySet<string> {
  const kinds = new Map(links.map(({ ifname, linkinfo }) => [ifname, linkinfo?.info_kind]));
  const addressed = new Set(addresses.filter((own) => !isLinkLocal(own)).map((own) => own.interface));
  const found = new Set<string>();
  for (const { ifname, master, linkinfo } of links) {
    if (ifname === undefined || master === undefined) continue;
    const kind = linkinfo?.info_slave_kind ?? kinds.get(master);
    if (kind === undefined ? !addressed.has(ifname) : kind !== 'vrf') found.add(ifname);
  }
  return found;
}

const isLinkLocal = ({ family, address }: HostAddress): boolean => family === 6 && address >> 118n === 0x3fan;
