import { type Node, NONE } from '../packet/diagram.ts';
import type { Chain, Rule } from '../rule/ruleset.ts';
import { visible } from '../symbolic/bounds.ts';
import type { Flow } from '../symbolic/summary.ts';
import { narrowed } from './evidence.ts';
import { filters, isMainFilter } from './filters.ts';
import { LabelledStage } from './labels.ts';
import { splitByLabel } from './split.ts';
import type { FamilyView, HookView, Part } from './view.ts';

/** Packets that one line opens. */
export interface Opened {
  readonly packets: Node;
  /** The rule, or the base chain for its policy; undefined where no chain of the hook filters the packets. */
  readonly opener: Rule | Chain | undefined;
}

/** Says of packets that a hook lets through which line lets each of them through. */
export class Openers {
  private readonly stages: readonly { readonly labelled: LabelledStage; readonly entered: readonly Flow[] }[];

  constructor(
    private readonly view: FamilyView,
    hook: HookView,
  ) {
    const stages = hook.passage.stages
      .filter(({ stage }) => filters(stage, hook.hook))
      .map(({ stage, entered }) => ({ labelled: new LabelledStage(view, hook, stage), entered }));
    const isMain = ({ labelled }: { labelled: LabelledStage }): boolean => isMainFilter(labelled.stage);
    // The main filter is the last word; a mangle chain's policy says little.
    this.stages = [...stages.filter(isMain), ...stages.filter((stage) => !isMain(stage))];
  }

  /**
   * Divides packets of a part of the hook's packets by who opens them: filtering chains of the hook itself, explicit rules
   * of all of them before policies, each packet by the first.
   */
  divide(part: Part, packets: Node): Opened[] {
    const { diagram } = this.view;
    const found: Opened[] = [];
    let rest = packets;
    const take = (labelled: LabelledStage, accepted: Node): void => {
      const mine = diagram.and(accepted, rest);
      if (mine === NONE) return;
      rest = diagram.difference(rest, visible(diagram, mine));
      for (const { label, packets: some } of splitByLabel(diagram, mine))
        found.push({ packets: some, opener: labelled.line(label) });
    };
    const accepted = this.stages.map(({ labelled, entered }) => {
      const flows = entered.filter((flow) => sameDestination(flow, part));
      return { labelled, set: labelled.accepted(narrowed(this.view, flows, packets)) };
    });
    if (accepted.length === 1) for (const { labelled, set } of accepted) take(labelled, set);
    else
      for (const what of ['rules', 'policy'] as const)
        for (const { labelled, set } of accepted) take(labelled, labelled.only(set, what));
    if (rest !== NONE) found.push({ packets: rest, opener: undefined });
    return found;
  }
}

function sameDestination(flow: Flow, part: Part): boolean {
  return part.flows.some(
    (accepted) =>
      accepted.transform.destination === flow.transform.destination ||
      JSON.stringify(accepted.transform.destination, big) === JSON.stringify(flow.transform.destination, big),
  );
}

const big = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
