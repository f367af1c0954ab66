import { parseAddress } from '../../../packet/address.ts';
import { takesRandomPort } from '../../../rule/random-ports.ts';
import type { Action, TranslateAction } from '../../../rule/action.ts';
import { MASK_WITH_HOLES, networkOf, readHost } from '../addresses.ts';
import type { OptionUse, TargetUse } from '../ast.ts';
import { options } from '../getopt.ts';
import { argument, optionOf, type RuleContext } from '../matches/module.ts';
import { MAX_PORT } from '../ports.ts';
import { parseNumber } from '../numbers.ts';
import { servicePort } from '../../../packet/services.ts';
import { badTarget, badTargetArgument, type TargetModule, targetText } from './module.ts';

type Address = NonNullable<TranslateAction['address']>;
type Ports = NonNullable<TranslateAction['port']>;

/** `port`, `low-high` or `low-high/base`; undefined where the text is none. */
function readPorts(
  text: string,
  protocol: number | undefined,
): (Ports & { readonly shifted: boolean }) | undefined {
  const slash = text.indexOf('/');
  if (slash >= 0 && !text.slice(0, slash).includes('-')) return undefined;
  const [from, to, ...more] = (slash < 0 ? text : text.slice(0, slash)).split('-') as [string, ...string[]];
  const lo = parseNumber(from, MAX_PORT) ?? servicePort(from, protocol);
  const hi = to === undefined ? lo : (parseNumber(to, MAX_PORT) ?? servicePort(to, protocol));
  const base = slash < 0 ? 0 : parseNumber(text.slice(slash + 1), MAX_PORT);
  if (lo === undefined || hi === undefined || base === undefined || lo > hi || more.length > 0)
    return undefined;
  return { lo, hi, shifted: slash >= 0 };
}

/** `address[-address]`, in IPv6 with or without brackets. */
function readRange(text: string, family: 4 | 6): Address | undefined {
  const inner = family === 6 && text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const [from, to, ...more] = inner.split('-') as [string, ...string[]];
  const lo = parseAddress(from);
  const hi = to === undefined ? lo : parseAddress(to);
  if (lo?.family !== family || hi?.family !== family || more.length > 0) return undefined;
  // The kernel counts from the first address on and wraps around (net/netfilter/nf_nat_core.c, find_best_ips_proto).
  return {
    kind: 'range',
    lo: lo.value > hi.value ? 0n : lo.value,
    hi: lo.value > hi.value ? WHOLE[family] : hi.value,
  };
}

/** The greatest address. */
const WHOLE = { 4: 0xffff_ffffn, 6: (1n << 128n) - 1n } as const;

/** Splits `[address][:ports]`; in IPv6 ports stand only after brackets. */
function splitPorts(text: string, family: 4 | 6): readonly [string, string | undefined] {
  const colon = family === 4 ? text.indexOf(':') : text.startsWith('[') ? text.indexOf(']:') + 1 : -1;
  if (family === 6 && text.startsWith(':') && !text.startsWith('::')) return ['', text.slice(1)];
  return colon < 0 || (family === 6 && colon === 0)
    ? [text, undefined]
    : [text.slice(0, colon), text.slice(colon + 1)];
}

const PORT_PROTOCOLS = new Set([1, 6, 17, 33, 58, 132]);

/** Ports in a translation need a protocol that has them, as the tools demand. */
function portsAllowed(option: OptionUse, context: RuleContext): boolean {
  if (PORT_PROTOCOLS.has(context.writtenProtocol)) return true;
  context.problems.error(
    'ports-without-protocol',
    option,
    'ports are translated, but the rule names no protocol with ports',
    {
      expected: '`-p tcp`, `-p udp`, `-p sctp` or `-p dccp`',
    },
  );
  return false;
}

