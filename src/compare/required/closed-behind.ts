import { BEHIND } from '../../finding/notes.ts';
import type { Evidence } from '../../finding/report.ts';
import type { Node } from '../../packet/diagram.ts';
import { hitsOf } from '../../symbolic/deciding/walk.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { Undenied } from '../excess/undenied.ts';
import { closingLines, narrowed, type StageHits } from '../finding/evidence.ts';
import type { HookView } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/**
 * The lines of later base chains that would close packets, too, which an earlier one closes already: an accept ends its base chain alone
 * (net/netfilter/core.c, nf_hook_slow), so that who opens the first finds them closed by the next.
 *
 * @param closing what closes the packets, stage by stage
 */
export function closingLater(
  view: FamilyView,
  hook: HookView,
  packets: Node,
  closing: readonly StageHits[],
): Evidence[] {
  const { diagram } = view;
  const { passage, analysis } = hook;
  const stopped = new Map<string, readonly Flow[]>();
  const later: StageHits[] = [];
  for (const [index, { stage, entered }] of passage.stages.entries()) {
    const { layer } = stage.chain;
    const flows = stopped.get(layer);
    if (flows === undefined) {
      if (closing[index]?.hits.some(({ verdict }) => verdict === 'deny'))
        stopped.set(layer, narrowed(view, entered, packets));
      continue;
    }
    // What a policy stops is not marked or translated any more behind it.
    if (stage.nat || analysis.deniesNothing(stage)) continue;
    const come = diagram.orAll(narrowed(view, entered, packets).map(({ set }) => set));
    const lost = narrowed(view, flows, diagram.not(come));
    const free = new Undenied(hook, layer).flows(index, diagram.orAll(lost.map(({ set }) => set)));
    const coming = free.length > 0 ? narrowed(view, free, packets) : lost;
    const hits = hitsOf(analysis, stage, coming, { linesOnly: true }).filter(
      ({ verdict }) => verdict === 'deny',
    );
    if (hits.length > 0) later.push({ stage, hits });
  }
  return closingLines(view, later, packets).map((line) => ({ ...line, note: `${line.note}${BEHIND}` }));
}
