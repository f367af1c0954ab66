import type { Diagnostic } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';

/** How much of a file is looked at: what it is stands in its first lines. */
const LOOKED_AT = 1 << 14;

const TABLES = '`iptables-save`, `ip6tables-save` and `ipset save`';
const ALL = `${TABLES}, or \`nft list ruleset\``;

/** What Linux hosts print about their firewall that is no dump: what it is, by what it is known, why not, what instead. */
const KNOWN: readonly (readonly [what: string, sign: RegExp, lacks: string, instead: string])[] = [
  [
    'what `iptables -L` prints',
    /^Chain \S+ \((?:policy (?:ACCEPT|DROP)|\d+ references)/m,
    'which shows one table, and not all of its rules',
    TABLES,
  ],
  [
    'what `ipset list` prints',
    /^Name: \S+\r?\nType: (?:hash|bitmap|list):/m,
    'which nothing reads back',
    '`ipset save`',
  ],
  [
    'what `iptables-xml` prints',
    /<iptables-rules\b/,
    'which leaves out what its version does not know',
    TABLES,
  ],
  [
    'what `ip addr` prints for people',
    /^\d+: \S+: <[A-Z\d_,-]*> mtu \d/m,
    'which nothing reads back',
    '`ip -j addr`',
  ],
  ['what `ufw status` prints', /^Status: (?:active|inactive)\b/m, 'which shows its own rules alone', ALL],
  [
    'what `firewall-cmd` prints',
    /^\S+(?: \([^)\n]*\))?\r?\n {2}target: /m,
    'which shows its zones, and no rules',
    ALL,
  ],
  [
    'the message of a tool that failed',
    /^[^\n]*(?:Permission denied|must be root|[Cc]ommand not found|Operation not permitted|No such file or directory|Could not fetch rule set)/,
    'and not what it prints where it works',
    ALL,
  ],
  [
    'a difference of two files',
    /^(?:diff --git |--- \S+.*\r?\n\+\+\+ \S|[+-]\*(?:filter|nat|mangle|raw|security)\b)/,
    'and not one of them',
    'the file itself',
  ],
  [
    'a script that calls a firewall’s tools',
    /^[ \t]*(?:sudo +)?(?:\S*\/|\$\{?)?(?:ip6?tables|IP6?TABLES|IPT6?|ipset|nft|ufw|firewall-cmd)\}? +(?:-\w|--\w|add |create |insert |allow |deny |default )/m,
    'and what it does depends on the host it runs on',
    ALL,
  ],
];

/**
 * Whether a file is what people print of a host's firewall to look at it, or what sets it up, in place of a dump.
 *
 * @returns an error that says which, and what to save instead; undefined where the file is no such thing
 */
export function otherListing(source: SourceFile): Diagnostic | undefined {
  const text = source.text.slice(0, LOOKED_AT);
  const found = KNOWN.find(([, sign]) => sign.test(text));
  if (found === undefined) return undefined;
  const [what, sign, lacks, instead] = found;
  const start = Math.max(0, text.search(sign));
  return {
    severity: 'error',
    code: 'other-listing',
    message: `this is ${what}, ${lacks}`,
    span: { file: source, start, end: start + 1 },
    expected: 'the rules, sets and addresses as the kernel has them',
    help: `save them on the host, as root, with ${instead}`,
  };
}
