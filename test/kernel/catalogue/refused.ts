import type { RefusedEntry } from './types.ts';

const inFilter = (construct: string, rule: string, note: string): RefusedEntry => ({
  construct,
  note,
  rules: `*filter\n:INPUT ACCEPT [0:0]\n${rule}\nCOMMIT\n`,
});

/** What is an error: the tools or the kernel refuse it, and so does postern, with file, line and column. */
export const REFUSED: readonly RefusedEntry[] = [
  inFilter(
    'jump to a chain that does not exist',
    '-A INPUT -j nowhere',
    'or an extension whose name has no capital',
  ),
  inFilter('address that is none', '-A INPUT -s 999.1.1.1 -j DROP', 'four numbers up to 255'),
  inFilter('port above 65535', '-A INPUT -p tcp --dport 70000 -j DROP', ''),
  inFilter('ports without a protocol', '-A INPUT --dport 22 -j DROP', ''),
  inFilter('option without its argument', '-A INPUT -s', ''),
  inFilter('match of the other family', '-A INPUT -s 10.0.0.1 -m hl --hl-eq 1 -j DROP', ''),
  inFilter(
    'multiport without a protocol that has ports',
    '-A INPUT -p icmp -m multiport --dports 1 -j DROP',
    '',
  ),
  inFilter(
    'more than 15 ports',
    `-A INPUT -p tcp -m multiport --dports ${Array.from({ length: 16 }, (_, i) => i + 1).join(',')} -j DROP`,
    '',
  ),
  { construct: 'unknown table', rules: '*filters\n:INPUT ACCEPT [0:0]\nCOMMIT\n', note: '' },
  {
    construct: 'missing COMMIT',
    rules: '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j DROP\n',
    note: 'a truncated file',
  },
  {
    construct: 'loop of jumps that packets can reach',
    rules:
      '*filter\n:INPUT ACCEPT [0:0]\n:a - [0:0]\n:b - [0:0]\n-A INPUT -j a\n-A a -j b\n-A b -j a\nCOMMIT\n',
    note: '`iptables-restore --test` takes it, the kernel does not',
  },
];
