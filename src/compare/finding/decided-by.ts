import { type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import type { Rule } from '../../rule/ruleset.ts';
import { visible } from '../../symbolic/bounds.ts';
import type { Stage } from '../../symbolic/stages.ts';
import { decidersOf } from './evidence.ts';
import { filters, isMainFilter } from '../excess/filters.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

type Verdicts = readonly ('accept' | 'deny')[];

/** Packets that a rule, or a policy, decides in one base chain. */
interface Decided {
  readonly rule: Rule | undefined;
  readonly verdict: 'accept' | 'deny';
  readonly packets: Node;
}

interface Decisions {
  readonly stage: Stage;
  readonly decided: readonly Decided[];
}

/** What lines decide of a set in each base chain on the whole way through the hook. Chains that only translate decide nothing. */
function decisions(
  view: FamilyView,
  hook: FlowHook,
  state: ConnectionState,
  packets: Node,
  verdicts: Verdicts,
): Decisions[] {
  const { diagram } = view;
  if (packets === NONE) return [];
  const deciders = decidersOf(view, view.hook(hook, state), packets).filter(({ stage }) => !stage.nat);
  return deciders.map(({ stage, hits }) => ({
    stage,
    decided: hits.flatMap(({ rule, verdict, set }): Decided[] => {
      if (verdict === 'changes' || !verdicts.includes(verdict)) return [];
      const decided = diagram.and(visible(diagram, set), packets);
      return decided === NONE ? [] : [{ rule, verdict, packets: decided }];
    }),
  }));
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
  const all = decisions(view, hook, state, packets, verdicts).flatMap(({ decided }) => decided);
  for (const { rule, packets: decided } of all)
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
 * same packets. What a rule of the filter table opens no line of another table does: there an accept goes on to the next table. What
 * only its policy lets through a line of another may open, as findings name it (see openedBy).
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
  const made = decisions(view, hook, state, packets, verdicts);
  const opened = made
    .filter(({ stage }) => filters(stage, hook) && isMainFilter(stage))
    .flatMap(({ decided }) =>
      decided.filter(({ rule, verdict }) => rule !== undefined && verdict === 'accept'),
    );
  const taken = diagram.orAll(opened.map((one) => one.packets));
  /** What counts of a chain's decisions: what it accepts and the filter table's rules do not. */
  const counted = ({ stage, decided }: Decisions): Decided[] =>
    decided.flatMap((one): Decided[] => {
      if (one.verdict === 'deny' || (filters(stage, hook) && isMainFilter(stage))) return [one];
      const rest = filters(stage, hook) ? diagram.difference(one.packets, taken) : NONE;
      return rest === NONE ? [] : [{ ...one, packets: rest }];
    });
  return diagram.orAll(made.map((one) => alone(diagram, counted(one), { own, excused })));
}

/** Packets that the own rules of a base chain decide, and no rule that is not excused, nor its policy. */
function alone(diagram: Diagram, chain: readonly Decided[], { own, excused }: AskedRules): Node {
  const union = (by: (rule: Rule | undefined) => boolean): Node =>
    diagram.orAll(chain.flatMap((one) => (by(one.rule) ? [one.packets] : [])));
  const mine = union((rule) => rule !== undefined && own(rule));
  if (mine === NONE) return NONE;
  const others = union((rule) => rule === undefined || !(own(rule) || excused(rule)));
  return diagram.difference(mine, others);
}
