import type { Action } from '../../../rule/action.ts';
import type { OptionUse, TargetUse } from '../ast.ts';
import { options } from '../getopt.ts';
import { TRACKED } from '../matches/conntrack.ts';
import { argument, optionOf, type RuleContext } from '../matches/module.ts';
import { parseMasked, parseNumber } from '../numbers.ts';
import { assign, badTarget, badTargetArgument, type TargetModule } from './module.ts';

const FULL = 0xffff_ffff;

/**
 * `--set-xmark`, `--set-mark`, `--and-mark`, `--or-mark` and `--xor-mark` as the value and mask of
 * `mark = (mark & ~mask) ^ value` (libxt_MARK and libxt_CONNMARK; iptables-extensions(8), MARK).
 */
function markAction(option: OptionUse, field: 'mark' | 'ctmark', context: RuleContext): readonly Action[] {
  const plain = option.name === 'and-mark' || option.name === 'or-mark' || option.name === 'xor-mark';
  const { text } = argument(option);
  const read = plain && text.includes('/') ? undefined : parseMasked(text, FULL);
  if (read === undefined)
    return badTargetArgument(context, option, argument(option), '`value` or `value/mask` of 32 bits');
  const { value, mask } = read;
  switch (option.name) {
    case 'set-mark':
      return [assign(field, (value | mask) >>> 0, value, FULL)];
    case 'and-mark':
      return [assign(field, ~value >>> 0, 0, FULL)];
    case 'or-mark':
      return [assign(field, value, value, FULL)];
    case 'xor-mark':
      return [assign(field, 0, value, FULL)];
    default:
      return [assign(field, mask, value, FULL)];
  }
}

const FORMS = ['set-xmark=1', 'set-mark=1', 'and-mark=1', 'or-mark=1', 'xor-mark=1'];

/** `-j MARK` (net/netfilter/xt_mark.c). */
export const mark: TargetModule = {
  kind: 'target',
  name: 'MARK',
  options: options(...FORMS),
  lower(use, context) {
    const option = use.options[0];
    if (option === undefined || use.options.length > 1)
      return badTarget(context, use, '`MARK` takes exactly one option', '`--set-mark` or another');
    return markAction(option, 'mark', context);
  },
};

function copyMask(use: TargetUse, name: string, context: RuleContext): number {
  const option = optionOf(use, name) ?? optionOf(use, 'mask');
  if (option === undefined) return FULL;
  const value = parseNumber(argument(option).text, FULL);
  if (value === undefined) badTargetArgument(context, option, argument(option), 'a mask of 32 bits');
  return value ?? FULL;
}

/** `--save-mark` and `--restore-mark`: `to = (to & ~toMask) ^ (from & fromMask)`. */
function copyMark(use: TargetUse, save: boolean, context: RuleContext): Action {
  const [ctmask, nfmask] = [copyMask(use, 'ctmask', context), copyMask(use, 'nfmask', context)];
  const [to, from] = save ? ([ctmask, nfmask] as const) : ([nfmask, ctmask] as const);
  return {
    kind: 'assign',
    field: save ? 'ctmark' : 'mark',
    keep: ~to >>> 0,
    from: save ? 'mark' : 'ctmark',
    take: from,
    xor: 0,
  };
}

const CONNMARK_FORMS = new Set([...FORMS.map((form) => form.slice(0, -2)), 'save-mark', 'restore-mark']);

function connmarkActions(use: TargetUse, context: RuleContext): readonly Action[] {
  const forms = use.options.filter((option) => CONNMARK_FORMS.has(option.name));
  const form = forms[0];
  const shift = use.options.find((option) => option.name.endsWith('-shift-mark'));
  if (form === undefined || forms.length > 1)
    return badTarget(
      context,
      use,
      '`CONNMARK` takes exactly one form',
      '`--set-mark`, `--save-mark` or another',
    );
  if (shift !== undefined) {
    context.problems.cover(
      'approximated',
      context.span,
      'shifted marks are not modelled: the mark is unknown from here on',
    );
    return [{ kind: 'forget', field: form.name === 'restore-mark' ? 'mark' : 'ctmark' }];
  }
  if (form.name === 'save-mark' || form.name === 'restore-mark')
    return [copyMark(use, form.name === 'save-mark', context)];
  return markAction(form, 'ctmark', context);
}

/** `-j CONNMARK` (net/netfilter/xt_connmark.c). Without a connection it does nothing. */
export const connmark: TargetModule = {
  kind: 'target',
  name: 'CONNMARK',
  options: options(
    ...FORMS,
    'save-mark',
    'restore-mark',
    'mask=1',
    'ctmask=1',
    'nfmask=1',
    'left-shift-mark=1',
    'right-shift-mark=1',
  ),
  lower: (use, context) => [{ kind: 'require', match: TRACKED }, ...connmarkActions(use, context)],
};

/** `-j HMARK`: a hash of the packet becomes its mark. */
export const hmark: TargetModule = {
  kind: 'target',
  name: 'HMARK',
  options: options(
    ...[
      'tuple',
      'mod',
      'offset',
      'rnd',
      'src-prefix',
      'dst-prefix',
      'sport-mask',
      'dport-mask',
      'spi-mask',
    ].map((name) => `hmark-${name}=1`),
    ...['sport', 'dport', 'spi', 'proto-mask'].map((name) => `hmark-${name}=1`),
  ),
  lower(_use, context) {
    context.problems.cover('approximated', context.span, 'the mark is a hash: it is unknown from here on');
    return [{ kind: 'forget', field: 'mark' }];
  },
};
