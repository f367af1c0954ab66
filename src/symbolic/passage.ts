import { type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { PolicySummary } from './deciding/segment.ts';
import type { Stage } from './stages.ts';
import { ACCEPT, type Flow, isTranslated, type Summary, type SummaryAlgebra } from './chains/summary.ts';
import { IDENTITY, type Transform } from './translation/transform.ts';

/** What becomes of the packets of an entry set; all sets are in terms of packets as they arrive, and *may*. */
export interface Passage {
  /** The packets that entered. */
  readonly entry: Node;
  /** Packets that pass every hook, and what was done to them. */
  readonly accept: readonly Flow[];
  /** Packets that some hook drops or rejects. */
  readonly deny: Node;
  /** Of the denied packets those whose destination had been translated. */
  readonly denyTranslated: Node;
  /** Packets that no rule denies but routing, between the hooks. */
  readonly stopped: Node;
  /** Packets whose translated destination takes them elsewhere than to the scope's hook; where chance translates, some come here too. */
  readonly gone: Node;
  /** The flows that entered each base chain, in order. */
  readonly stages: readonly { readonly stage: Stage; readonly entered: readonly Flow[] }[];
  /** Every packet comes to one certain end: what is accepted is never denied. */
  readonly certain?: boolean;
}

/** Packets after prerouting: those that go on, those that the kernel does not forward, and those that go elsewhere. */
export interface Routed {
  readonly flows: readonly Flow[];
  readonly stopped: readonly Flow[];
  readonly gone: readonly Flow[];
}

/** Packets on their way from hook to hook, with what has become of the others. */
export class Way {
  flows: readonly Flow[];
  private certain = true;
  private readonly stages: { stage: Stage; entered: readonly Flow[] }[] = [];
  private readonly denied: { readonly flow: Flow; readonly summary: Summary }[] = [];
  private stopped: readonly Flow[] = [];
  private gone: readonly Flow[] = [];
  private known: readonly Flow[] | undefined;

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

  /** Takes every flow past a base chain for NAT that denies nothing, and of which nobody asks what it changes. */
  past(stage: Stage): void {
    this.certain = false;
    this.stages.push({ stage, entered: this.flows });
  }

  /** Goes on with these packets; those that are stopped are denied. */
  route({ flows, stopped, gone }: Routed): void {
    this.flows = flows;
    this.stopped = stopped;
    this.gone = gone;
  }

  /** What has become of all packets now. */
  passage(): Passage {
    const { diagram, entry, flows } = this;
    const union = (some: readonly Flow[]): Node => diagram.orAll(some.map(({ set }) => set));
    // Of what routing stops some may go on too, where its TTL is not known.
    const certain = this.certain && this.stopped.length === 0 && this.gone.length === 0;
    const deny = (): Node =>
      certain ? diagram.difference(entry, union(flows)) : union([...this.refused(), ...this.stopped]);
    const denyTranslated = (): Node => union([...this.refused(), ...this.stopped].filter(isTranslated));
    const ends = { deny, denyTranslated, stopped: union(this.stopped), gone: union(this.gone) };
    return new LazyPassage(entry, flows, this.stages, certain, ends);
  }

  /** What base chains deny, as it came to them. */
  private refused(): readonly Flow[] {
    this.known ??= this.denied.flatMap(({ flow, summary }) => this.algebra.follow([flow], summary.deny));
    return this.known;
  }
}

/** How packets end that are not accepted; large rule sets take time for it, and it is not always asked for. */
interface Ends {
  readonly deny: () => Node;
  readonly denyTranslated: () => Node;
  readonly stopped: Node;
  readonly gone: Node;
}

class LazyPassage implements Passage {
  private denied: Node | undefined;
  private deniedTranslated: Node | undefined;
  readonly stopped: Node;
  readonly gone: Node;

  constructor(
    readonly entry: Node,
    readonly accept: Passage['accept'],
    readonly stages: Passage['stages'],
    readonly certain: boolean,
    private readonly ends: Ends,
  ) {
    this.stopped = ends.stopped;
    this.gone = ends.gone;
  }

  get deny(): Node {
    this.denied ??= this.ends.deny();
    return this.denied;
  }

  get denyTranslated(): Node {
    this.deniedTranslated ??= this.ends.denyTranslated();
    return this.deniedTranslated;
  }
}
