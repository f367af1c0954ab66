import { type Node, NONE } from '../packet/diagram.ts';
import { unmarkedPackets, visibleOf } from '../symbolic/bounds.ts';
import type { Flow } from '../symbolic/summary.ts';
import type { Transform } from '../symbolic/transform.ts';
import type { FlowHook } from './hook-view.ts';
import type { FamilyView } from './view.ts';

/** First packets, and the mark that they leave on their connection; undefined: any. */
export interface Marking {
  readonly packets: Node;
  readonly mark: number | undefined;
}

/**
 * Divides first packets by the mark that rules give their connection on the way (`-j CONNMARK`), which later packets are asked for. It
 * is 0 where no rule sets it (net/netfilter/nf_conntrack_core.c, init_conntrack). Where it depends on chance, nothing is known of it.
 */
export function byConnectionMark(
  view: FamilyView,
  hook: FlowHook,
  flows: readonly Flow[],
  packets: Node,
): readonly Marking[] {
  const { diagram } = view;
  if (!view.hook(hook).analysis.surroundings.usesConnectionMark) return [{ packets, mark: undefined }];
  const unmarked = unmarkedPackets(diagram);
  const byMark = new Map<number | undefined, Node>();
  for (const { transform, set } of flows) {
    const mark = markLeft(transform);
    const mine = visibleOf(diagram, set, unmarked);
    byMark.set(mark, diagram.or(byMark.get(mark) ?? NONE, diagram.and(packets, mine)));
  }
  let [once, twice]: [Node, Node] = [NONE, NONE];
  for (const set of byMark.values()) {
    twice = diagram.or(twice, diagram.and(once, set));
    once = diagram.or(once, set);
  }
  const unsure = diagram.orAll([twice, byMark.get(undefined) ?? NONE, diagram.difference(packets, once)]);
  const known = [...byMark].flatMap(([mark, set]): Marking[] =>
    mark === undefined ? [] : [{ packets: diagram.difference(set, unsure), mark }],
  );
  return [...known, { packets: unsure, mark: undefined }].filter((one) => one.packets !== NONE);
}

/** What becomes of mark 0 of a connection whose first packet comes with mark 0; undefined where nobody knows. */
function markLeft({ ctmark, forgotten }: Transform): number | undefined {
  return forgotten.has('ctmark') ? undefined : (ctmark?.xor ?? 0) >>> 0;
}
