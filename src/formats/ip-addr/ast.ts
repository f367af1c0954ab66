/**
 * What `ip -j addr` prints (iproute2, `ip-address(8)`), checked by schemas/ip-addr.schema.json. Fields that postern
 * does not read are left out.
 */
export interface Link {
  /** Absent in the empty objects that older versions print for links without addresses of the asked-for family. */
  readonly ifname?: string;
  readonly flags?: readonly string[];
  /** The bridge, bond or VRF that the link is a part of. */
  readonly master?: string;
  /** The link below: of a VLAN or a macvlan; of a tunnel too (null where it may be any, `@NONE`), and the other end of a veth pair. */
  readonly link?: string | null;
  /** `ether` of what carries Ethernet; tunnels have types of their own. */
  readonly link_type?: string;
  /** With `-d`: of what kind it is, and of what kind the one is that it is a part of. */
  readonly linkinfo?: { readonly info_kind?: string; readonly info_slave_kind?: string };
  readonly addr_info?: readonly AddressInfo[];
}

export interface AddressInfo {
  readonly family?: string;
  /** The host's own address. */
  readonly local?: string;
  /** That of the other end of a point-to-point link, where there is one. */
  readonly address?: string;
  readonly prefixlen?: number;
  readonly broadcast?: string;
  readonly secondary?: boolean;
  /** `global`, `link`, `host` … */
  readonly scope?: string;
  /** Nobody knows yet that no neighbour has it. */
  readonly tentative?: boolean;
  /** It is used though it is tentative. */
  readonly optimistic?: boolean;
}
