import { type Node, NONE } from '../packet/diagram.ts';
import type { ConnectionState } from '../packet/packet.ts';
import type { Rule } from '../rule/ruleset.ts';
import { visible } from '../symbolic/bounds.ts';
import type { Stage } from '../symbolic/stages.ts';
import { decidersOf } from './evidence.ts';
import { filters, isMainFilter } from './filters.ts';
import type { FamilyView, FlowHook } from './view.ts';

type Verdicts = readonly ('accept' | 'deny')[];

/** Packets that a rule, or a policy, decides in one base chain. */
interface Decided {
  readonly rule: Rule | undefined;
  readonly packets: Node;
}

/** What lines decide of a set in each base chain on the whole way through the hook. Chains that only translate decide nothing. */
function decisions(
  view: FamilyView,
  hook: FlowHook,
  state: ConnectionState,
  packets: Node,
  verdicts: Verdicts,
  counts: (stage: Stage, verdict: 'accept' | 'deny') => boolean = () => true,
): Decided[][] {
  const { diagram } = view;
  if (packets === NONE) return [];
  const deciders = decidersOf(view, view.hook(hook, state), packets).filter(({ stage }) => !stage.nat);
  return deciders.map(({ stage, hits }) =>
    hits.flatMap(({ rule, verdict, set }): Decided[] => {
      if (verdict === 'changes' || !verdicts.includes(verdict) || !counts(stage, verdict)) return [];
      const decided = diagram.and(visible(diagram, set), packets);
      return decided === NONE ? [] : [{ rule, packets: decided }];
    }),
  );
}

/** Which packets of a set each rule accepts or denies; one that several filters accept is in the set of each. */
export function decidedBy(
  view: FamilyView,
  hook: FlowHook,
  state: ConnectionState,
  packets: Node,
  verdicts: Verdicts,
): ReadonlyMap<Rule, Node> {
  const found = new Map<Rule, Node>();
  for (const { rule, packets: decided } of decisions(view, hook, state, packets, verdicts).flat())
    if (rule !== undefined) found.set(rule, view.diagram.or(found.get(rule) ?? NONE, decided));
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
 * same packets. What the filter table opens no line of another table does: there an accept goes on to the next table.
 */
export function decidedAlone(
  view: FamilyView,
  hook: FlowHook,
  state: ConnectionState,
  packets: Node,
  verdicts: Verdicts,
  { own, excused }: AskedRules,
): Node {
  const { diagram } = view;
  const alone = (chain: readonly Decided[]): Node => {
    const union = (by: (rule: Rule | undefined) => boolean): Node =>
      diagram.orAll(chain.flatMap((one) => (by(one.rule) ? [one.packets] : [])));
    const mine = union((rule) => rule !== undefined && own(rule));
    if (mine === NONE) return NONE;
    return diagram.difference(
      mine,
      union((rule) => rule === undefined || !(own(rule) || excused(rule))),
    );
  };
  const filtering = view.hook(hook, state).passage.stages.filter(({ stage }) => filters(stage, hook));
  const hasMain = filtering.some(({ stage }) => isMainFilter(stage));
  const counts = (stage: Stage, verdict: 'accept' | 'deny'): boolean =>
    verdict === 'deny' || (filters(stage, hook) && (!hasMain || isMainFilter(stage)));
  return diagram.orAll(decisions(view, hook, state, packets, verdicts, counts).map(alone));
}
