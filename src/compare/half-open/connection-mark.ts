import { type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { inSeveral } from '../../packet/relations.ts';
import { unmarkedPackets, visibleOf } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import type { Transform } from '../../symbolic/translation/transform.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

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
  moved: Flow | undefined,
): readonly Marking[] {
  const { diagram } = view;
  if (!view.hook(hook).analysis.surroundings.usesConnectionMark) return [{ packets, mark: undefined }];
  // What a rule translates is looked at flow by flow.
  if (moved !== undefined) return [{ packets, mark: markLeft(moved.transform) }];
  const unmarked = unmarkedPackets(diagram);
  return divided(
    diagram,
    packets,
    flows.map(({ transform, set }) => [markLeft(transform), visibleOf(diagram, set, unmarked)]),
  );
}

/** Divides packets by the mark that is left where they go, each way with those that may go it; those that may get several have any. */
export function divided(
  diagram: Diagram,
  packets: Node,
  ways: readonly (readonly [number | undefined, Node])[],
): readonly Marking[] {
  const byMark = new Map<number | undefined, Node>();
  for (const [mark, set] of ways)
    byMark.set(mark, diagram.or(byMark.get(mark) ?? NONE, diagram.and(packets, set)));
  const unsure = diagram.orAll([
    inSeveral(diagram, byMark.values()),
    byMark.get(undefined) ?? NONE,
    diagram.difference(packets, diagram.orAll([...byMark.values()])),
  ]);
  const known = [...byMark].flatMap(([mark, set]): Marking[] =>
    mark === undefined ? [] : [{ packets: diagram.difference(set, unsure), mark }],
  );
  return [...known, { packets: unsure, mark: undefined }].filter((one) => one.packets !== NONE);
}

/** Whether packets that come so may give their connection another mark. */
export const remarksIt = ({ transform: { ctmark, forgotten } }: Flow): boolean =>
  ctmark !== undefined || forgotten.has('ctmark');

/** What becomes of a connection's mark because of a packet that comes with mark 0; undefined where nobody knows. */
export function markLeft({ ctmark, forgotten }: Transform, before = 0): number | undefined {
  if (forgotten.has('ctmark')) return undefined;
  return ctmark === undefined ? before : ((before & ctmark.keep) ^ ctmark.xor) >>> 0;
}