/** `--to-destination` and `--to-source`. */
function toAddress(
  use: TargetUse,
  name: string,
  what: 'dnat' | 'snat',
  context: RuleContext,
): readonly Action[] {
  const option = optionOf(use, name);
  if (option === undefined)
    return badTarget(context, use, `\`${use.name.text}\` has no \`--${name}\``, `\`--${name}\``);
  const word = argument(option);
  const [addressText, portText] = splitPorts(word.text, context.family);
  const address = addressText === '' ? undefined : readRange(addressText, context.family);
  const ports = portText === undefined ? undefined : readPorts(portText, context.protocol);
  const wrong =
    (addressText !== '' && address === undefined) || (portText !== undefined && ports === undefined);
  if (wrong || word.text === '')
    return badTargetArgument(
      context,
      option,
      word,
      `\`address[-address][:port[-port]]\` of IPv${context.family}`,
    );
  if (ports !== undefined && !portsAllowed(option, context)) return [];
  if (ports?.shifted)
    context.problems.cover('approximated', context.span, 'a shifted port range: any port of it may result');
  return [translate(what, address, ports, isRandom(use))];
}

function translate(
  what: 'dnat' | 'snat',
  address: Address | undefined,
  ports: Ports | undefined,
  random: boolean,
): Action {
  return {
    kind: 'translate',
    what,
    ...(address === undefined ? {} : { address }),
    ...(ports === undefined ? {} : { port: { lo: ports.lo, hi: ports.hi } }),
    ...(random && takesRandomPort(what, ports) ? { random: true } : {}),
  };
}

const isRandom = (use: TargetUse): boolean =>
  ['random', 'random-fully'].some((name) => optionOf(use, name) !== undefined);

/** `-j DNAT` (net/netfilter/xt_nat.c). */
export const dnat: TargetModule = {
  kind: 'target',
  name: 'DNAT',
  options: options('to-destination=1', 'random', 'persistent'),
  lower: (use, context) => toAddress(use, 'to-destination', 'dnat', context),
};

/** `-j SNAT` (net/netfilter/xt_nat.c). */
export const snat: TargetModule = {
  kind: 'target',
  name: 'SNAT',
  options: options('to-source=1', 'random', 'random-fully', 'persistent'),
  lower: (use, context) => toAddress(use, 'to-source', 'snat', context),
};

/** REDIRECT and MASQUERADE: an address of this host, and perhaps ports. */
function toLocal(name: string, what: 'dnat' | 'snat', specs: readonly string[]): TargetModule {
  return {
    kind: 'target',
    name,
    options: options(...specs),
    lower(use, context) {
      const option = optionOf(use, 'to-ports');
      if (option === undefined) return [translate(what, { kind: 'local' }, undefined, isRandom(use))];
      const ports = readPorts(argument(option).text, context.protocol);
      if (ports === undefined || ports.shifted)
        return badTargetArgument(context, option, argument(option), '`port` or `port-port`');
      return portsAllowed(option, context) ? [translate(what, { kind: 'local' }, ports, isRandom(use))] : [];
    },
  };
}

/** `-j REDIRECT` (net/netfilter/xt_REDIRECT.c). */
export const redirect = toLocal('REDIRECT', 'dnat', ['to-ports=1', 'random']);
/** `-j MASQUERADE` (net/netfilter/xt_MASQUERADE.c). */
export const masquerade = toLocal('MASQUERADE', 'snat', ['to-ports=1', 'random', 'random-fully']);

/**
 * `-j NETMAP` (net/netfilter/xt_NETMAP.c): at prerouting and output the destination's network, at input and
 * postrouting the source's. In a user chain that only the latter reach, netmaps.ts corrects what is guessed here.
 */
export const netmap: TargetModule = {
  kind: 'target',
  name: 'NETMAP',
  options: options('to=1'),
  lower(use, context) {
    const option = optionOf(use, 'to');
    if (option === undefined)
      return badTarget(context, use, '`NETMAP` has no network', '`--to address/mask`');
    const read = readHost(argument(option).text, context.family);
    if (typeof read === 'string')
      return badTargetArgument(context, option, argument(option), `an IPv${context.family} network`);
    const { network, holes } = networkOf(read, context.family);
    if (holes)
      context.problems.cover('approximated', context.span, `\`-j ${targetText(use)}\`: ${MASK_WITH_HOLES}`);
    const { value, mask } = network;
    const address: Address = { kind: 'prefix', mask, value: value & mask };
    const what = context.chain === 'POSTROUTING' || context.chain === 'INPUT' ? 'snat' : 'dnat';
    return [translate(what, address, undefined, false)];
  },
};
