import { allOf, type Condition, NEVER, negate } from '../../../rule/condition.ts';
import type { MatchUse, OptionUse } from '../ast.ts';
import { options } from '../getopt.ts';
import { parseNumber } from '../numbers.ts';
import { argument, badArgument, badMatch, between, type MatchModule, type RuleContext } from './module.ts';
import { ownProtocol, NOT_LATER_FRAGMENT } from './transport.ts';

/** A type with the codes it stands for. */
interface IcmpType {
  readonly name: string;
  readonly type: number;
  readonly low: number;
  readonly high: number;
}

/** Reads a table of `name[|alias] type [code]` lines. */
function table(...lines: readonly string[]): readonly IcmpType[] {
  return lines.flatMap((line) => {
    const [names, type, code] = line.split(' ') as [string, string, string?];
    const codes = code === undefined ? { low: 0, high: 255 } : { low: Number(code), high: Number(code) };
    return names.split('|').map((name) => ({ name, type: Number(type), ...codes }));
  });
}

/** The names of `iptables -p icmp -h`, with the numbers of RFC 792, 950, 1122, 1256 and 1812. `any` is 255. */
const ICMP_TYPES = table(
  'any 255',
  'echo-reply|pong 0',
  'destination-unreachable 3',
  'network-unreachable 3 0',
  'host-unreachable 3 1',
  'protocol-unreachable 3 2',
  'port-unreachable 3 3',
  'fragmentation-needed 3 4',
  'source-route-failed 3 5',
  'network-unknown 3 6',
  'host-unknown 3 7',
  'network-prohibited 3 9',
  'host-prohibited 3 10',
  'TOS-network-unreachable 3 11',
  'TOS-host-unreachable 3 12',
  'communication-prohibited 3 13',
  'host-precedence-violation 3 14',
  'precedence-cutoff 3 15',
  'source-quench 4',
  'redirect 5',
  'network-redirect 5 0',
  'host-redirect 5 1',
  'TOS-network-redirect 5 2',
  'TOS-host-redirect 5 3',
  'echo-request|ping 8',
  'router-advertisement 9',
  'router-solicitation 10',
  'time-exceeded|ttl-exceeded 11',
  'ttl-zero-during-transit 11 0',
  'ttl-zero-during-reassembly 11 1',
  'parameter-problem 12',
  'ip-header-bad 12 0',
  'required-option-missing 12 1',
  'timestamp-request 13',
  'timestamp-reply 14',
  'address-mask-request 17',
  'address-mask-reply 18',
);

/** The names of `ip6tables -p icmpv6 -h`, with the numbers of RFC 4443 and 4861. */
const ICMPV6_TYPES = table(
  'destination-unreachable 1',
  'no-route 1 0',
  'communication-prohibited 1 1',
  'beyond-scope 1 2',
  'address-unreachable 1 3',
  'port-unreachable 1 4',
  'failed-policy 1 5',
  'reject-route 1 6',
  'packet-too-big 2',
  'time-exceeded|ttl-exceeded 3',
  'ttl-zero-during-transit 3 0',
  'ttl-zero-during-reassembly 3 1',
  'parameter-problem 4',
  'bad-header 4 0',
  'unknown-header-type 4 1',
  'unknown-option 4 2',
  'echo-request|ping 128',
  'echo-reply|pong 129',
  'router-solicitation 133',
  'router-advertisement 134',
  'neighbour-solicitation|neighbor-solicitation 135',
  'neighbour-advertisement|neighbor-advertisement 136',
  'redirect 137',
);

/** A type by name (any case, unambiguous beginnings too), by number, or as `type/code`. */
function readType(option: OptionUse, types: readonly IcmpType[], context: RuleContext): IcmpType | undefined {
  const word = argument(option);
  const wanted = word.text.toLowerCase();
  const exact = types.find(({ name }) => name.toLowerCase() === wanted);
  const begun = types.filter(({ name }) => name.toLowerCase().startsWith(wanted));
  if (exact !== undefined) return exact;
  if (begun.length === 1) return begun[0];
  if (begun.length > 1) {
    const names = begun.map(({ name }) => `\`${name}\``).slice(0, 4);
    badArgument(context, option, word, `one of ${names.join(', ')}`);
    return undefined;
  }
  const [type, code, ...more] = word.text.split('/').map((text) => parseNumber(text, 255));
  const coded = word.text.includes('/');
  if (type === undefined || (coded && code === undefined) || more.length > 0) {
    badArgument(context, option, word, 'an ICMP type by name, or `type` or `type/code` from 0 to 255');
    return undefined;
  }
  return { name: word.text, type, low: code ?? 0, high: code ?? 255 };
}

function icmpMatch(name: string, family: 4 | 6, optionName: string, types: readonly IcmpType[]): MatchModule {
  const protocol = family === 4 ? 1 : 58;
  return {
    kind: 'match',
    name,
    family,
    options: options(optionName),
    lower(use, context) {
      const option = use.options[0];
      if (option === undefined) return missing(use, context);
      const type = readType(option, types, context);
      if (type === undefined) return NEVER;
      const matched = typeCondition(type, family);
      return allOf([
        ownProtocol(use, protocol, context),
        option.negated || matched.kind === 'always' ? NOT_LATER_FRAGMENT : { kind: 'always' },
        option.negated ? negate(matched) : matched,
      ]);
    },
  };
}

function missing(use: MatchUse, context: RuleContext): Condition {
  return badMatch(context, use, `\`-m ${use.name}\` has no type`, 'the option that names an ICMP type');
}

/** Only IPv4's 255 stands for every type (net/ipv4/netfilter/ip_tables.c and net/ipv6/netfilter/ip6_tables.c). */
function typeCondition({ type, low, high }: IcmpType, family: 4 | 6): Condition {
  if (family === 4 && type === 255) return { kind: 'always' };
  const codes: Condition = low === 0 && high === 255 ? { kind: 'always' } : between('icmpCode', low, high);
  return allOf([between('icmpType', type, type), codes]);
}

/** `-m icmp`. */
export const icmp = icmpMatch('icmp', 4, '!icmp-type=1', ICMP_TYPES);
/** `-m icmp6`, for which the tools also take `-m icmpv6` and `-m ipv6-icmp`. */
export const icmp6 = icmpMatch('icmp6', 6, '!icmpv6-type=1', ICMPV6_TYPES);
