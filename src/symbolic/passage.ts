import { type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { PolicySummary } from './segment.ts';
import type { Stage } from './stages.ts';
import { ACCEPT, type Flow, type Summary, type SummaryAlgebra } from './summary.ts';
import { IDENTITY, type Transform } from './transform.ts';

/** What becomes of the packets of an entry set; all sets are in terms of packets as they arrive, and *may*. */
export interface Passage {
  /** The packets that entered. */
  readonly entry: Node;
  /** Packets that pass every hook, and what was done to them. */
  readonly accept: readonly Flow[];
  /** Packets that some hook drops or rejects. */
  readonly deny: Node;
  /** Packets that no rule denies but routing, between the hooks. */
  readonly stopped: Node;
  /** The flows that entered each base chain, in order. */
  readonly stages: readonly { readonly stage: Stage; readonly entered: readonly Flow[] }[];
  /** Every packet comes to one certain end: what is accepted is never denied. */
  readonly certain?: boolean;
}

/** Packets on their way from hook to hook, with what has become of the others. */
export class Way {
  flows: readonly Flow[];
  private certain = true;
  private readonly stages: { stage: Stage; entered: readonly Flow[] }[] = [];
  private readonly denied: { readonly flow: Flow; readonly summary: Summary }[] = [];
  private stopped: readonly Flow[] = [];

  constructor(
    private readonly diagram: Diagram,
    private readonly algebra: SummaryAlgebra,
    private readonly entry: Node,
  ) {
    this.flows = entry === NONE ? [] : [{ transform: IDENTITY, set: entry }];
  }

  /** Takes every flow through a base chain. */
  through(stage: Stage, summaryOf: (transform: Transform) => Summary): void {
    this.stages.push({ stage, entered: this.flows });
    const passed: Flow[] = [];
    for (const flow of this.flows) {
      const summary = summaryOf(flow.transform);
      this.certain &&= summary instanceof PolicySummary || summary === ACCEPT;
      passed.push(...this.algebra.follow([flow], summary.accept));
      this.denied.push({ flow, summary });
    }
    this.flows = this.algebra.unite(passed);
  }

  /** Goes on with these packets; those that are stopped are denied. */
  route({ flows, stopped }: { readonly flows: readonly Flow[]; readonly stopped: readonly Flow[] }): void {
    this.flows = flows;
    this.stopped = stopped;
  }

  /** What has become of all packets now. */
  passage(): Passage {
    const { diagram, entry, flows } = this;
    // Of what routing stops some may go on too, where its TTL is not known.
    const certain = this.certain && this.stopped.length === 0;
    const deny = (): Node => {
      if (certain) return diagram.difference(entry, diagram.orAll(flows.map(({ set }) => set)));
      const parts = this.denied.flatMap(({ flow, summary }) => this.algebra.follow([flow], summary.deny));
      return diagram.orAll([...parts, ...this.stopped].map(({ set }) => set));
    };
    const stopped = diagram.orAll(this.stopped.map(({ set }) => set));
    return new LazyPassage(entry, flows, this.stages, certain, stopped, deny);
  }
}

/** The denied packets of a large rule set take time, and are not always asked for. */
class LazyPassage implements Passage {
  private known: Node | undefined;

  constructor(
    readonly entry: Node,
    readonly accept: Passage['accept'],
    readonly stages: Passage['stages'],
    readonly certain: boolean,
    readonly stopped: Node,
    private readonly makeDeny: () => Node,
  ) {}

  get deny(): Node {
    this.known ??= this.makeDeny();
    return this.known;
  }
}
