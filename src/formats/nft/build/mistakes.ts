import type { Atom, TokenAtom } from '../../../../grammars/nft/atoms.ts';
import { nearest } from '../../../text/nearest.ts';

/** What people write who know other firewalls, and what nft calls it. */
const INSTEAD: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['allow', 'permit', 'pass'].map((word) => [word, 'nft calls it `accept`'])),
  ...Object.fromEntries(
    ['deny', 'block', 'discard'].map((word) => [
      word,
      'nft calls it `drop`, or `reject` where an answer is sent',
    ]),
  ),
  ...Object.fromEntries(
    ['dport', 'sport'].map((word) => [
      word,
      `a protocol stands before it: \`tcp ${word}\`, \`udp ${word}\`, or \`th ${word}\` behind \`meta l4proto { tcp, udp }\``,
    ]),
  ),
  ...Object.fromEntries(
    ['state', 'established', 'related', 'new', 'invalid'].map((word) => [
      word,
      'write `ct state established`',
    ]),
  ),
  ...Object.fromEntries(['source', 'src', 'from'].map((word) => [word, 'nft calls it `saddr`'])),
  ...Object.fromEntries(['destination', 'dst', 'dest'].map((word) => [word, 'nft calls it `daddr`'])),
  ...Object.fromEntries(
    ['iface', 'interface', 'dev', 'in-interface'].map((word) => [
      word,
      'nft calls it `iifname` where packets come in, `oifname` where they leave',
    ]),
  ),
  ...Object.fromEntries(
    ['saddr', 'daddr'].map((word) => [word, `a family stands before it: \`ip ${word}\` or \`ip6 ${word}\``]),
  ),
  port: 'nft calls it `dport` or `sport`',
};

const STATES = ['established', 'related', 'new', 'invalid', 'untracked'];

const STATEMENTS = (
  'accept drop reject return jump goto continue counter log limit queue dnat snat masquerade redirect notrack quota ' +
  'ip ip6 tcp udp icmp icmpv6 meta ct th ether vlan fib rt iif oif iifname oifname mark comment'
).split(' ');

/** What may help where a word is none that can stand there. */
export function helpForWord(atoms: readonly Atom[], at: number, expected: string): string | undefined {
  const [before, atom, next] = [atoms[at - 1], atoms[at], atoms[at + 1]];
  if (atom?.kind === 'sign') return helpForSign(atom, atoms[at - 2], next);
  if (atom?.kind !== 'word') return undefined;
  const { text } = atom;
  if (before?.kind === 'word' && STATES.includes(before.text) && STATES.includes(text))
    return 'several states are joined by `,`';
  if (before?.kind === 'word' && /^\d/.test(before.text) && isTranslation(atoms[at - 2]))
    return `a port stands behind \`:\`: \`${before.text}:${text}\``;
  const fields = /^a field of `\w+`: (.*)$/s.exec(expected)?.[1]?.split(', ');
  if (fields === undefined && !/expression/.test(expected)) return undefined;
  // `new` behind `ct state` is none: what stands before it says what it is.
  if (Object.hasOwn(INSTEAD, text) && !(before?.kind === 'word' && before.text === 'ct'))
    return INSTEAD[text];
  const found = nearest(text, fields ?? STATEMENTS);
  if (found === undefined) return undefined;
  return found === text.toLowerCase()
    ? `nft's words are in small letters: \`${found}\``
    : `did you mean \`${found}\`?`;
}

const isTranslation = (atom: Atom | undefined): boolean => atom?.kind === 'word' && atom.text === 'to';

function helpForSign(
  { text: sign, end }: TokenAtom,
  beforeLast: Atom | undefined,
  next: Atom | undefined,
): string | undefined {
  if (sign === '-' && next?.kind !== 'group' && next?.start === end)
    return 'options are those of iptables: `iptables-restore-translate` makes rules of nft of them';
  if (sign === '/' && next?.kind === 'sign' && next.text === '/') return 'a comment begins with `#`';
  if (sign === ':' && beforeLast?.kind === 'word' && beforeLast.text === 'prefix')
    return 'a prefix with signs in it stands in quotation marks';
  return undefined;
}

/** Where nft's scanner knows no token: what stands there, and what to write. */
export function characterAt(text: string, offset: number): { message: string; help?: string } | undefined {
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  if (character === '"')
    return { message: 'this quotation mark has no other on its line', help: 'write `"` behind the text' };
  if (character === "'" && /^\s*\{/.test(text.slice(offset + 1, offset + 20)))
    return { message: "unexpected `'` here", help: 'only in a shell braces stand in quotation marks' };
  if (/[\u2018-\u201f\u00ab\u00bb']/.test(character))
    return { message: `unexpected \`${character}\` here`, help: 'texts stand in plain quotation marks: `"`' };
  if (character === '\\' && text[offset + 1] === ';')
    return { message: 'unexpected `\\` here', help: 'only in a shell `;` stands behind `\\`: write `;`' };
  if (character === '\\' && /^[ \t]+\r?\n/.test(text.slice(offset + 1, offset + 200)))
    return {
      message: 'blanks follow this `\\`',
      help: 'it continues a line only where it is the last character',
    };
  if (!/\s|[\u200b-\u200f\ufeff]/.test(character)) return undefined;
  const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  return { message: `this looks like a blank, and is none to nft (U+${code})`, help: 'write a plain space' };
}
