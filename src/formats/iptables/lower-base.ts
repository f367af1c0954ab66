import { allOf, type Condition, NEVER, negate } from '../../rule/condition.ts';
import {
  type AddressProblem,
  addressCondition,
  parseToolMask,
  plainCondition,
  readAddress,
} from './addresses.ts';
import type { OptionUse, Word } from './ast.ts';
import { type Backend, backendOf } from './backend.ts';
import type { RuleContext } from './matches/module.ts';
import { ofProtocol } from './matches/transport.ts';
import type { Problems } from './problems.ts';
import { noProtocol, readProtocol } from './protocols.ts';

/** IFNAMSIZ without the final NUL. */
const MAX_INTERFACE_NAME = 15;

/** The longest word that any version of iptables-restore takes (iptables/xshared.c, add_param_to_argv). No other option needs as much. */
const LONGEST_WORD = 1023;

/** Numbers that stand for IPv6 extension headers, which are never a packet's last header (ipv6_ext_hdr). */
const AH = 51;
const EXTENSION_PROTOCOLS: ReadonlySet<number> = new Set([43, 44, AH, 60]);

/** The number of `-p`; undefined (and an error reported) where there is none. 0 is every protocol. */
export function protocolNumber(option: OptionUse, problems: Problems): number | undefined {
  const word = option.values[0] as Word;
  const number = readProtocol(word.text);
  if (number === undefined) noProtocol(word, problems);
  else if (number === 0 && option.negated)
    problems.error('never', option, 'no packet is of no protocol', {
      expected: 'a protocol other than `all`',
    });
  return number;
}

/** `[!] -p`. */
export function protocolCondition(option: OptionUse, number: number, context: RuleContext): Condition {
  if (number === 0) return { kind: 'always' };
  let condition = ofProtocol(number);
  const backend = context.family === 6 && number === AH ? backendOf(context.problems.file) : 'legacy';
  if (backend !== 'legacy') condition = authenticated(option, backend, context);
  else if (context.family === 6 && EXTENSION_PROTOCOLS.has(number)) {
    context.problems.warn(
      'extension-header',
      option,
      `no IPv6 packet has \`${option.values[0]?.text}\` as its protocol`,
      {
        help: 'it is an extension header: use `-m ah`, `-m frag`, `-m rt`, `-m dst` or `-m ipv6header`',
      },
    );
    condition = NEVER;
  }
  return option.negated ? negate(condition) : condition;
}

/**
 * `-p ah` in IPv6. To nf_tables, and so to iptables-nft, AH is the protocol, whatever is inside (net/ipv6/exthdrs_core.c,
 * ipv6_find_hdr, which nf_tables asks to stop there; seen on 6.18): such a packet is one of protocol 51 here, and what it carries is
 * filtered again once IPsec has taken it out (net/ipv6/xfrm6_input.c, xfrm6_transport_finish). ip6tables-legacy looks behind AH.
 */
function authenticated(option: OptionUse, backend: Backend, { problems, span }: RuleContext): Condition {
  if (backend === 'nf_tables') return ofProtocol(AH);
  const text = `-p ${option.values[0]?.text}`;
  const why =
    'matches packets with AH where iptables-nft loads the rules, and none where iptables-legacy does';
  problems.cover('approximated', span, `\`${text}\` ${why}: the file does not say which`);
  return allOf([ofProtocol(AH), { kind: 'opaque', text, stateful: false, span: problems.span(option) }]);
}

/** `[!] -i` or `[!] -o`. */
export function interfaceCondition(option: OptionUse, field: 'in' | 'out', context: RuleContext): Condition {
  const word = option.values[0] as Word;
  const { text } = word;
  const outbound = context.chain === 'OUTPUT' || context.chain === 'POSTROUTING';
  const inbound = context.chain === 'INPUT' || context.chain === 'PREROUTING';
  if (field === 'in' ? outbound : inbound)
    context.problems.error(
      'no-interface-here',
      option,
      `\`-${field === 'in' ? 'i' : 'o'}\` cannot be used in ${context.chain}`,
      {
        expected: `\`-${field === 'in' ? 'o' : 'i'}\`, or no interface`,
      },
    );
  if (text === '' || Buffer.byteLength(text) > MAX_INTERFACE_NAME)
    context.problems.error('bad-interface', word, `\`${text}\` is not the name of an interface`, {
      expected: `1 to ${MAX_INTERFACE_NAME} bytes, at the end perhaps \`+\``,
    });
  const prefix = text.endsWith('+');
  const name = prefix ? text.slice(0, -1) : text;
  // `+` alone is every name, and its negation none (net/ipv4/netfilter/ip_tables.c, ip_packet_match).
  const condition: Condition =
    prefix && name === '' ? { kind: 'always' } : { kind: 'interface', field, names: [{ name, prefix }] };
  const read = isMisread(word, context) ? misread(condition, option, context) : condition;
  return option.negated ? negate(read) : read;
}

