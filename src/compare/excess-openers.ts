import type { Node } from '../packet/diagram.ts';
import type { Flow } from '../symbolic/summary.ts';
import { hitsOf } from '../symbolic/walk.ts';
import { filters, isMainFilter } from './filters.ts';
import { narrowed, type StageHits } from './evidence.ts';
import type { FamilyView, HookView, Part } from './view.ts';

/** Who accepts: filtering chains of the hook itself, explicit rules of all of them before policies. */
export function openersOf(family: FamilyView, view: HookView, part: Part, excess: Node): StageHits[] {
  const stages = view.passage.stages.filter(({ stage }) => filters(stage, view.hook));
  const all = stages.map(({ stage, entered }) => {
    const flows = entered.filter((flow) => sameDestination(flow, part));
    return { stage, hits: hitsOf(view.analysis, stage, narrowed(family, flows, excess)) };
  });
  const pick = (explicit: boolean) =>
    all.map(({ stage, hits }) => ({
      stage,
      hits: hits.filter((hit) => hit.verdict === 'accept' && (hit.rule !== undefined) === explicit),
    }));
  // The main filter is the last word; a mangle chain's policy says little.
  const main = (list: StageHits[]) => [
    ...list.filter(({ stage }) => isMainFilter(stage)),
    ...list.filter(({ stage }) => !isMainFilter(stage)),
  ];
  return [...main(pick(true)), ...main(pick(false))];
}

function sameDestination(flow: Flow, part: Part): boolean {
  return part.flows.some(
    (accepted) =>
      accepted.transform.destination === flow.transform.destination ||
      JSON.stringify(accepted.transform.destination, big) === JSON.stringify(flow.transform.destination, big),
  );
}

const big = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
