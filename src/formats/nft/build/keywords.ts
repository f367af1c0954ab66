/**
 * Words of nft's language that are no names (src/scanner.l of nftables, its words outside of any scope; found by asking
 * nft 1.0.6 for a chain of each name).
 */
const RESERVED = new Set(
  (
    'accept add ah all and arp auto-merge bridge cgroup chain comment comp constant ' +
    'continue counter cpu create ct day dccp define delete describe device devices dnat ' +
    'drop dst dup dynamic ecn element elements eq esp ether exists expires export ' +
    'exthdr fib flags flow flowtable flush frag fwd gc-interval ge get goto gt ' +
    'handle hbh hook hour ibrname icmp icmpv6 igmp iif iifgroup iifname iiftype import ' +
    'include index inet insert interval ip ip6 ipsec jhash jump le limit list ' +
    'log lshift lt map mark masquerade meta mh missing monitor ne netdev nftrace ' +
    'not notrack numgen obrname offload oif oifgroup oifname oiftype or osf pkttype policy ' +
    'position priority queue quota random redefine redirect reject rename replace reset return rshift ' +
    'rt rt0 rtclassid rule ruleset sctp secmark set size skgid skuid snat socket ' +
    'srh symhash synproxy table tcp th time timeout tproxy type typeof udp udplite ' +
    'undefine update vlan vmap xor xt'
  ).split(' '),
);

/** Those of them that can be values, as they name a protocol or the like. */
const VALUES = new Set(
  (
    'ah arp comp dccp dnat ecn esp ether exists icmp icmpv6 igmp ip ' +
    'ip6 missing redirect reset sctp snat tcp udp udplite vlan'
  ).split(' '),
);

/** Whether the language keeps a word for itself, so that it is a name in quotation marks only. */
export const isReserved = (word: string): boolean => RESERVED.has(word);

/** Whether a word can name a table, a chain, a set or an object. */
export function isName(word: string): boolean {
  // Addresses are words of the same kind for nft's scanner.
  if (/^\d+(?:\.\d+){3}$|:/.test(word)) return true;
  // So are times.
  if (/^(?:\d+[dhms]+)+$/.test(word)) return true;
  return /^[A-Za-z_]/.test(word) && !word.endsWith('*') && !RESERVED.has(word);
}

/** Whether a word can be a value. */
export function isValueWord(word: string): boolean {
  return !RESERVED.has(word) || VALUES.has(word);
}

/**
 * Words that are numbers for nft's parser, whatever they are compared with (src/parser_bison.y of nftables,
 * primary_rhs_expr). Its evaluation takes them for values of any type in sets, and elsewhere only of their own.
 */
const NUMBERS: Readonly<Record<string, number>> = {
  tcp: 6,
  udp: 17,
  udplite: 136,
  esp: 50,
  ah: 51,
  icmp: 1,
  igmp: 2,
  icmpv6: 58,
  comp: 108,
  dccp: 33,
  sctp: 132,
  redirect: 5,
  exists: 1,
  missing: 0,
};

/** The number that a word is for nft's parser; undefined for all but a few. */
export function numberWord(word: string): number | undefined {
  return Object.hasOwn(NUMBERS, word) ? NUMBERS[word] : undefined;
}
