import { EXTENSION_HEADERS } from '../../../packet/packet.ts';
import { allOf, anyOf, type Condition, NEVER, negate } from '../../../rule/condition.ts';
import type { MatchUse, OptionUse } from '../ast.ts';
import { options } from '../getopt.ts';
import { parseNumberRange } from '../numbers.ts';
import {
  argument,
  badArgument,
  badMatch,
  type MatchModule,
  masked,
  opaque,
  opaqueOption,
  optionOf,
  type RuleContext,
  signed,
} from './module.ts';
import { ownProtocol, NOT_LATER_FRAGMENT, ofProtocol } from './transport.ts';

/** The header is among the packet's extension headers. A fragment has a fragment header, whatever else is known. */
function present(header: keyof typeof EXTENSION_HEADERS): Condition {
  const bit = EXTENSION_HEADERS[header];
  const marked = masked('extensionHeaders', bit, bit);
  return header === 'frag' ? anyOf([marked, { kind: 'field', field: 'fragment', values: [1, 2] }]) : marked;
}

/**
 * The packet has AH: behind other headers and before the protocol, or as what it is said to carry (a row or a packet of protocol
 * 51), which says nothing of what is inside.
 */
export const AUTHENTICATED: Condition = anyOf([ofProtocol(51), present('auth')]);

/**
 * A match on one extension header: its presence is exact, what it holds is opaque
 * (net/ipv6/netfilter/ip6t_{hbh,rt,ah}.c; ip6t_hbh.c serves `dst` too).
 */
function headerMatch(
  name: string,
  header: keyof typeof EXTENSION_HEADERS,
  specs: readonly string[],
): MatchModule {
  return {
    kind: 'match',
    name,
    family: 6,
    options: options(...specs),
    lower: (use, context) =>
      allOf([
        header === 'auth' ? AUTHENTICATED : present(header),
        ...use.options.map((option) => opaqueOption(context, use, option, false)),
      ]),
  };
}

export const hbh = headerMatch('hbh', 'hop', ['!hbh-len=1', 'hbh-opts=1', 'hbh-not-strict']);
export const dst = headerMatch('dst', 'dst', ['!dst-len=1', 'dst-opts=1', 'dst-not-strict']);
export const rt = headerMatch('rt', 'route', [
  '!rt-type=1',
  '!rt-segsleft=1',
  '!rt-len=1',
  'rt-0-res',
  'rt-0-addrs=1',
  'rt-0-not-strict',
]);
export const ah6 = headerMatch('ah', 'auth', ['!ahspi=1', '!ahlen=1', 'ahres']);
export const srh = headerMatch('srh', 'route', [
  '!srh-next-hdr=1',
  ...['hdr-len', 'segs-left', 'last-entry'].flatMap((field) =>
    ['eq', 'gt', 'lt'].map((order) => `!srh-${field}-${order}=1`),
  ),
  '!srh-tag=1',
  '!srh-psid=1',
  '!srh-nsid=1',
  '!srh-lsid=1',
]);

/** `--fragfirst`, `--fragmore` and `--fraglast` by what is known of the packet; of a later fragment it is open. */
function fragmentOption(use: MatchUse, option: OptionUse, context: RuleContext): Condition {
  if (option.name === 'fragfirst') return NOT_LATER_FRAGMENT;
  if (option.name !== 'fragmore' && option.name !== 'fraglast')
    return opaqueOption(context, use, option, false);
  const more = option.name === 'fragmore';
  const at: Condition = { kind: 'field', field: 'fragment', values: more ? [1, 1] : [0, 0] };
  const later: Condition = { kind: 'field', field: 'fragment', values: [2, 2] };
  return anyOf([at, allOf([later, opaqueOption(context, use, option, false)])]);
}

/** `-m frag` (net/ipv6/netfilter/ip6t_frag.c). */
export const frag: MatchModule = {
  kind: 'match',
  name: 'frag',
  family: 6,
  options: options('!fragid=1', '!fraglen=1', 'fragres', 'fragfirst', 'fragmore', 'fraglast'),
  lower(use, context) {
    if (optionOf(use, 'fragmore') !== undefined && optionOf(use, 'fraglast') !== undefined)
      return badMatch(context, use, '`--fragmore` and `--fraglast` stand together', 'one of them');
    return allOf([present('frag'), ...use.options.map((option) => fragmentOption(use, option, context))]);
  },
};

