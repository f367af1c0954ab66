import { CONNECTION_STATES, PORT_PROTOCOLS } from '../../../packet/packet.ts';
import type { NumericField } from '../../../packet/fields.ts';
import { normalise } from '../../../packet/ranges.ts';
import {
  ALWAYS,
  allOf,
  anyOf,
  type Condition,
  type Direction,
  type OpaqueCondition,
  NEVER,
  negate,
} from '../../../rule/condition.ts';
import { addressCondition, MASK_WITH_HOLES, networkOf, readHost } from '../addresses.ts';
import type { MatchUse, OptionUse } from '../ast.ts';
import { options } from '../getopt.ts';
import { parseNumberRange } from '../numbers.ts';
import { readPortRange } from '../ports.ts';
import { readProtocol } from '../protocols.ts';
import {
  argument,
  badArgument,
  badMatch,
  between,
  type MatchModule,
  opaque,
  optionOf,
  optionText,
  type RuleContext,
  signed,
} from './module.ts';

const STATE: Readonly<Record<string, number>> = Object.fromEntries(CONNECTION_STATES.map((s, i) => [s, i]));

/** The packet's connection state is one of these. */
export function inState(...states: readonly (typeof CONNECTION_STATES)[number][]): Condition {
  const values = normalise(states.map((state) => [STATE[state] as number, STATE[state] as number] as const));
  return { kind: 'field', field: 'state', values };
}

/** The packet belongs to a connection that conntrack knows: it has an entry. */
export const TRACKED = inState('new', 'established', 'related');

/** Names in the order in which the tools compare them; a beginning counts as the first name that has it. */
const STATE_NAMES = ['invalid', 'new', 'established', 'related', 'untracked'] as const;

/** `NEW,RELATED,…`, with SNAT and DNAT where `translations` is set. Any case, as strncasecmp(3) compares. */
function stateList(option: OptionUse, translations: boolean, context: RuleContext): Condition {
  const known: readonly string[] = translations ? [...STATE_NAMES, 'snat', 'dnat'] : STATE_NAMES;
  const states: [number, number][] = [];
  const parts: Condition[] = [];
  for (const wanted of argument(option).text.toLowerCase().split(',')) {
    const name = wanted === '' ? undefined : known.find((full) => full.startsWith(wanted));
    const state = name === undefined ? undefined : STATE[name];
    if (state !== undefined) states.push([state, state]);
    else if (name === 'snat' || name === 'dnat') parts.push({ kind: 'translated', what: name });
    else return badArgument(context, option, argument(option), `a list of ${known.join(', ').toUpperCase()}`);
  }
  if (states.length > 0) parts.unshift({ kind: 'field', field: 'state', values: normalise(states) });
  return signed(option, anyOf(parts));
}

/** `-m state` (net/netfilter/xt_state.c). */
export const state: MatchModule = {
  kind: 'match',
  name: 'state',
  options: options('!state=1'),
  lower(use, context) {
    const option = use.options[0];
    if (option === undefined) return badMatch(context, use, '`-m state` has no state', '`--state`');
    return stateList(option, false, context);
  },
};

const LATER =
  'is decided for the first packets of connections at most: for others what depends on it is reported as possible';

const FOLLOWED =
  'is decided for the first packets of connections and for what follows one of them: for others what depends on it is reported as possible';

const ELSEWHERE =
  'is decided for the first packets of connections, their replies and what follows: for others what depends on it is reported as possible';

interface Later {
  readonly direction?: Direction;
  /** What is asked of packets whose connection is followed from its first one; see {@link OpaqueCondition.began}. */
  readonly began?: (open: OpaqueCondition) => Condition;
}

/**
 * A test of the connection's entry: exact on a connection's first packet. A later packet may run either way, and an
 * ICMP error is about another packet's connection, so there the answer is open.
 *
 * @param exact the states whose answer is `condition`
 * @param later what is known of established packets
 */
function ofConnection(
  use: MatchUse,
  option: OptionUse,
  context: RuleContext,
  condition: Condition,
  exact: Condition = inState('new'),
  { direction: way, began }: Later = {},
): Condition {
  const why = way !== undefined ? ELSEWHERE : began !== undefined ? FOLLOWED : LATER;
  const open = opaque(context, use, `-m conntrack ${optionText(option)}`, true, why);
  const later: Condition = {
    ...open,
    ...(way === undefined ? {} : { direction: way }),
    ...(began === undefined ? {} : { began: began(open) }),
  };
  return signed(option, anyOf([allOf([exact, condition]), allOf([negate(exact), later])]));
}

function address(
  use: MatchUse,
  option: OptionUse,
  field: 'origSrc' | 'origDst',
  context: RuleContext,
): Condition {
  const word = argument(option);
  const read = readHost(word.text, context.family);
  if (typeof read === 'string')
    return badArgument(context, option, word, `an IPv${context.family} address or network`);
  const { network, holes } = networkOf(read, context.family);
  if (holes)
    context.problems.cover('approximated', context.span, `\`${optionText(option)}\`: ${MASK_WITH_HOLES}`);
  const began = addressCondition(field, context.family, network);
  return ofConnection(use, option, context, began, inState('new'), { began: () => began });
}

/**
 * Protocols whose connections have the packet's ports. DCCP is none of them: recent kernels (seen on 6.18) track it
 * without ports, earlier ones with them (net/netfilter/nf_conntrack_core.c, nf_ct_get_tuple).
 */
