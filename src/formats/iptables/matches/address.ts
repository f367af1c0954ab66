import {
  allOf,
  anyOf,
  ADDRESS_TYPES,
  type AddressType,
  type Condition,
  NEVER,
  negate,
} from '../../../rule/condition.ts';
import { parseToolAddress, rangeCondition } from '../addresses.ts';
import type { OptionUse } from '../ast.ts';
import { options } from '../getopt.ts';
import {
  argument,
  badArgument,
  badMatch,
  type MatchModule,
  opaqueOption,
  optionOf,
  type RuleContext,
  signed,
} from './module.ts';

function rangeOption(option: OptionUse, field: 'src' | 'dst', context: RuleContext): Condition {
  const word = argument(option);
  const [from, to, ...more] = word.text.split('-');
  const lo = parseToolAddress(from as string, context.family);
  const hi = to === undefined ? lo : parseToolAddress(to, context.family);
  if (lo === undefined || hi === undefined || more.length > 0)
    return badArgument(context, option, word, `two IPv${context.family} addresses as \`from-to\``);
  if (lo > hi) context.problems.warn('empty-range', word, `\`${word.text}\` has no address in it`);
  return signed(option, rangeCondition(field, context.family, lo, hi));
}

/** `-m iprange` (net/netfilter/xt_iprange.c). A range that ends before it begins matches nothing. */
export const iprange: MatchModule = {
  kind: 'match',
  name: 'iprange',
  options: options('!src-range=1', '!dst-range=1'),
  lower(use, context) {
    if (use.options.length === 0)
      return badMatch(context, use, '`-m iprange` has no range', '`--src-range` or `--dst-range`');
    return allOf(
      use.options.map((option) => rangeOption(option, option.name === 'src-range' ? 'src' : 'dst', context)),
    );
  },
};

/** A type list; names in any case, and unambiguous or first-listed beginnings, as libxt_addrtype takes them. */
function readTypes(option: OptionUse, context: RuleContext): readonly AddressType[] | undefined {
  const types: AddressType[] = [];
  for (const name of argument(option).text.split(',')) {
    const wanted = name.toLowerCase();
    const type = wanted === '' ? undefined : ADDRESS_TYPES.find((known) => known.startsWith(wanted));
    if (type === undefined) {
      badArgument(context, option, argument(option), `a list of ${ADDRESS_TYPES.join(', ').toUpperCase()}`);
      return undefined;
    }
    types.push(type);
  }
  return types;
}

const MULTICAST_6: Condition = rangeCondition('dst', 6, 0xffn << 120n, (1n << 128n) - 1n);

/** What `ipv6_addr_type` (net/ipv6/addrconf_core.c) decides from the address alone. */
function ipv6Kind(type: AddressType, field: 'src' | 'dst'): Condition | undefined {
  const among = (lo: bigint, hi: bigint): Condition => rangeCondition(field, 6, lo, hi);
  const multicast = field === 'dst' ? MULTICAST_6 : among(0xffn << 120n, (1n << 128n) - 1n);
  if (type === 'multicast') return multicast;
  if (type === 'unspec') return among(0n, 0n);
  const mapped = among(0xffffn << 32n, (0x10000n << 32n) - 1n);
  return type === 'unicast' ? negate(anyOf([multicast, among(0n, 0n), mapped])) : undefined;
}

/** Types that IPv6's addrtype looks up in the routing table (net/netfilter/xt_addrtype.c, addrtype_mt6). */
const ROUTED_6: ReadonlySet<AddressType> = new Set(['local', 'anycast', 'unreachable']);

/**
 * IPv6: unlike in IPv4 each kind that is listed must hold, and of the routed kinds one (addrtype_mt6). Types that
 * the kernel refuses for IPv6 are given as undefined.
 */
function ipv6Types(types: readonly AddressType[], field: 'src' | 'dst', limit: Limit): Condition | undefined {
  const kinds: Condition[] = [];
  for (const type of types) {
    if (ROUTED_6.has(type)) continue;
    const kind = ipv6Kind(type, field);
    if (kind === undefined) return undefined;
    kinds.push(kind);
  }
  const routed = types.filter((type) => ROUTED_6.has(type));
  if (routed.length > 0) kinds.push({ kind: 'address-type', field, types: routed, ...limit });
  return allOf(kinds);
}

type Limit = { readonly limit?: 'in' | 'out' };

/** `-m addrtype` (net/netfilter/xt_addrtype.c). */
export const addrtype: MatchModule = {
  kind: 'match',
  name: 'addrtype',
  options: options('!src-type=1', '!dst-type=1', 'limit-iface-in', 'limit-iface-out'),
  lower(use, context) {
    const limitIn = optionOf(use, 'limit-iface-in') !== undefined;
    const limitOut = optionOf(use, 'limit-iface-out') !== undefined;
    const typed = use.options.filter((option) => option.name === 'src-type' || option.name === 'dst-type');
    if (typed.length === 0)
      return badMatch(context, use, '`-m addrtype` has no type', '`--src-type` or `--dst-type`');
    if (limitIn && limitOut)
      return badMatch(
        context,
        use,
        '`--limit-iface-in` and `--limit-iface-out` stand together',
        'one of them',
      );
    const limit: Limit = limitIn ? { limit: 'in' } : limitOut ? { limit: 'out' } : {};
    return allOf(
      typed.map((option) => {
        const types = readTypes(option, context);
        if (types === undefined) return NEVER;
        const field = option.name === 'src-type' ? 'src' : 'dst';
        if (context.family === 4) return signed(option, { kind: 'address-type', field, types, ...limit });
        const condition = ipv6Types(types, field, limit);
        return condition === undefined
          ? opaqueOption(context, use, option, false)
          : signed(option, condition);
      }),
    );
  },
};
