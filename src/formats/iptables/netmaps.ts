import type { Action } from '../../rule/action.ts';
import type { Rule } from '../../rule/ruleset.ts';
import type { ChainState } from './chain-state.ts';
import type { Problems } from './problems.ts';

/** Whether an action is NETMAP's: no other translation keeps host bits. */
function isNetmap(action: Action): boolean {
  return action.kind === 'translate' && action.address?.kind === 'prefix';
}

/**
 * NETMAP translates the destination at prerouting and output and the source at input and postrouting. In a
 * user-defined chain the chains that lead there decide; where both kinds do, the outcome is unknown and told so.
 */
export function correctNetmaps(chains: readonly ChainState[], problems: Problems): void {
  const concerned = chains.filter(
    (chain) => chain.builtin === undefined && chain.rules.all().some((rule) => rule.actions.some(isNetmap)),
  );
  if (concerned.length === 0) return;
  const destination = reachable(chains, (priority) => priority < 0);
  const source = reachable(chains, (priority) => priority > 0);
  for (const chain of concerned) {
    if (!source.has(chain.id)) continue;
    const both = destination.has(chain.id);
    chain.rules.all().forEach((rule, at) => {
      if (rule.actions.some(isNetmap)) chain.rules.replace(at, corrected(rule, both, problems));
    });
  }
}

function corrected(rule: Rule, both: boolean, problems: Problems): Rule {
  if (both)
    problems.cover(
      'approximated',
      rule.origin,
      'NETMAP translates the source or the destination here, by the hook; which is not modelled',
    );
  const change = (action: Action): Action => {
    if (!isNetmap(action)) return action;
    if (both) return { kind: 'unknown', outcomes: ['accept', 'drop'], text: '-j NETMAP' };
    return action.kind === 'translate' ? { ...action, what: 'snat' } : action;
  };
  return { ...rule, actions: rule.actions.map(change) };
}

/** The ids of the chains that built-in chains of some priorities lead to. */
function reachable(chains: readonly ChainState[], from: (priority: number) => boolean): ReadonlySet<string> {
  const byId = new Map(chains.map((chain) => [chain.id, chain]));
  const pending = chains.filter((chain) => chain.builtin !== undefined && from(chain.builtin.priority));
  const found = new Set<string>();
  for (let chain = pending.pop(); chain !== undefined; chain = pending.pop()) {
    if (found.has(chain.id)) continue;
    found.add(chain.id);
    for (const rule of chain.rules.all())
      for (const action of rule.actions) {
        const next = action.kind === 'jump' || action.kind === 'goto' ? byId.get(action.chain) : undefined;
        if (next !== undefined) pending.push(next);
      }
  }
  return found;
}
