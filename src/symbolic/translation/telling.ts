import type { Action } from '../../rule/action.ts';
import type { Chain, Ruleset } from '../../rule/ruleset.ts';
import { kept } from '../../text/kept.ts';
import { callOrderOf } from '../chains/call-order.ts';

/** Whether what the action changes decides elsewhere: what conntrack makes of the packet, whether the kernel forwards it. */
export function isTelling(action: Action): boolean {
  return action.kind === 'notrack' || (action.kind === 'assign' && action.field === 'ttl');
}

const remembered = new WeakMap<Ruleset, ReadonlySet<string>>();

/** Whether a rule of the chain, or of one that it calls, does what is told of it besides its verdict, see {@link isTelling}. */
export function tells(ruleset: Ruleset, chain: Chain): boolean {
  return kept(remembered, ruleset, () => tellingChains(ruleset)).has(chain.id);
}

function tellingChains(ruleset: Ruleset): ReadonlySet<string> {
  const own = new Set<string>();
  for (const { id, rules } of ruleset.chains)
    if (rules.some(({ actions }) => actions.some(isTelling))) own.add(id);
  if (own.size === 0) return own;
  const order = callOrderOf(ruleset);
  const found = ruleset.chains.filter(({ id }) => order.below([id]).some((inner) => own.has(inner)));
  return new Set(found.map(({ id }) => id));
}
