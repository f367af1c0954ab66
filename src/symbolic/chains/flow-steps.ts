import { type Node, NONE } from '../../packet/diagram.ts';
import { meets } from '../../packet/relations.ts';
import type { Analysis } from '../analysis.ts';
import { ENDS_FIELDS, sameEnd } from '../translation/ends.ts';
import { PlainRun, type Segment } from '../deciding/segment.ts';
import type { Flow, Summary } from './summary.ts';
import { IDENTITY } from '../translation/transform.ts';

/** Flows that come out of a piece of a chain, by where they go. */
export interface Out {
  readonly through: Flow[];
  readonly back: Flow[];
}

/** The parts of a flow, put together again. */
export const together = (parts: readonly Out[]): Out => ({
  through: parts.flatMap(({ through }) => through),
  back: parts.flatMap(({ back }) => back),
});

/** Whether the segment can decide, change or return any of the flow's packets. */
export function concerns(analysis: Analysis, segment: Segment, flow: Flow): boolean {
  if (goesElsewhere(analysis, segment, flow)) return false;
  const { transform, set } = flow;
  const concerned = analysis.segments.concernedBy(segment);
  if (transform === IDENTITY) return meets(analysis.diagram, set, concerned);
  return analysis.following(set, concerned, transform) !== NONE;
}

/** Whether the segment is about other destinations than the flow's, which is seen sooner. */
function goesElsewhere(analysis: Analysis, segment: Segment, { transform, set }: Flow): boolean {
  if (segment instanceof PlainRun || !analysis.leavesAlone(transform, ENDS_FIELDS)) return false;
  return !meets(analysis.diagram, sameEnd(analysis.diagram, set), analysis.segments.endsOf(segment));
}

/** What of the flow goes on to the next rule, changed or not. */
export function after(analysis: Analysis, summary: Summary, flow: Flow): Flow[] {
  const { algebra } = analysis;
  const through = summary.moved.length === 0 ? [] : algebra.follow([flow], summary.moved);
  const passes = summary.stop === NONE ? flow.set : passing(analysis, flow, summary);
  if (passes !== NONE) through.push({ transform: flow.transform, set: passes });
  return through.length > 1 ? algebra.unite(through) : through;
}

function passing(analysis: Analysis, flow: Flow, { stop }: Summary): Node {
  if (flow.transform === IDENTITY) return analysis.diagram.difference(flow.set, stop);
  return analysis.following(flow.set, analysis.diagram.not(stop), flow.transform);
}