/**
 * Whether the name stands in one word with its option, as in `-ieth0`: iptables 1.8.8 and 1.8.9 take the whole word for the
 * interface's name, which is then no interface's (bugzilla.netfilter.org 1677; seen on 1.8.9). Longer words they refuse.
 */
function isMisread({ text, start, end }: Word, { problems }: RuleContext): boolean {
  const whole = problems.file.text;
  return (
    whole.charCodeAt(start) === 45 && !whole.startsWith(text, start) && end - start <= MAX_INTERFACE_NAME
  );
}

/** The condition where it is about the interface, and about none where iptables misread it. */
function misread(condition: Condition, option: OptionUse, { problems, span }: RuleContext): Condition {
  const { start, end, text } = option.values[0] as Word;
  const written = problems.file.text.slice(start, end);
  const why = `is the interface \`${text}\` to most versions of iptables, and one called \`${written}\` to 1.8.8 and 1.8.9: what depends on it is reported as possible; iptables-save would show which`;
  problems.cover('approximated', span, `\`${written}\` ${why}`);
  return allOf([condition, { kind: 'opaque', text: written, stateful: false, span: problems.span(option) }]);
}

const EXPECTED: Readonly<Record<AddressProblem, string>> = {
  address: 'an address, a network such as `10.0.0.0/8`, or a host name',
  family: 'an address of this dump’s family',
  mask: 'a prefix length or a mask after the slash',
  name: 'an address',
};

/** `[!] -s list` or `[!] -d list`: one condition for each address, since each makes a rule of its own. */
export function addressConditions(
  option: OptionUse,
  field: 'src' | 'dst',
  context: RuleContext,
): readonly Condition[] {
  const word = option.values[0] as Word;
  const texts = word.text.includes(',') ? word.text.split(',') : [word.text];
  if (texts.length > 1 && word.text.length > LONGEST_WORD) {
    context.problems.error('too-long', word, `this list has more than ${LONGEST_WORD} characters`, {
      expected: `a list that iptables-restore takes, of at most ${LONGEST_WORD} characters`,
      help: 'give each address a rule of its own, or put them into an ipset',
    });
    return [NEVER];
  }
  if (option.negated && texts.length > 1) {
    context.problems.error('negated-list', option, '`!` cannot stand before several addresses', {
      expected: 'one address, or `-m iprange`, or a set',
    });
    return [NEVER];
  }
  if (texts.length > 1)
    return texts.map((text) => oneAddress(text.replaceAll(' ', ''), word, field, context));
  const condition = oneAddress(word.text, word, field, context);
  return [option.negated ? negate(condition) : condition];
}

function oneAddress(text: string, word: Word, field: 'src' | 'dst', context: RuleContext): Condition {
  const plain = context.family === 4 ? plainCondition(text, field) : undefined;
  if (plain !== undefined) return plain;
  const slash = text.indexOf('/');
  // "if a null mask is given, the name is ignored, like in any/0" (libxtables/xtables.c, ipparse_hostnetworkmask).
  if (slash >= 0 && parseToolMask(text.slice(slash + 1), context.family) === 0n) return { kind: 'always' };
  const read = readAddress(text, context.family);
  if (typeof read !== 'string') return addressCondition(field, context.family, read);
  if (read === 'name') return hostName(text, word, field, context);
  context.problems.error(
    'bad-address',
    word,
    `\`${text}\` is not an IPv${context.family} address or network`,
    {
      expected: EXPECTED[read],
      ...helpWith(text, field, read),
    },
  );
  return NEVER;
}

function helpWith(text: string, field: 'src' | 'dst', read: AddressProblem): { readonly help?: string } {
  if (read === 'family')
    return { help: 'a dump of ip6tables-save begins with `# Generated by ip6tables-save`; keep that line' };
  const range = `-m iprange --${field}-range ${text}`;
  return /^[\da-f.:]+-[\da-f.:]+$/i.test(text) ? { help: `a range is written \`${range}\`` } : {};
}

/** A host name is resolved when the rules are loaded; from the file alone nobody can tell its addresses. */
function hostName(text: string, word: Word, field: 'src' | 'dst', context: RuleContext): Condition {
  const written = `-${field === 'src' ? 's' : 'd'} ${text}`;
  const reason = `\`${written}\` is a host name, resolved when the rules are loaded: what depends on it is reported as possible; iptables-save would show its addresses`;
  context.problems.cover('approximated', context.span, reason);
  return { kind: 'opaque', text: written, stateful: false, span: context.problems.span(word) };
}

/** `[!] -f`: second and later fragments, of IPv4 only. */
export function fragmentCondition(option: OptionUse, context: RuleContext): Condition {
  if (context.family === 6)
    context.problems.error('wrong-family', option, 'IPv6 has no `-f`', { expected: '`-m frag`' });
  const later: Condition = { kind: 'field', field: 'fragment', values: [2, 2] };
  return option.negated ? negate(later) : later;
}
