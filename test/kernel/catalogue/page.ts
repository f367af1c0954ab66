import { FACTS } from './facts.ts';
import {
  EXACT_MATCHES,
  EXACT_TARGETS,
  OPAQUE_MATCHES,
  OPAQUE_TARGETS,
  REFUSED,
  SET_MATCHES,
} from './index.ts';
import type { MatchEntry, OpaqueEntry, RulesEntry, Sketch } from './types.ts';

/** docs/support-iptables.md, from the catalogue. */
export function supportPage(): string {
  const sections = [
    INTRODUCTION,
    heading('Matches that are exact', MATCH_HEAD, EXACT_MATCHES.flatMap(matchRows)),
    heading('Sets', RULES_HEAD, SET_MATCHES.map(rulesRow), SETS),
    heading('Targets that are exact', RULES_HEAD, EXACT_TARGETS.map(rulesRow)),
    heading('Facts about the packet’s way', RULES_HEAD, FACTS.map(rulesRow), FACTS_ALSO),
    heading('Matches that are opaque', OPAQUE_HEAD, OPAQUE_MATCHES.map(opaqueRow), OPAQUE),
    heading('Targets that are opaque', OPAQUE_HEAD, OPAQUE_TARGETS.map(opaqueRow)),
    heading(
      'What is not accepted',
      ['what', 'why'],
      REFUSED.map(({ construct, note }) => [construct, note]),
      'The tools refuse it, and so does postern, with file, line and column.',
    ),
  ];
  return `${sections.join('\n\n')}\n`;
}

const INTRODUCTION = `# What is supported of iptables

Made from the catalogue in \`test/kernel/catalogue/\`; do not edit. \`npx vitest run test/kernel/support-page -u\` makes it
anew. Every row of the exact tables is run against the Linux kernel, loaded by iptables-legacy and by iptables-nft, and
compared with the interpreter and with the symbolic engine.

- **exact**: postern decides it as the kernel does.
- **opaque**: postern does not decide it; what depends on it is reported as possible, never as certain.
- **not accepted**: an error.

A packet is a TCP SYN from 198.51.100.7 to 10.1.2.10 port 80 (IPv6: 2001:db8:ffff::7, 2001:db8:1::10) by \`eth0\`, but for
what the table says. A packet that goes on leaves by \`eth1\`.`;

const SETS = `Judged by kernel for the types that the test machine's kernel has. \`hash:net,net\`, \`hash:net,port,net\`, \`hash:ip,mark\`,
\`hash:mac\` and \`hash:ip,mac\` are exact too; random runs judge them where the kernel has them.`;

const FACTS_ALSO = `More are in \`test/kernel/facts.test.ts\`: the order of chains of one priority, nat chains of any priority, fragments,
the loopback interface. These are worth knowing:

- Where conntrack watches a family (any rule with a state, NAT or CONNMARK), packets are put together before any rule sees
  them, in the raw table too. At INPUT, IPv4 fragments are never seen.
- nftables, and so iptables-nft, takes the bytes of a later fragment for ports where conntrack does not watch.
  iptables-legacy sees no ports there, and postern answers as it does.
- iptables-nft takes AH in front of another IPv6 header for the protocol; ip6tables-legacy looks behind it, and postern
  answers as it does. \`-p ah\` of a dump of iptables-nft is about packets of protocol 51.
- conntrack calls UDP-Lite packets with a right checksum invalid, and recent kernels know DCCP connections without ports.`;

const OPAQUE = `The same text of a match without memory is the same condition wherever it stands; a match with memory decides anew
at each place.`;

const MATCH_HEAD = ['match', 'family', 'hook', 'rule', 'matches', 'does not match', 'note'];
const RULES_HEAD = ['construct', 'family', 'hook', 'rules', 'pass', 'stopped', 'note'];
const OPAQUE_HEAD = ['construct', 'example', 'why'];

function heading(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  text?: string,
): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(' | ')} |`;
  const table = [line(head), `| ${head.map(() => '---').join(' | ')} |`, ...rows.map(line)].join('\n');
  return [`## ${title}`, ...(text === undefined ? [] : [text]), table].join('\n\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', '<br>');
}

function code(text: string): string {
  return `\`${text}\``;
}

function matchRows({ construct, family, hook, note = '', cases }: MatchEntry): string[][] {
  const name = family === 'both' ? '4, 6' : String(family);
  return cases.map(({ rule, matches, misses }, index) => [
    index === 0 ? code(construct) : '',
    index === 0 ? name : '',
    index === 0 ? hook : '',
    code(rule),
    matches.map(describe).join('; '),
    misses.map(describe).join('; '),
    index === 0 ? note : '',
  ]);
}

function rulesRow(entry: RulesEntry): string[] {
  const { construct, family, hook, note = '', rules, ipset, passes, stops } = entry;
  const lines = [...(ipset ?? '').split('\n'), ...rules.split('\n')].filter(
    (line) => line !== '' && line !== 'COMMIT' && !line.startsWith(':'),
  );
  return [
    construct,
    String(family),
    hook,
    lines.map(code).join('\n'),
    passes.map(describe).join('; '),
    stops.map(describe).join('; '),
    note,
  ];
}

function opaqueRow({ construct, rule, rules, note }: OpaqueEntry): string[] {
  const example = rules === undefined ? code(rule) : (rules.match(/^-A .*$/m)?.[0] ?? '').replace(/.*/, code);
  return [construct, example, note];
}

const PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  58: 'icmpv6',
  132: 'sctp',
  136: 'udplite',
};

/** A sketch in a few words; an empty one is the packet of the introduction. */
function describe(sketch: Sketch): string {
  const { protocol, icmpType, icmpCode, mac, ctmark, mark, tcpFlags, headers, ...rest } = sketch;
  const hex = (value: number) => `0x${value.toString(16)}`;
  const words = [
    ...(protocol === undefined ? [] : [PROTOCOLS[protocol] ?? `protocol ${protocol}`]),
    ...(icmpType === undefined ? [] : [`${icmpType}/${icmpCode ?? 0}`]),
    ...Object.entries(rest).map(([field, value]) => `${field} ${value}`),
    ...(tcpFlags === undefined ? [] : [`flags ${hex(tcpFlags)}`]),
    ...(mark === undefined ? [] : [`mark ${hex(mark)}`]),
    ...(ctmark === undefined ? [] : [`ctmark ${hex(ctmark)}`]),
    ...(mac === undefined ? [] : [`mac ${mac.toString(16).padStart(12, '0')}`]),
    ...(headers === undefined ? [] : [`headers ${headers.join('+')}`]),
  ];
  return words.length === 0 ? 'the packet' : words.join(' ');
}
