import type { Action } from '../../../rule/action.ts';
import type { OptionUse } from '../ast.ts';
import { options } from '../getopt.ts';
import { argument, type RuleContext } from '../matches/module.ts';
import { parseNumber } from '../numbers.ts';
import { parseDscp, parseDscpClass, parseTos } from '../tos.ts';
import { assign, badTarget, badTargetArgument, type TargetModule } from './module.ts';

/** A target with exactly one option. */
function single(
  name: string,
  specs: readonly string[],
  lower: (option: OptionUse, context: RuleContext) => readonly Action[],
  family?: 4 | 6,
): TargetModule {
  const list = options(...specs);
  return {
    kind: 'target',
    name,
    ...(family === undefined ? {} : { family }),
    options: list,
    lower(use, context) {
      const option = use.options[0];
      if (option !== undefined && use.options.length === 1) return lower(option, context);
      const names = list.map((spec) => `\`--${spec.name}\``).join(', ');
      return badTarget(context, use, `\`${name}\` takes exactly one option`, names);
    },
  };
}

/** `-j TOS` (net/netfilter/xt_DSCP.c, tos_tg): `tos = (tos & ~mask) ^ value`. */
export const tos = single('TOS', ['set-tos=1', 'and-tos=1', 'or-tos=1', 'xor-tos=1'], (option, context) => {
  const { text } = argument(option);
  const read = option.name === 'set-tos' ? parseTos(text) : undefined;
  if (read !== undefined) return [assign('tos', read.mask, read.value, 255)];
  const bits = option.name === 'set-tos' ? undefined : parseNumber(text, 255);
  if (bits === undefined)
    return badTargetArgument(context, option, argument(option), '`value[/mask]` of eight bits, or a name');
  if (option.name === 'and-tos') return [assign('tos', ~bits & 255, 0, 255)];
  return [assign('tos', option.name === 'or-tos' ? bits : 0, bits, 255)];
});

/** `-j DSCP` (net/netfilter/xt_DSCP.c): the upper six bits. */
export const dscp = single('DSCP', ['set-dscp=1', 'set-dscp-class=1'], (option, context) => {
  const { text } = argument(option);
  const value = option.name === 'set-dscp' ? parseDscp(text) : parseDscpClass(text);
  if (value === undefined)
    return badTargetArgument(
      context,
      option,
      argument(option),
      'a DSCP from 0 to 63, or a class BE, EF, AFxy or CSx',
    );
  return [assign('tos', 0xfc, value << 2, 255)];
});

/** `-j TTL` and `-j HL` (net/netfilter/xt_HL.c). */
function hopLimit(name: 'TTL' | 'HL', prefix: string, family: 4 | 6): TargetModule {
  const specs = ['set', 'dec', 'inc'].map((what) => `${prefix}-${what}=1`);
  const lower = (option: OptionUse, context: RuleContext): readonly Action[] => {
    const value = parseNumber(argument(option).text, 255);
    const set = option.name.endsWith('-set');
    if (value === undefined || (value === 0 && !set))
      return badTargetArgument(context, option, argument(option), `a number from ${set ? 0 : 1} to 255`);
    if (set) return [assign('ttl', 255, value, 255)];
    const plus = option.name.endsWith('-dec') ? -value : value;
    return [{ kind: 'assign', field: 'ttl', keep: 255, xor: 0, plus }];
  };
  return single(name, specs, lower, family);
}

export const ttl = hopLimit('TTL', 'ttl', 4);
export const hl = hopLimit('HL', 'hl', 6);

/** TCP's ECE and CWR flags. */
const ECN_FLAGS = 0xc0;

/** `-j ECN --ecn-tcp-remove` (net/ipv4/netfilter/ipt_ECN.c). Its older options set single bits. */
export const ecn = single(
  'ECN',
  ['ecn-tcp-remove', 'ecn-tcp-cwr=1', 'ecn-tcp-ece=1', 'ecn-ip-ect=1'],
  (option, context) => {
    if (option.name === 'ecn-tcp-remove') return [assign('tcpFlags', ECN_FLAGS, 0, 255)];
    const value = parseNumber(argument(option).text, option.name === 'ecn-ip-ect' ? 3 : 1);
    if (value === undefined)
      return badTargetArgument(context, option, argument(option), 'a bit, or 0 to 3 for ECT');
    if (option.name === 'ecn-ip-ect') return [assign('tos', 3, value, 255)];
    const flag = option.name === 'ecn-tcp-ece' ? 64 : 128;
    return [assign('tcpFlags', flag, value * flag, 255)];
  },
  4,
);
