import { type Node, NONE } from '../packet/diagram.ts';
import type { ConnectionState } from '../packet/packet.ts';
import type { Rule } from '../rule/ruleset.ts';
import { visible } from '../symbolic/bounds.ts';
import { decidersOf } from './evidence.ts';
import type { FamilyView, FlowHook } from './view.ts';

/**
 * Which packets of a set each rule accepts or denies, on the whole way through the hook. Chains that only translate
 * decide nothing; a packet that several filters accept is in the set of each.
 */
export function decidedBy(
  view: FamilyView,
  hook: FlowHook,
  state: ConnectionState,
  packets: Node,
  verdicts: readonly ('accept' | 'deny')[],
): ReadonlyMap<Rule, Node> {
  const { diagram } = view;
  const found = new Map<Rule, Node>();
  if (packets === NONE) return found;
  for (const { stage, hits } of decidersOf(view, view.hook(hook, state), packets)) {
    if (stage.nat) continue;
    for (const { rule, verdict, set } of hits) {
      if (rule === undefined || verdict === 'changes' || !verdicts.includes(verdict)) continue;
      const decided = diagram.and(visible(diagram, set), packets);
      if (decided !== NONE) found.set(rule, diagram.or(found.get(rule) ?? NONE, decided));
    }
  }
  return found;
}
