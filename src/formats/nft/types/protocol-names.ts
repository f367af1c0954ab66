/** The headers behind that of the network protocol. */
export const TRANSPORT = new Set('tcp udp udplite sctp dccp ah esp comp icmp icmpv6 igmp gre'.split(' '));
/** The headers that nft knows, by the numbers of their protocols. */
export const NUMBERS: Readonly<Record<string, string>> = {
  1: 'icmp',
  2: 'igmp',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'icmpv6',
  108: 'comp',
  132: 'sctp',
  136: 'udplite',
};
/** The network protocols that nft knows headers of: by the type of a frame, and by the family of sockets. */
export const NETWORK_OF_FRAME = new Map([
  [0x800n, 'ip'],
  [0x806n, 'arp'],
  [0x86ddn, 'ip6'],
]);
export const NETWORK_OF_FAMILY = new Map([
  [2n, 'ip'],
  [10n, 'ip6'],
]);

/** What only net/bridge/netfilter/nft_meta_bridge.c reads. */
export const BRIDGED = /^[io]br(?:name|iport|idgename)$|^ibr(?:pvid|vproto|hwaddr)$/;

/** Messages that nft takes for those of one network protocol (src/payload.c, payload_gen_special_dependency). */
export const NETWORK_OF_MESSAGE = new Map([
  ['icmp', 'ip'],
  ['igmp', 'ip'],
  ['icmpv6', 'ip6'],
]);