const TRACKED_PORTS = PORT_PROTOCOLS.filter((protocol) => protocol !== 33);

/** The ports of protocols that have none (ICMP's identifier, GRE's key) are not modelled. */
function port(use: MatchUse, option: OptionUse, field: NumericField, context: RuleContext): Condition {
  const range = readPortRange(argument(option), option, undefined, context);
  if (range === undefined) return NEVER;
  const withPorts: Condition = {
    kind: 'field',
    field: 'protocol',
    values: normalise(TRACKED_PORTS.map((protocol) => [protocol, protocol] as const)),
  };
  const exact = allOf([inState('new'), withPorts]);
  const asked = between(field, range[0], range[1]);
  const began = (open: Condition): Condition =>
    anyOf([allOf([withPorts, asked]), allOf([negate(withPorts), open])]);
  return ofConnection(use, option, context, asked, exact, { began });
}

function protocol(use: MatchUse, option: OptionUse, context: RuleContext): Condition {
  const number = readProtocol(argument(option).text);
  if (number === undefined)
    return badArgument(context, option, argument(option), 'a protocol by name or number');
  const same: Condition = between('protocol', number, number);
  return ofConnection(use, option, context, same, inState('new', 'established'));
}

/** Status bits; what is known of them on a first packet, and `SEEN_REPLY` on an established connection's. */
const STATUSES = ['none', 'expected', 'seen_reply', 'assured', 'confirmed'];

function status(use: MatchUse, option: OptionUse, context: RuleContext): Condition {
  const names = argument(option).text.toLowerCase().split(',');
  if (names.some((name) => !STATUSES.includes(name)))
    return badArgument(context, option, argument(option), `a list of ${STATUSES.join(', ').toUpperCase()}`);
  const asked = new Set(names);
  asked.delete('none');
  // `NONE` alone is an empty set of bits, of which none is ever set (libxt_conntrack, status_mask).
  if (asked.size === 0) return signed(option, NEVER);
  const decided: Condition[] = [];
  if (!asked.has('confirmed')) decided.push(inState('new'));
  if (asked.has('seen_reply')) decided.push(inState('established'));
  return ofConnection(use, option, context, inState('established'), anyOf(decided));
}

function direction(use: MatchUse, option: OptionUse, context: RuleContext): Condition {
  const text = argument(option).text.toUpperCase();
  if (text !== 'ORIGINAL' && text !== 'REPLY')
    return badArgument(context, option, argument(option), '`ORIGINAL` or `REPLY`');
  const first = text === 'ORIGINAL' ? ALWAYS : NEVER;
  const way: Direction = text === 'REPLY' ? 'reply' : 'original';
  return ofConnection(use, option, context, first, inState('new'), { direction: way });
}

/** Tests that postern cannot decide on any packet; their arguments are looked at all the same. */
function undecided(use: MatchUse, option: OptionUse, context: RuleContext): Condition {
  const word = argument(option);
  if (option.name === 'ctexpire' && parseNumberRange(word.text, 0xffff_ffff) === undefined)
    return badArgument(context, option, word, 'seconds, or `from:to`');
  if (option.name.endsWith('port')) readPortRange(word, option, undefined, context);
  else if (option.name !== 'ctexpire' && typeof readHost(word.text, context.family) === 'string')
    return badArgument(context, option, word, `an IPv${context.family} address or network`);
  return ofConnection(use, option, context, NEVER, NEVER);
}

function entryTest(use: MatchUse, option: OptionUse, context: RuleContext): Condition {
  switch (option.name) {
    case 'ctorigsrc':
      return address(use, option, 'origSrc', context);
    case 'ctorigdst':
      return address(use, option, 'origDst', context);
    case 'ctorigsrcport':
      return port(use, option, 'origSport', context);
    case 'ctorigdstport':
      return port(use, option, 'origDport', context);
    case 'ctproto':
      return protocol(use, option, context);
    case 'ctstatus':
      return status(use, option, context);
    case 'ctdir':
      return direction(use, option, context);
    default:
      return undecided(use, option, context);
  }
}

/**
 * `-m conntrack` (net/netfilter/xt_conntrack.c, conntrack_mt). Without an entry (invalid and untracked packets) only
 * `--ctstate` is looked at, and without it nothing matches.
 */
export const conntrack: MatchModule = {
  kind: 'match',
  name: 'conntrack',
  options: options(
    '!ctstate=1',
    '!ctproto=1',
    '!ctorigsrc=1',
    '!ctorigdst=1',
    '!ctreplsrc=1',
    '!ctrepldst=1',
    '!ctorigsrcport=1',
    '!ctorigdstport=1',
    '!ctreplsrcport=1',
    '!ctrepldstport=1',
    '!ctstatus=1',
    '!ctexpire=1',
    'ctdir=1',
  ),
  lower(use, context) {
    if (use.options.length === 0)
      return badMatch(context, use, '`-m conntrack` has no option', '`--ctstate`');
    const option = optionOf(use, 'ctstate');
    const states = option === undefined ? ALWAYS : stateList(option, true, context);
    const rest = use.options.filter((other) => other !== option);
    if (rest.length === 0) return states;
    const tests = rest.map((other) => entryTest(use, other, context));
    const entry = allOf([TRACKED, ...tests]);
    return allOf([states, option === undefined ? entry : anyOf([negate(TRACKED), entry])]);
  },
};
