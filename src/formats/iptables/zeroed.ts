import type { Rule } from '../../rule/ruleset.ts';
import type { Place } from './ast.ts';
import type { ChainState } from './chain-state.ts';
import type { Problems } from './problems.ts';

/**
 * The rules of a chain whose counters `-Z` sets to zero after its policy was set to DROP, that `-X` without a name finds without rules, or
 * whose policy an earlier section of the table has set, and this one not. iptables-nft-restore makes the chain anew then, with the policy ACCEPT (iptables(8) of `-X`: it deletes empty builtin chains, too), and
 * iptables-legacy-restore leaves it (seen with 1.8.9): what comes to the chain's end may pass.
 */
export function rulesOf({ name, policy, rules, anew }: ChainState, problems: Problems): readonly Rule[] {
  if (anew === undefined || policy === 'accept') return rules.all();
  const { by, place } = anew;
  const head =
    by === '*'
      ? `the policy DROP of ${name} is an earlier section's`
      : `\`${by}\` behind the policy DROP of ${name}`;
  const reason = `${head}: iptables-legacy leaves the policy, iptables-nft sets it to ACCEPT, and the file does not say which loads it`;
  problems.cover('approximated', place, reason);
  const span = problems.span(place);
  const match = {
    kind: 'opaque',
    text: by === '*' ? `policy of an earlier section, ${name}` : `${by} ${name}`,
    stateful: false,
    span,
  } as const;
  return [...rules.all(), { match, actions: [{ kind: 'verdict', verdict: 'accept' }], origin: span }];
}

/**
 * `-F` without a chain, where rules stand before it: iptables-legacy-restore removes them, iptables-nft-restore only those that were
 * there before the file (both seen with 1.8.9).
 */
export function reportFlush(place: Place, problems: Problems): void {
  problems.error('doubtful-flush', place, 'rules of this section stand before `-F`, and may stay', {
    expected: '`-F` before the rules of its section, or with a chain',
    help: 'iptables-legacy removes them, iptables-nft does not, and the file does not say which loads it; `iptables-save` shows what is there',
  });
}
