import { describe, expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../src/text/source.ts';

/** Whether a rule is read, in a table of both families unless another is named. */
function isRead(rule: string, family = 'inet'): boolean {
  const text = `table ${family} t {\n\tchain c {\n\t\t${rule}\n\t}\n}\n`;
  return nftReader.read(new SourceFile('rules.nft', text), 'nft', 'nft').ok;
}

// As nft 1.0.6 answers to `nft -c -f`; the kernel's campaign found these.
describe('what a rule has said of the family', () => {
  it.each([
    ['meta nfproto { ipv4, ipv6 } ct l3proto ipv4 ip saddr 1.2.3.4', true],
    ['ct l3proto ipv6 ip saddr 1.2.3.4', false],
    ['exthdr hbh exists icmp type 8 ip6 saddr ::1', true],
    ['exthdr hbh missing ip saddr 1.2.3.4', false],
    ['frag id 1 ip saddr 1.2.3.4', false],
  ] as const)('%s: %s', (rule, accepted) => {
    expect(isRead(rule)).toBe(accepted);
  });
});

describe('what a rule about frames has said', () => {
  it.each([
    ['tcp dport 1 meta protocol arp tcp sport 1', true],
    ['meta l4proto tcp meta protocol { ip, vlan } tcp sport 1', true],
    ['tcp dport 1 meta protocol arp udp sport 1', false],
    ['meta protocol { ip, arp } tcp dport 1', false],
    ['tcp dport 1 meta protocol ip6 ip saddr 1.2.3.4', false],
  ] as const)('%s: %s', (rule, accepted) => {
    expect(isRead(rule, 'netdev')).toBe(accepted);
  });
});
