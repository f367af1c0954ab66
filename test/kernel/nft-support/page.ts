import type { Status, SupportCase } from './cases.ts';

const SECTIONS: readonly string[] = [
  'Headers',
  'Devices and metadata',
  'Connections',
  'Sets and maps',
  'Verdicts',
  'Statements',
  'Translation',
  'Hooks and tables',
];

const INTRODUCTION = `# What is supported of nftables

Made from \`fixtures/nft-meaning/\`; do not edit. \`npx vitest run test/kernel/nft-support -u\` makes it anew. Each row is a
folder there with a ruleset and packets. What is exact is loaded by \`nft -f\` and judged by the Linux kernel with real
packets, and compared with the interpreter and with the symbolic engine. Random rulesets of the same constructs are
judged by \`npm run test:kernel -- --format nft\`.

- **exact**: postern decides it as the kernel does.
- **approximated**: what it does is known in part; the rest is reported as possible.
- **opaque**: postern does not decide it; what depends on it is reported as possible, never as certain.
- **ignored**: it joins no verdict about new connections, and the coverage says so.

Whatever else nft reads is opaque, with a line in the coverage.`;

const BELOW = `## What else is worth knowing

- \`accept\` ends a base chain; the packet goes on to the next one. All nat chains of a hook are one hook function at -100
  or 100, whatever their own priorities, which order them among themselves.
- Where nothing asks for connections (\`ct\`, nat), fragments reach the rules as they are. The kernel then takes what stands
  in a later fragment for ports, or ends the rule: what depends on it is possible.
- An IPv6 packet with an authentication header is of protocol AH to nftables, and of the protocol behind it to
  iptables-legacy. postern answers as the latter: give such a packet to \`trace\` with protocol \`ah\` to ask nftables.
- A listing leaves out what nft asks by itself (\`reject with tcp reset\` asks for TCP). postern asks for it too.
- nft 1.0.6 lists \`ip dscp vmap\` as raw bytes (\`@nh,8,8\`), which are read as what they are. It loads interval sets of parts of bytes
  (\`ip dscp\`, \`ip ecn\`) with wrong bounds, and sets of \`ip6 dscp\` and \`ip6 ecn\` with wrong bits; postern takes them as
  they are written.
- A flowtable passes packets of connections by the hooks that have passed packets both ways by the rules before. So it
  opens nothing that the rules do not open; an established packet may pass although a later rule says otherwise. No finding is
  made of it: findings are about new connections, and both their first packets and the first replies meet the rules. The
  coverage names each rule that gives connections to a flowtable, as a rule that is changed later does not end them.
- An owned table (\`flags owner\`) lasts as long as the process that has it; while it is listed, it counts.`;

/** docs/support-nftables.md, from the fixtures. */
export function nftSupportPage(cases: readonly SupportCase[]): string {
  const sections = SECTIONS.map((section) => {
    const rows = cases.filter((one) => one.section === section).map(row);
    return `## ${section}\n\n| construct | taken as | fixture | note |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
  });
  return `${[INTRODUCTION, ...sections, BELOW].join('\n\n')}\n`;
}

const WORDS: Readonly<Record<Status, string>> = {
  exact: 'exact',
  approximated: 'approximated',
  opaque: 'opaque',
  ignored: 'ignored',
};

function row({ construct, status, name, note = '', unjudged }: SupportCase): string {
  const more =
    unjudged === undefined ? '' : `${note === '' ? '' : '; '}not judged by the kernel: ${unjudged}`;
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  return `| ${cell(construct)} | ${WORDS[status]} | \`${name}\` | ${cell(note)}${cell(more)} |`;
}

/** The headings that cases may name. */
export const PAGE_SECTIONS = SECTIONS;
