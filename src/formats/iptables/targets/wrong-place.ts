import type { Action } from '../../../rule/action.ts';
import type { TargetUse } from '../ast.ts';
import type { RuleContext } from '../matches/module.ts';
import { unknownOutcome } from './module.ts';
import { homeTable } from './registry.ts';

/**
 * What a target does that the kernel does not take where it stands (net/netfilter/x_tables.c, xt_check_target), though
 * `iptables-restore --test` does: most are taken at their word. What a translation would do there cannot be followed: the packet's
 * way is decided already, or nothing would undo it for the replies.
 */
export function whereItStands(
  use: TargetUse,
  actions: readonly Action[],
  context: RuleContext,
): readonly Action[] {
  const name = use.name.text;
  if (actions.some(({ kind }) => kind === 'translate')) {
    const home = homeOfTranslation(name, context);
    if (home === undefined) return actions;
    const reason = `the kernel takes it in ${home} only: it refuses such a rule, and what it would do is not known`;
    return unknownOutcome(use, context, ['accept', 'drop', 'continue'], reason);
  }
  const home = homeTable(name);
  if (home === undefined || home === context.table) return actions;
  const reason = `\`-j ${name}\` stands in the table ${context.table}, and the kernel takes it in ${home} only: it refuses such a rule; it is taken at its word`;
  context.problems.cover('approximated', context.span, reason);
  return actions;
}

const NAT_CHAINS: readonly string[] = ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'];

/** The built-in chains in which the kernel takes a translation (`.hooks` of its `struct xt_target`); NETMAP in all of nat. */
const TRANSLATING: Readonly<Record<string, readonly string[]>> = {
  DNAT: ['PREROUTING', 'OUTPUT'],
  REDIRECT: ['PREROUTING', 'OUTPUT'],
  SNAT: ['POSTROUTING', 'INPUT'],
  MASQUERADE: ['POSTROUTING'],
};

/** Where the kernel would take a translation that it refuses here; undefined where it takes it, or a user-defined chain hides it. */
function homeOfTranslation(name: string, { table, chain }: RuleContext): string | undefined {
  if (table !== 'nat') return 'the table nat';
  const takes = TRANSLATING[name] ?? NAT_CHAINS;
  return NAT_CHAINS.includes(chain) && !takes.includes(chain) ? takes.join(' and ') : undefined;
}
