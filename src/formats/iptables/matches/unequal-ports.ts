import { bothOrAsOne, type Condition } from '../../../rule/condition.ts';
import type { MatchUse, OptionUse } from '../ast.ts';
import { backendOf } from '../backend.ts';
import { opaque, type RuleContext } from './module.ts';

/** Whether two single ports are both negated, where nobody says that iptables-legacy has loaded them. */
export function areComparedAsOne(
  source: OptionUse | undefined,
  destination: OptionUse | undefined,
  protocol: number,
  { problems }: RuleContext,
): boolean {
  const isOnePort = (option: OptionUse | undefined): boolean => {
    const [lo, hi = lo] = option?.negated === true ? (option.values[0]?.text.split(':') ?? []) : [];
    return lo !== undefined && lo !== '0' && lo === hi;
  };
  const isNative = protocol === 6 || protocol === 17;
  return isNative && isOnePort(source) && isOnePort(destination) && backendOf(problems.file) !== 'legacy';
}

const SHORT: Readonly<Record<string, string>> = { 'source-port': 'sport', 'destination-port': 'dport' };

/**
 * `! --sport 1 ! --dport 2`: iptables-nft 1.8.9 makes one comparison of four bytes of them, which fails only where both are equal (seen in
 * what `nft --debug=netlink` lists, and with packets on Linux 6.18); iptables-legacy and the man page keep out what has either. A dump
 * does not say which version has loaded it.
 */
export function asOneComparison(
  use: MatchUse,
  [from, to]: readonly [Condition, Condition],
  context: RuleContext,
): Condition {
  const written = use.options.filter(({ name }) => Object.hasOwn(SHORT, name));
  const ports = written.map(({ name, values }) => `! --${SHORT[name]} ${values[0]?.text}`);
  const text = `-m ${use.name} ${ports.join(' ')}`;
  const why =
    'may be loaded by iptables-nft as one comparison that holds where either does (1.8.9 does so); where only one holds it is reported as possible';
  const asOne = opaque(context, use, `${text} (as one comparison)`, false, why);
  return bothOrAsOne(from, to, asOne);
}
