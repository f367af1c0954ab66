import { type Node, NONE } from '../packet/diagram.ts';
import type { ConnectionState } from '../packet/packet.ts';
import type { Rule } from '../rule/ruleset.ts';
import { visible } from '../symbolic/bounds.ts';
import { decidersOf, type StageHits } from './evidence.ts';
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

/** Rules that a question is about. */
export interface AskedRules {
  readonly own: (rule: Rule) => boolean;
  /** Rules that may decide the packets too; of those that are its own nobody asks. */
  readonly excused: (rule: Rule) => boolean;
}

/**
 * Packets of the set that its own rules accept or deny, and that no rule which is not excused does in the same base chain, nor its
 * policy: where a match answers now so and now otherwise, or asks for what boxes don't have (a mark), the next line may take the
 * same packets.
 */
export function decidedAlone(
  view: FamilyView,
  hook: FlowHook,
  state: ConnectionState,
  packets: Node,
  verdicts: readonly ('accept' | 'deny')[],
  { own, excused }: AskedRules,
): Node {
  const { diagram } = view;
  if (packets === NONE) return NONE;
  const alone = ({ stage, hits }: StageHits): Node => {
    const decided = (by: (rule: Rule | undefined) => boolean): Node =>
      diagram.orAll(
        hits.flatMap(({ rule, verdict, set }) =>
          verdict !== 'changes' && verdicts.includes(verdict) && by(rule)
            ? diagram.and(visible(diagram, set), packets)
            : [],
        ),
      );
    if (stage.nat) return NONE;
    const mine = decided((rule) => rule !== undefined && own(rule));
    if (mine === NONE) return NONE;
    const others = decided((rule) => rule === undefined || !(own(rule) || excused(rule)));
    return diagram.difference(mine, others);
  };
  return diagram.orAll(decidersOf(view, view.hook(hook, state), packets).map(alone));
}
