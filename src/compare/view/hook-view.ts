import { type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import type { Analysis, Passage } from '../../symbolic/analysis.ts';
import { type Bounds, boundsBetween, boundsOf } from '../../symbolic/bounds.ts';
import { type Flow, isTranslated } from '../../symbolic/chains/summary.ts';
import type { Ways } from '../required/own-ways.ts';

export type FlowHook = 'input' | 'forward' | 'output';

/** The packets of a hook that no nat rule translates, or those that one does. */
export interface Part {
  readonly flows: readonly Flow[];
  readonly bounds: Bounds;
}

/** What one hook lets through, of one state. */
export interface HookView {
  readonly hook: FlowHook;
  readonly analysis: Analysis;
  readonly passage: Passage;
  /** Packets that may go another way, which nothing but the host's addresses tells. */
  readonly unsure: Node;
  readonly bounds: Bounds;
  /** Accepted packets whose destination stays as it is, and those whose destination was translated. */
  readonly plain: Part;
  readonly translated: Part;
}

/** @param usual packets as they usually are, see `usualOf` of symbolic/bounds.ts */
export function hookView(
  hook: FlowHook,
  analysis: Analysis,
  { passage, unsure }: Ways,
  usual: Node,
): HookView {
  const { diagram } = analysis;
  const elsewhere = diagram.or(passage.gone, unsure);
  const moved = passage.accept.filter(isTranslated);
  const still = passage.accept.filter((flow) => !isTranslated(flow));
  const part = (flows: readonly Flow[]): Part => ({
    flows,
    bounds:
      flows.length === 0 ? { must: NONE, may: NONE } : partBounds(diagram, flows, passage, elsewhere, usual),
  });
  // What chance sends elsewhere, or may go elsewhere, does not surely pass here.
  const bounds =
    elsewhere === NONE
      ? boundsOf(diagram, passage, usual)
      : boundsOf(diagram, { accept: passage.accept, deny: diagram.or(passage.deny, elsewhere) }, usual);
  return {
    hook,
    analysis,
    passage,
    unsure,
    bounds,
    plain: moved.length === 0 ? { flows: still, bounds } : part(still),
    translated: part(moved),
  };
}

/** A packet is surely of this part where nothing denies it and no other part can take it. */
function partBounds(
  diagram: Diagram,
  flows: readonly Flow[],
  passage: Passage,
  elsewhere: Node,
  usual: Node,
): Bounds {
  const own = diagram.orAll(flows.map((flow) => flow.set));
  const ours = new Set(flows);
  const others = diagram.orAll(passage.accept.filter((flow) => !ours.has(flow)).map((flow) => flow.set));
  return boundsBetween(diagram, own, diagram.orAll([passage.deny, elsewhere, others]), usual);
}
