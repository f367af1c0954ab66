import type { NumericField } from '../../../packet/fields.ts';
import { ALWAYS, allOf, type Condition, NEVER } from '../../../rule/condition.ts';
import type { MatchUse, OptionUse, Word } from '../ast.ts';
import { options } from '../getopt.ts';
import { MAX_PORT, readPortRange } from '../ports.ts';
import { areComparedAsOne, asOneComparison, leftOut } from './loaded-otherwise.ts';
import {
  argument,
  badArgument,
  badMatch,
  between,
  type MatchModule,
  masked,
  opaque,
  opaqueOption,
  optionOf,
  optionText,
  type RuleContext,
  signed,
} from './module.ts';

/** A packet with a transport header to look at: not a later fragment (net/netfilter/xt_tcpudp.c: `par->fragoff`). */
export const NOT_LATER_FRAGMENT: Condition = { kind: 'field', field: 'fragment', values: [0, 1] };

/** One condition for each protocol number, shared by every rule. */
const PROTOCOLS: readonly Condition[] = Array.from({ length: 256 }, (_, number) => ({
  kind: 'field',
  field: 'protocol',
  values: [number, number],
}));

/** The packet's protocol is this one, from 0 to 255. */
export function ofProtocol(protocol: number): Condition {
  return PROTOCOLS[protocol] as Condition;
}

/**
 * The protocol of a match that has one. `-p` must name it, or the kernel does not load the rule (net/netfilter/x_tables.c,
 * xt_check_match), though `iptables-restore --test` takes it: the coverage says so. After `! -p` no packet is both.
 */
export function ownProtocol(use: MatchUse, protocol: number, context: RuleContext): Condition {
  if (context.protocol === protocol) return ALWAYS;
  const wanted = use.name === 'icmp6' ? 'ipv6-icmp' : use.name;
  if (context.writtenProtocol !== protocol) {
    const taken = context.writtenProtocol === 0 ? `as if \`-p ${wanted}\` stood there` : 'to match nothing';
    const reason = `\`-m ${use.name}\` stands without \`-p ${wanted}\`: the kernel refuses such a rule; it is taken ${taken}`;
    context.problems.cover('approximated', context.span, reason);
  }
  return ofProtocol(protocol);
}

/** `[!] --sport range` or `--dport`. A field condition on a port holds only where there is one. */
function portCondition(
  use: MatchUse,
  option: OptionUse,
  field: NumericField,
  protocol: number,
  context: RuleContext,
): Condition {
  const range = readPortRange(argument(option), option, protocol, context);
  if (range === undefined) return NEVER;
  const isNone = option.negated && range[0] === 0 && range[1] === MAX_PORT;
  const open = isNone ? leftOut(use, option, protocol, context) : undefined;
  return open ?? signed(option, between(field, range[0], range[1]));
}

/** `--sport` and `--dport` of the protocol, and the protocol itself where `-p` does not already demand it. */
function transport(
  use: MatchUse,
  protocol: number,
  context: RuleContext,
  rest: readonly Condition[],
): Condition {
  const source = optionOf(use, 'source-port');
  const destination = optionOf(use, 'destination-port');
  if (isOfOthers(use, protocol, context)) {
    const written = use.options.map((option) => `${option.negated ? '! ' : ''}${optionText(option)}`);
    return opaque(context, use, [`-m ${use.name}`, ...written].join(' '), false, OF_OTHERS);
  }
  const positive = [source, destination].some((option) => option?.negated === false);
  const from = source === undefined ? ALWAYS : portCondition(use, source, 'sport', protocol, context);
  const to = destination === undefined ? ALWAYS : portCondition(use, destination, 'dport', protocol, context);
  const isOne = areComparedAsOne(source, destination, protocol, context);
  return allOf([
    ownProtocol(use, protocol, context),
    positive ? ALWAYS : NOT_LATER_FRAGMENT,
    ...(isOne ? [asOneComparison(use, [from, to], context)] : [from, to]),
    ...rest,
  ]);
}

/**
 * `! -p tcp -m tcp --dport 22`: the kernel refuses it from iptables-legacy. iptables-nft makes of it what nftables has for ports,
 * which looks at the same bytes of all other protocols (seen with iptables 1.8.9 on Linux 6.18; of udp likewise).
 */
