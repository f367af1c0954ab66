import type { Packet } from '../../../src/packet/packet.ts';
import { fromFastCheck, fromSeed } from '../generate/chance.ts';
import { generatePackets } from '../generate/packets.ts';
import { generateNftHost } from '../generate/nft/ruleset.ts';
import { generateHost } from '../generate/ruleset.ts';
import { type HostSpec, isNft } from '../generate/spec.ts';

/** One rule set with its packets. */
export interface Case {
  readonly host: HostSpec;
  readonly packets: readonly Packet[];
  /** postern reads the dump of the loaded rules instead of the text. */
  readonly dumped: boolean;
}

/** Which kind of rules a run is about. */
export type RuleFormat = 'iptables' | 'nft';

/** The n-th case of a run; the same for the same seed, number, count and format. */
export function caseOf(
  seed: number,
  number: number,
  packetCount: number,
  format: RuleFormat = 'iptables',
): Case {
  const own = (Math.imul(seed, 0x9e3779b1) + Math.imul(number + 1, 0x85ebca6b)) | 0;
  const chance = fromFastCheck(own);
  const host = format === 'nft' ? generateNftHost(chance) : generateHost(chance);
  const packets = generatePackets(fromSeed(chance.integer(0, 0x7fffffff)), host, packetCount);
  return { host, packets, dumped: number % 2 === 1 && !isLostInListings(host) };
}

/** Whether what a tool lists of the rules is not what they are. */
function isLostInListings(host: HostSpec): boolean {
  return isNft(host) ? isLostByNft(host) : isLostBySave(host);
}

/** `! --dport 0:65535` of tcp and udp never holds, and iptables-save of 1.8.9 prints nothing of it. */
function isLostBySave({ tables }: HostSpec): boolean {
  const rules = tables.flatMap(({ chains }) => chains.flatMap((chain) => chain.rules));
  return rules.some(({ matches }) =>
    matches.some(({ words }) => /! --[sd]port 0?:(65535)?(?!\d)/.test(words)),
  );
}

/**
 * Rules that nft 1.0.6 lists as others: it takes `ct l3proto ipv4` and `meta protocol ip` in front of an address for what it
 * asks for itself, also of the other family, and two orders one behind the other for a range of the second field (`ip saddr < 10.1.2.3 ip dscp > 46`).
 * `icmp type . icmp code { 5 . 0 } meta nfproto ipv6 ip6 saddr ::1` it lists without `meta nfproto ipv6`, and refuses that itself.
 * Of devices that are merged it lists the first and the last (`"eth1"-"docker0"`). `meta nfproto ipv6 tcp dport 22 reject with tcp reset`
 * it lists without the family.
 */
function isLostByNft(host: HostSpec): boolean {
  const isMerged = (lines: readonly string[]): boolean =>
    lines.includes('auto-merge') && lines.some((line) => /iface_index|\b[io]if\b/.test(line));
  if (host.sets.some(({ lines }) => isMerged(lines))) return true;
  const rules = host.tables.flatMap(({ chains }) => chains.flatMap((chain) => chain.rules));
  return rules.some(({ matches, target }) => {
    const words = matches.map((match) => match.words).join(' ');
    if (/meta nfproto/.test(words) && /with tcp reset/.test(target.words)) return true;
    if (/\b(?:ip|icmp) /.test(words) && /\b(?:ip6|icmpv6) /.test(words)) return true;
    return /ct l3proto|meta protocol/.test(words) || (words.match(/ [<>]=? /g)?.length ?? 0) > 1;
  });
}

/** The constructs of a rule set, each once. */
export function constructsOf(host: HostSpec): Set<string> {
  const found = new Set<string>();
  if (!isNft(host)) for (const set of host.sets) found.add(`set ${set.lines[0]?.split(' ')[2]}`);
  for (const table of host.tables)
    for (const chain of table.chains)
      for (const rule of chain.rules)
        for (const { construct } of [...rule.matches, rule.target]) found.add(construct);
  return found;
}
