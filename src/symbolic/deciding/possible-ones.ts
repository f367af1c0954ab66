import { NONE } from '../../packet/diagram.ts';
import type { Action } from '../../rule/action.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { onceOf } from '../../text/kept.ts';
import type { Analysis } from '../analysis.ts';
import type { Flow } from '../chains/summary.ts';
import type { Stage } from '../stages.ts';
import { placeIn } from '../translation/place-in.ts';
import { takesOneOf } from '../translation/transform.ts';
import type { Hit } from './hits.ts';

/** Of more ways of coming to a chain each line is told that may decide: that costs less than asking all of them again. */
const FEW_FLOWS = 256;

/**
 * Hits without the packets that the whole base chain never decides so. A walk asks one rule after the other: of a packet whose source nobody knows
 * one rule may find that it is in a set, and the next that it is an address which the set has not.
 */
export function possibleOnes(analysis: Analysis, stage: Stage, flows: readonly Flow[], hits: Hit[]): Hit[] {
  if (flows.length > FEW_FLOWS || !leavesValuesOpen(analysis.ruleset)) return hits;
  const { diagram, algebra } = analysis;
  const seen = flows
    .map(({ transform, set }) => ({ transform, set: analysis.seenBy(stage, { transform, set }) }))
    .filter(({ set }) => set !== NONE);
  const all = { accept: NONE, deny: NONE };
  for (const flow of seen) {
    const summary = analysis.chains.base(stage.chain, placeIn(stage, flow.transform));
    for (const verdict of ['accept', 'deny'] as const)
      for (const { set } of algebra.follow([flow], summary[verdict]))
        all[verdict] = diagram.or(all[verdict], set);
  }
  return hits
    .map((hit) => (hit.verdict === 'changes' ? hit : { ...hit, set: diagram.and(hit.set, all[hit.verdict]) }))
    .filter(({ set }) => set !== NONE);
}

/** Whether rules give packets values of which nobody knows which they are. */
const leavesValuesOpen = onceOf(({ chains }: Ruleset): boolean =>
  chains.some(({ rules }) => rules.some(({ actions }) => actions.some(leavesOpen))),
);

function leavesOpen(action: Action): boolean {
  if (action.kind === 'forget') return true;
  if (action.kind !== 'translate' || action.what === 'snat') return false;
  const { address, port } = action;
  return takesOneOf({ address, port });
}