function isOfOthers({ options: given }: MatchUse, protocol: number, context: RuleContext): boolean {
  const isNegated = context.writtenProtocol === protocol && context.protocol !== protocol;
  return isNegated && (protocol === 6 || protocol === 17) && given.length > 0;
}

const OF_OTHERS =
  'stands behind `! -p` of its own protocol: the kernel refuses that from iptables-legacy, and with iptables-nft other protocols’ packets may match it';

const PORTS = ['!source-port|sport=1', '!destination-port|dport=1'] as const;

/** TCP's flags by the names that libxt_tcp takes. */
const TCP_FLAGS: Readonly<Record<string, number>> = {
  FIN: 1,
  SYN: 2,
  RST: 4,
  PSH: 8,
  ACK: 16,
  URG: 32,
  ALL: 63,
  NONE: 0,
};

function readFlags(word: Word, option: OptionUse, context: RuleContext): number {
  let flags = 0;
  for (const name of word.text.split(',')) {
    if (name === '') continue;
    const flag = Object.hasOwn(TCP_FLAGS, name.toUpperCase()) ? TCP_FLAGS[name.toUpperCase()] : undefined;
    if (flag === undefined) {
      badArgument(context, option, word, 'two lists of FIN, SYN, RST, PSH, ACK, URG, ALL or NONE');
      return 0;
    }
    flags |= flag;
  }
  return flags;
}

function tcpFlags(use: MatchUse, context: RuleContext): Condition {
  const flags = optionOf(use, 'tcp-flags');
  const syn = optionOf(use, 'syn');
  if (flags !== undefined && syn !== undefined)
    return badMatch(context, use, '`--syn` and `--tcp-flags` stand together', 'one of them');
  if (syn !== undefined) return signed(syn, masked('tcpFlags', 0x17, 0x02));
  if (flags === undefined) return ALWAYS;
  const [mask, set] = flags.values as readonly [Word, Word];
  const [looked, wanted] = [readFlags(mask, flags, context), readFlags(set, flags, context)];
  const isNone = looked === 0 && flags.negated === (wanted === 0);
  const open = isNone ? leftOut(use, flags, 6, context) : undefined;
  return open ?? signed(flags, masked('tcpFlags', looked, wanted));
}

/** `-m tcp` (net/netfilter/xt_tcpudp.c). */
export const tcp: MatchModule = {
  kind: 'match',
  name: 'tcp',
  options: options(...PORTS, '!tcp-flags=2', '!syn', '!tcp-option=1'),
  lower(use, context) {
    const option = optionOf(use, 'tcp-option');
    return transport(use, 6, context, [
      tcpFlags(use, context),
      option === undefined ? ALWAYS : opaqueOption(context, use, option, false),
    ]);
  },
};

/** A match on the ports of one protocol and nothing else. */
function portsOnly(name: string, protocol: number): MatchModule {
  return {
    kind: 'match',
    name,
    options: options(...PORTS),
    lower: (use, context) => transport(use, protocol, context, []),
  };
}

/** `-m udp`. */
export const udp = portsOnly('udp', 17);
/** `-m udplite`: the kernel has it (xt_tcpudp.c), and some front ends print it. */
export const udplite = portsOnly('udplite', 136);

/** Ports, and options of the protocol's own that are opaque. */
function portsAndOpaque(name: string, protocol: number, own: readonly string[]): MatchModule {
  const specs = options(...PORTS, ...own);
  return {
    kind: 'match',
    name,
    options: specs,
    lower(use, context) {
      const other = use.options.filter((o) => o.name !== 'source-port' && o.name !== 'destination-port');
      const rest = other.map((option) => opaqueOption(context, use, option, false));
      return transport(use, protocol, context, rest);
    },
  };
}

/** `-m sctp`; chunk types are opaque (net/netfilter/xt_sctp.c). */
export const sctp = portsAndOpaque('sctp', 132, ['!chunk-types=2']);
/** `-m dccp`; types and options are opaque (net/netfilter/xt_dccp.c). */
export const dccp = portsAndOpaque('dccp', 33, ['!dccp-types=1', '!dccp-option=1']);
