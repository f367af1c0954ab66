import type { Condition } from '../../../rule/condition.ts';
import type { OptionUse, Word } from '../ast.ts';
import { options } from '../getopt.ts';
import { quoteWord } from '../words.ts';
import {
  badArgument,
  badMatch,
  type MatchModule,
  opaque,
  optionOf,
  type RuleContext,
  signed,
} from './module.ts';

/** IPSET_DIM_MAX. */
const MAX_DIMENSIONS = 6;
/** IPSET_MAXNAMELEN without the final NUL. */
const MAX_SET_NAME = 31;

/** `src,dst,…` of a set's match or target; undefined (and an error reported) where it is none. */
export function readDirections(
  word: Word,
  option: OptionUse,
  context: RuleContext,
): readonly ('src' | 'dst')[] | undefined {
  const parts = word.text.split(',');
  if (parts.length <= MAX_DIMENSIONS && parts.every((part) => part === 'src' || part === 'dst'))
    return parts as ('src' | 'dst')[];
  badArgument(context, option, word, `up to ${MAX_DIMENSIONS} of \`src\` and \`dst\`, separated by commas`);
  return undefined;
}

/** The name of a set; undefined (and an error reported) where it is too long to be one. */
export function readSetName(word: Word, option: OptionUse, context: RuleContext): string | undefined {
  if (word.text !== '' && Buffer.byteLength(word.text) <= MAX_SET_NAME) return word.text;
  badArgument(context, option, word, `the name of a set, at most ${MAX_SET_NAME} bytes`);
  return undefined;
}

/** Options that do not change whether a packet matches. */
const HARMLESS = new Set(['match-set', 'return-nomatch', 'update-counters', 'update-subcounters']);

/** `-m set` (net/netfilter/xt_set.c). Tests of an element's counters are opaque. */
export const set: MatchModule = {
  kind: 'match',
  name: 'set',
  options: options(
    '!match-set|set=2',
    'return-nomatch',
    '!update-counters',
    '!update-subcounters',
    '!packets-eq=1',
    'packets-lt=1',
    'packets-gt=1',
    '!bytes-eq=1',
    'bytes-lt=1',
    'bytes-gt=1',
  ),
  lower(use, context): Condition {
    const option = optionOf(use, 'match-set');
    if (option === undefined)
      return badMatch(context, use, '`-m set` names no set', '`--match-set name src`');
    const [nameWord, flags] = option.values as readonly [Word, Word];
    const name = readSetName(nameWord, option, context);
    const directions = readDirections(flags, option, context);
    if (name === undefined || directions === undefined) return { kind: 'never' };
    const returnNomatch = optionOf(use, 'return-nomatch') !== undefined;
    const counters = use.options.filter((other) => !HARMLESS.has(other.name));
    const text = `-m set --match-set ${quoteWord(name)} ${directions.join(',')}${returnNomatch ? ' --return-nomatch' : ''}`;
    if (counters.length > 0) {
      const tests = counters
        .map((o) => `${o.negated ? ' !' : ''} --${o.name} ${o.values[0]?.text ?? ''}`)
        .join('');
      return signed(option, opaque(context, use, text + tests, true));
    }
    const span = context.problems.span(use);
    return signed(option, { kind: 'set', set: name, directions, returnNomatch, text, span });
  },
};
