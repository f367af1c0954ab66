import { bothOrAsOne, type Condition } from '../../../rule/condition.ts';
import type { MatchUse, OptionUse } from '../ast.ts';
import { backendOf } from '../backend.ts';
import { opaque, optionText, type RuleContext } from './module.ts';

/** The protocols whose ports and flags iptables-nft compares by nftables’ own means. */
const NATIVE: ReadonlySet<number> = new Set([6, 17]);

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
  return (
    NATIVE.has(protocol) &&
    isOnePort(source) &&
    isOnePort(destination) &&
    backendOf(problems.file) !== 'legacy'
  );
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

/**
 * `! --dport 0:65535`, `! --tcp-flags NONE NONE`, `--tcp-flags NONE SYN`: no packet, to the kernel's xt_tcpudp. iptables-nft leaves out
 * every port, and flags of which it is to look at none, without a look at the `!` and at the flags that are wanted, so that the rule asks
 * nothing there (seen in what 1.8.9 lists); undefined where iptables-legacy has loaded it.
 */
export function leftOut(
  use: MatchUse,
  option: OptionUse,
  protocol: number,
  context: RuleContext,
): Condition | undefined {
  if (!NATIVE.has(protocol) || backendOf(context.problems.file) === 'legacy') return undefined;
  const why =
    'holds for no packet, but iptables-nft may leave it out, so that it holds for all (1.8.9 does so): what depends on it is reported as possible';
  const sign = option.negated ? '! ' : '';
  return opaque(context, use, `-m ${use.name} ${sign}${optionText(option)}`, false, why);
}