/** A match on the SPI of AH or ESP: the protocol is exact, an SPI is opaque unless every one will do. */
function spiMatch(name: string, protocol: number, optionName: string, family?: 4 | 6): MatchModule {
  return {
    kind: 'match',
    name,
    ...(family === undefined ? {} : { family }),
    options: options(optionName),
    lower(use, context) {
      const option = use.options[0];
      const base = [ownProtocol(use, protocol, context), NOT_LATER_FRAGMENT];
      if (option === undefined) return allOf(base);
      const range = parseNumberRange(argument(option).text, 0xffff_ffff);
      if (range === undefined)
        return badArgument(context, option, argument(option), 'an SPI or `from:to` of 32 bits');
      if (range[0] === 0 && range[1] === 0xffff_ffff) return option.negated ? NEVER : allOf(base);
      return allOf([...base, opaqueOption(context, use, option, false)]);
    },
  };
}

/** `-m ah` of IPv4 (net/ipv4/netfilter/ipt_ah.c). */
export const ah4 = spiMatch('ah', 51, '!ahspi=1', 4);
/** `-m esp` (net/netfilter/xt_esp.c). */
export const esp = spiMatch('esp', 50, '!espspi=1');

/** `-m mh`: the mobility header ends the chain of headers, so it is the packet's protocol (ip6t_mh.c). */
export const mh: MatchModule = {
  kind: 'match',
  name: 'mh',
  family: 6,
  options: options('!mh-type=1'),
  lower: (use, context) =>
    allOf([
      ownProtocol(use, 135, context),
      NOT_LATER_FRAGMENT,
      ...use.options.map((option) => opaqueOption(context, use, option, false)),
    ]),
};

/** The names, long names and numbers that `--header` takes. */
const HEADERS: Readonly<Record<string, string>> = {
  'hop-by-hop': 'hop',
  hop: 'hop',
  0: 'hop',
  'ipv6-opts': 'dst',
  dst: 'dst',
  60: 'dst',
  'ipv6-route': 'route',
  route: 'route',
  43: 'route',
  'ipv6-frag': 'frag',
  frag: 'frag',
  44: 'frag',
  ah: 'auth',
  auth: 'auth',
  51: 'auth',
  esp: 'esp',
  50: 'esp',
  'ipv6-nonxt': 'none',
  none: 'none',
  59: 'none',
  protocol: 'proto',
  prot: 'proto',
  255: 'proto',
};

/** Whether a packet has what a name of `--header` stands for; ESP and "none" end the chain, as protocols do. */
function hasHeader(name: string): Condition {
  if (name === 'esp') return ofProtocol(50);
  if (name === 'none') return ofProtocol(59);
  if (name === 'proto') return negate({ kind: 'field', field: 'protocol', values: [50, 50, 59, 59] });
  return present(name as 'hop' | 'dst' | 'route' | 'frag' | 'auth');
}

const ALL_HEADERS = ['hop', 'dst', 'route', 'frag', 'auth', 'esp', 'none', 'proto'];

/**
 * `-m ipv6header` (net/ipv6/netfilter/ip6t_ipv6header.c): exactly these headers and no others; with `--soft` at
 * least these, and with `! … --soft` none of these.
 */
export const ipv6header: MatchModule = {
  kind: 'match',
  name: 'ipv6header',
  family: 6,
  options: options('!header=1', 'soft'),
  lower(use, context) {
    const option = optionOf(use, 'header');
    if (option === undefined) return badMatch(context, use, '`-m ipv6header` has no header', '`--header`');
    const names = argument(option).text.toLowerCase().split(',');
    const wanted = names.map((name) => (Object.hasOwn(HEADERS, name) ? HEADERS[name] : undefined));
    if (wanted.includes(undefined))
      return badArgument(
        context,
        option,
        argument(option),
        'a list of hop, dst, route, frag, auth, esp, none, prot',
      );
    if (optionOf(use, 'soft') !== undefined)
      return allOf((wanted as string[]).map((name) => signed(option, hasHeader(name))));
    const exactly = allOf(
      ALL_HEADERS.map((name) => (wanted.includes(name) ? hasHeader(name) : negate(hasHeader(name)))),
    );
    return signed(option, exactly);
  },
};

/** `-m eui64`: the source address is made from the MAC address (ip6t_eui64.c); always taken as undecided. */
export const eui64: MatchModule = {
  kind: 'match',
  name: 'eui64',
  family: 6,
  options: [],
  lower: (use, context) => opaque(context, use, '-m eui64', false),
};
