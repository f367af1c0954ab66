import type { Diagram, Node } from '../../packet/diagram.ts';
import { kept } from '../../text/kept.ts';
import { sameEnd } from '../translation/ends.ts';
import { PlainRun, type Segment } from './segment.ts';

/** Which packets segments of chains are about, each found once: a walk asks before it looks into one. */
export class SegmentPackets {
  private readonly concerned = new Map<Segment, Node>();
  private readonly ends = new Map<Segment, Node>();

  constructor(private readonly diagram: Diagram) {}

  /** The packets that the segment can decide, change or return. */
  concernedBy(segment: Segment): Node {
    return kept(this.concerned, segment, () => {
      const { halves } = segment;
      // What is about none of a half's packets does nothing in it, and what is about neither half's nothing at all.
      if (halves !== undefined && !(segment instanceof PlainRun))
        return this.diagram.or(this.concernedBy(halves[0]), this.concernedBy(halves[1]));
      const { stop, accept, deny, back, moved } = segment.summary;
      return this.diagram.orAll([
        stop,
        ...[accept, deny, back, moved].flatMap((flows) => flows.map(({ set }) => set)),
      ]);
    });
  }

  /** Where the packets go that the segment can decide, change or return, and perhaps others. */
  endsOf(segment: Segment): Node {
    return kept(this.ends, segment, () => {
      const { halves } = segment;
      if (halves === undefined || segment instanceof PlainRun)
        return sameEnd(this.diagram, this.concernedBy(segment));
      // No rule before the last of a chain changes where packets go.
      return this.diagram.or(this.endsOf(halves[0]), this.endsOf(halves[1]));
    });
  }
}
