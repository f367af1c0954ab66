/**
 * IANA protocol numbers (https://www.iana.org/assignments/protocol-numbers) under the names that Debian's
 * /etc/protocols (package netbase) and iptables know them by. The first name of a number is the one printed.
 */
const NAMES: readonly (readonly [number, ...string[]])[] = [
  [0, 'ip', 'hopopt'],
  [1, 'icmp'],
  [2, 'igmp'],
  [3, 'ggp'],
  [4, 'ipencap', 'ip-encap'],
  [5, 'st'],
  [6, 'tcp'],
  [8, 'egp'],
  [9, 'igp'],
  [12, 'pup'],
  [17, 'udp'],
  [20, 'hmp'],
  [22, 'xns-idp'],
  [27, 'rdp'],
  [29, 'iso-tp4'],
  [33, 'dccp'],
  [36, 'xtp'],
  [37, 'ddp'],
  [38, 'idpr-cmtp'],
  [41, 'ipv6'],
  [43, 'ipv6-route'],
  [44, 'ipv6-frag'],
  [45, 'idrp'],
  [46, 'rsvp'],
  [47, 'gre'],
  [50, 'esp', 'ipsec-esp'],
  [51, 'ah', 'ipsec-ah'],
  [57, 'skip'],
  // `icmpv6` and `mh` are iptables' own names beside those of /etc/protocols (iptables, libxtables/xtables.c).
  [58, 'icmpv6', 'ipv6-icmp'],
  [59, 'ipv6-nonxt'],
  [60, 'ipv6-opts'],
  [73, 'rspf', 'cphb'],
  [81, 'vmtp'],
  [88, 'eigrp'],
  [89, 'ospf', 'ospfigp'],
  [93, 'ax.25'],
  [94, 'ipip'],
  [97, 'etherip'],
  [98, 'encap'],
  [103, 'pim'],
  [108, 'ipcomp'],
  [112, 'vrrp'],
  [115, 'l2tp'],
  [124, 'isis'],
  [132, 'sctp'],
  [133, 'fc'],
  [135, 'mobility-header', 'ipv6-mh', 'mh'],
  [136, 'udplite'],
  [137, 'mpls-in-ip'],
  [138, 'manet'],
  [139, 'hip'],
  [140, 'shim6'],
  [141, 'wesp'],
  [142, 'rohc'],
  [143, 'ethernet'],
];

const BY_NAME = new Map(NAMES.flatMap(([number, ...names]) => names.map((name) => [name, number] as const)));
const BY_NUMBER = new Map(NAMES.map(([number, name]) => [number, name as string] as const));

/**
 * A protocol by name (any case, as /etc/protocols has an upper-case alias for each) or by number 0-255; undefined
 * where it is neither. `all` and `any` are the caller's business: what 0 means differs from tool to tool.
 */
export function parseProtocol(text: string): number | undefined {
  if (/^(0|[1-9][0-9]{0,2})$/.test(text)) return Number(text) <= 255 ? Number(text) : undefined;
  return BY_NAME.get(text.toLowerCase());
}

/** The protocol's name, or its number as text where it has none here. */
export function protocolName(number: number): string {
  return BY_NUMBER.get(number) ?? String(number);
}

/** Every name with its number, for completions and messages. */
export function protocolNames(): ReadonlyMap<string, number> {
  return BY_NAME;
}
