import type { NumericField } from '../../../packet/fields.ts';
import { normalise } from '../../../packet/ranges.ts';
import { allOf, anyOf, type Condition } from '../../../rule/condition.ts';
import type { OptionUse } from '../ast.ts';
import { options } from '../getopt.ts';
import { readPort } from '../ports.ts';
import { argument, badArgument, badMatch, type MatchModule, type RuleContext, signed } from './module.ts';
import { NOT_LATER_FRAGMENT } from './transport.ts';

/** The protocols that xt_multiport serves. */
const MULTIPORT_PROTOCOLS: ReadonlySet<number | undefined> = new Set([6, 17, 33, 132, 136]);
/** XT_MULTI_PORTS: a range counts twice. */
const MULTIPORT_LIMIT = 15;

/** One port or range of a list, with how much of the limit it takes. */
function readPortItem(
  item: string,
  option: OptionUse,
  context: RuleContext,
): readonly [number, number] | undefined {
  const word = argument(option);
  const colon = item.indexOf(':');
  const low = readPort(colon < 0 ? item : item.slice(0, colon), word, option, context.protocol, context);
  const high = colon < 0 ? low : readPort(item.slice(colon + 1), word, option, context.protocol, context);
  if (low === undefined || high === undefined) return undefined;
  if (low <= high) return [low, high];
  badArgument(context, option, word, 'ranges from a lower to a higher port');
  return undefined;
}

function readPortList(option: OptionUse, context: RuleContext): readonly [number, number][] {
  const pairs: [number, number][] = [];
  let count = 0;
  for (const item of argument(option).text.split(',')) {
    const pair = readPortItem(item, option, context);
    if (pair === undefined) return pairs;
    count += item.includes(':') ? 2 : 1;
    pairs.push([pair[0], pair[1]]);
  }
  if (count > MULTIPORT_LIMIT)
    badArgument(
      context,
      option,
      argument(option),
      `at most ${MULTIPORT_LIMIT} ports, a range counting as two`,
    );
  return pairs;
}

/** `-m multiport` (net/netfilter/xt_multiport.c). */
export const multiport: MatchModule = {
  kind: 'match',
  name: 'multiport',
  options: options('!source-ports|sports=1', '!destination-ports|dports=1', '!ports=1'),
  lower(use, context) {
    const option = use.options[0];
    if (option === undefined || use.options.length > 1)
      return badMatch(
        context,
        use,
        '`-m multiport` takes exactly one option',
        '`--sports`, `--dports` or `--ports`',
      );
    if (!MULTIPORT_PROTOCOLS.has(context.protocol))
      return badMatch(
        context,
        use,
        '`-m multiport` needs a protocol with ports',
        '`-p` tcp, udp, udplite, sctp or dccp',
      );
    const pairs = readPortList(option, context);
    const values = normalise(pairs);
    const on = (field: NumericField): Condition => ({ kind: 'field', field, values });
    const listed =
      option.name === 'ports'
        ? anyOf([on('sport'), on('dport')])
        : on(option.name === 'source-ports' ? 'sport' : 'dport');
    return option.negated ? allOf([NOT_LATER_FRAGMENT, signed(option, listed)]) : listed;
  },
};
