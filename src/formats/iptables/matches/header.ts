import { ALWAYS, allOf, type Condition, NEVER, negate } from '../../../rule/condition.ts';
import type { MatchUse, OptionUse } from '../ast.ts';
import { options } from '../getopt.ts';
import { parseNumber, parseNumberRange } from '../numbers.ts';
import { parseDscp, parseDscpClass, parseTos } from '../tos.ts';
import {
  argument,
  badArgument,
  badMatch,
  between,
  type MatchModule,
  masked,
  type RuleContext,
  signed,
} from './module.ts';

/** A match with exactly one option out of several. */
function single(
  name: string,
  specs: readonly string[],
  lower: (option: OptionUse, context: RuleContext, use: MatchUse) => Condition,
  family?: 4 | 6,
): MatchModule {
  const list = options(...specs);
  return {
    kind: 'match',
    name,
    ...(family === undefined ? {} : { family }),
    options: list,
    lower(use, context) {
      const option = use.options[0];
      if (option !== undefined && use.options.length === 1) return lower(option, context, use);
      const names = list.map((spec) => `\`--${spec.name}\``).join(', ');
      return badMatch(context, use, `\`-m ${name}\` takes exactly one option`, names);
    },
  };
}

/** `-m comment`: always true. */
export const comment: MatchModule = {
  kind: 'match',
  name: 'comment',
  options: options('comment=1'),
  lower: (use, context) =>
    use.options.length > 0 ? ALWAYS : badMatch(context, use, '`-m comment` has no comment', '`--comment`'),
};

export const LOOPBACK: Condition = { kind: 'interface', field: 'in', names: [{ name: 'lo', prefix: false }] };

/** `-m mac`: only where the packet came from an Ethernet device, which lo is not (net/netfilter/xt_mac.c). */
export const mac = single('mac', ['!mac-source=1'], (option, context, use) => {
  const word = argument(option);
  if (/^[xX*]{2}(?::[xX*]{2}){5}$/.test(word.text)) return blankedMac(use, option, context);
  const parts = word.text.split(':');
  if (parts.length !== 6 || parts.some((part) => !/^[0-9a-fA-F]{1,2}$/.test(part)))
    return badArgument(context, option, word, 'a MAC address such as `00:16:3e:00:00:01`');
  const value = parts.reduce((sum, part) => sum * 256 + Number.parseInt(part, 16), 0);
  return allOf([signed(option, between('mac', value, value)), negate(LOOPBACK)]);
});

/** Published dumps have their MAC addresses blanked out. Each blank may have been another address. */
function blankedMac(use: MatchUse, option: OptionUse, context: RuleContext): Condition {
  const text = `-m mac --mac-source ${argument(option).text}`;
  const reason = `\`${text}\` has its address blanked out: what depends on it is reported as possible`;
  context.problems.cover('approximated', context.span, reason);
  return signed(option, { kind: 'opaque', text, stateful: true, span: context.problems.span(use) });
}

/** `-m length`: the whole network-layer packet (net/netfilter/xt_length.c). */
export const length = single('length', ['!length=1'], (option, context) => {
  const range = parseNumberRange(argument(option).text, 65_535);
  if (range === undefined)
    return badArgument(context, option, argument(option), '`length` or `from:to` up to 65535');
  return signed(option, between('length', range[0], range[1]));
});

/** `-m ttl` and `-m hl` (net/netfilter/xt_hl.c). */
function hopLimit(name: 'ttl' | 'hl', family: 4 | 6): MatchModule {
  const specs = [`!${name}-eq|${name}=1`, `${name}-lt=1`, `${name}-gt=1`];
  const read = (option: OptionUse, context: RuleContext): Condition => {
    const value = parseNumber(argument(option).text, 255);
    if (value === undefined) return badArgument(context, option, argument(option), 'a number from 0 to 255');
    if (option.name === `${name}-lt`) return value === 0 ? NEVER : between('ttl', 0, value - 1);
    if (option.name === `${name}-gt`) return between('ttl', value + 1, 255);
    return signed(option, between('ttl', value, value));
  };
  return single(name, specs, read, family);
}

export const ttl = hopLimit('ttl', 4);
export const hl = hopLimit('hl', 6);

/** `-m dscp` (net/netfilter/xt_dscp.c): the upper six bits of the TOS byte or traffic class. */
export const dscp = single('dscp', ['!dscp=1', '!dscp-class=1'], (option, context) => {
  const { text } = argument(option);
  const value = option.name === 'dscp' ? parseDscp(text) : parseDscpClass(text);
  if (value === undefined)
    return badArgument(
      context,
      option,
      argument(option),
      'a DSCP from 0 to 63, or a class BE, EF, AFxy or CSx',
    );
  return signed(option, masked('tos', 0xfc, value << 2));
});

/** `-m tos` (net/netfilter/xt_dscp.c, tos_mt): `(tos & mask) == value`. */
export const tos = single('tos', ['!tos=1'], (option, context) => {
  const read = parseTos(argument(option).text);
  if (read === undefined)
    return badArgument(
      context,
      option,
      argument(option),
      '`value[/mask]` of eight bits or a name such as `Minimize-Delay`',
    );
  return signed(option, masked('tos', read.mask, read.value));
});

/** In the order of PACKET_TYPES (packet/packet.ts). */
const PACKET_TYPE_NAMES: readonly (readonly string[])[] = [
  ['unicast', 'host'],
  ['broadcast', 'bcast'],
  ['multicast', 'mcast'],
  ['otherhost'],
];

/** `-m pkttype` (net/netfilter/xt_pkttype.c). */
export const pkttype = single('pkttype', ['!pkt-type=1'], (option, context) => {
  const text = argument(option).text.toLowerCase();
  const at = PACKET_TYPE_NAMES.findIndex((names) => names.includes(text));
  if (at < 0)
    return badArgument(
      context,
      option,
      argument(option),
      `\`unicast\`, \`broadcast\`, \`multicast\` or \`otherhost\``,
    );
  return signed(option, between('pkttype', at, at));
});

const ECN_FLAGS: Readonly<Record<string, number>> = { 'ecn-tcp-ece': 64, 'ecn-tcp-cwr': 128 };

/** `-m ecn` (net/netfilter/xt_ecn.c): the lowest two TOS bits, and TCP's ECE and CWR. */
export const ecn: MatchModule = {
  kind: 'match',
  name: 'ecn',
  options: options('!ecn-tcp-cwr', '!ecn-tcp-ece', '!ecn-ip-ect=1'),
  lower(use, context) {
    if (use.options.length === 0) return badMatch(context, use, '`-m ecn` has no option', '`--ecn-ip-ect`');
    return allOf(
      use.options.map((option) => {
        const flag = ECN_FLAGS[option.name];
        if (flag !== undefined) return ecnFlag(option, flag);
        const value = parseNumber(argument(option).text, 3);
        if (value === undefined)
          return badArgument(context, option, argument(option), 'a number from 0 to 3');
        return signed(option, masked('tos', 3, value));
      }),
    );
  },
};

/** False, negated or not, in what is not TCP. */
function ecnFlag(option: OptionUse, flag: number): Condition {
  return masked('tcpFlags', flag, option.negated ? 0 : flag);
}
