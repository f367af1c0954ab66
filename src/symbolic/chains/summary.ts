import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { compose } from '../translation/compose.ts';
import { IDENTITY, type Transform } from '../translation/transform.ts';

/** Packets (as they entered) that reach an outcome, and what was done to them by then. */
export interface Flow {
  readonly transform: Transform;
  readonly set: Node;
}

/** Whether a rule gives the packets of the flow another destination. */
export function isTranslated({ transform }: Flow): boolean {
  return transform.destination !== undefined;
}

/**
 * What a piece of a chain can do with the packets that enter it. Every set is *may*: the packets for which some
 * behaviour of the opaque predicates leads there. A packet can fall through unchanged where it is not in `stop`, and
 * changed where it is in `moved`.
 */
export interface Summary {
  readonly accept: readonly Flow[];
  readonly deny: readonly Flow[];
  readonly back: readonly Flow[];
  readonly moved: readonly Flow[];
  /** Packets that certainly do not fall through unchanged. */
  readonly stop: Node;
}

/** No packets at all. */
export const NO_FLOWS: readonly Flow[] = [];

/** Does nothing. */
export const PASS: Summary = {
  accept: NO_FLOWS,
  deny: NO_FLOWS,
  back: NO_FLOWS,
  moved: NO_FLOWS,
  stop: NONE,
};

const EVERYTHING: readonly Flow[] = [{ transform: IDENTITY, set: ALL }];
export const ACCEPT: Summary = { ...PASS, accept: EVERYTHING, stop: ALL };
export const DENY: Summary = { ...PASS, deny: EVERYTHING, stop: ALL };
export const BACK: Summary = { ...PASS, back: EVERYTHING, stop: ALL };

/** The algebra of summaries over one diagram. */
export class SummaryAlgebra {
  /**
   * @param pre the preimage of a set under a transform
   * @param following packets of a set that are in another one after a transform
   */
  constructor(
    private readonly diagram: Diagram,
    private readonly pre: (node: Node, transform: Transform) => Node,
    private readonly following = (set: Node, node: Node, transform: Transform): Node =>
      diagram.and(set, pre(node, transform)),
  ) {}

  /** `summary` where the condition can hold (`may`), nothing where it can fail (outside `must`). */
  guard(may: Node, must: Node, summary: Summary): Summary {
    if (may === NONE) return PASS;
    if (must === ALL) return summary;
    return {
      accept: this.within(summary.accept, may),
      deny: this.within(summary.deny, may),
      back: this.within(summary.back, may),
      moved: this.within(summary.moved, may),
      stop: this.diagram.and(must, summary.stop),
    };
  }

  /** First `a`, and for what falls through it, `b`. */
  sequence(a: Summary, b: Summary): Summary {
    if (a === PASS) return b;
    if (b === PASS || (a.stop === ALL && a.moved.length === 0)) return a;
    return {
      accept: this.merge(a.accept, this.after(a, b.accept)),
      deny: this.merge(a.deny, this.after(a, b.deny)),
      back: this.merge(a.back, this.after(a, b.back)),
      moved: this.merge(this.fallen(a, b), this.after(a, b.moved)),
      stop: this.diagram.or(a.stop, b.stop),
    };
  }

  /** Either may happen. */
  either(a: Summary, b: Summary): Summary {
    return {
      accept: this.merge(a.accept, b.accept),
      deny: this.merge(a.deny, b.deny),
      back: this.merge(a.back, b.back),
      moved: this.merge(a.moved, b.moved),
      stop: this.diagram.and(a.stop, b.stop),
    };
  }

  /** `a` for the packets in `where`, `b` for the others. */
  choose(where: Node, a: Summary, b: Summary): Summary {
    const first = this.guard(where, where, a);
    const others = this.diagram.not(where);
    const second = this.guard(others, others, b);
    return { ...this.either(first, second), stop: this.diagram.or(first.stop, second.stop) };
  }

  /** The packet is changed first. */
  changed(transform: Transform, summary: Summary): Summary {
    const rest = this.pre(this.diagram.not(summary.stop), transform);
    const through: Flow[] = rest === NONE ? [] : [{ transform, set: rest }];
    const map = (flows: readonly Flow[]): Flow[] => this.follow([{ transform, set: ALL }], flows);
    return {
      accept: map(summary.accept),
      deny: map(summary.deny),
      back: map(summary.back),
      moved: this.merge(through, map(summary.moved)),
      stop: ALL,
    };
  }

  /** A called chain: what comes back falls through to the rule after the call. */
  called(chain: Summary): Summary {
    const same = chain.back.find((flow) => flow.transform === IDENTITY);
    const others = chain.back.filter((flow) => flow.transform !== IDENTITY);
    return {
      accept: chain.accept,
      deny: chain.deny,
      back: NO_FLOWS,
      moved: this.merge(chain.moved, others),
      stop: same === undefined ? chain.stop : this.diagram.difference(chain.stop, same.set),
    };
  }

  /** A chain that was gone to: what comes back returns from the present chain too. */
  gone(chain: Summary): Summary {
    const called = this.called(chain);
    const through = this.diagram.not(called.stop);
    const back = through === NONE ? [] : [{ transform: IDENTITY, set: through }];
    return {
      accept: chain.accept,
      deny: chain.deny,
      back: this.merge(back, called.moved),
      moved: NO_FLOWS,
      stop: ALL,
    };
  }

  /** The flows that `flows` become where `through` came before. */
  follow(through: readonly Flow[], flows: readonly Flow[]): Flow[] {
    const found: Flow[] = [];
    for (const first of through)
      for (const second of flows) {
        const set = this.following(first.set, second.set, first.transform);
        if (set !== NONE) found.push({ transform: compose(first.transform, second.transform), set });
      }
    return found.length > 1 ? this.unite(found) : found;
  }

  /** One flow for each transform. */
  merge(a: readonly Flow[], b: readonly Flow[]): readonly Flow[] {
    if (a.length === 0) return b;
    if (b.length === 0) return a;
    const [onlyA, onlyB] = [a[0] as Flow, b[0] as Flow];
    if (a.length === 1 && b.length === 1 && onlyA.transform === onlyB.transform)
      return [{ transform: onlyA.transform, set: this.diagram.or(onlyA.set, onlyB.set) }];
    return this.unite([...a, ...b]);
  }

  /** One flow for each transform. */
  unite(flows: readonly Flow[]): Flow[] {
    const byKey = new Map<string, Flow>();
    for (const flow of flows) {
      const key = flow.transform.key;
      const known = byKey.get(key);
      byKey.set(
        key,
        known === undefined
          ? flow
          : { transform: known.transform, set: this.diagram.or(known.set, flow.set) },
      );
    }
    return [...byKey.values()];
  }

  /** What falls through `a`, and through `b` unchanged but for what `a` did to it. */
  private fallen(a: Summary, b: Summary): Flow[] {
    const flows: Flow[] = [];
    for (const { transform, set } of a.moved) {
      const rest = this.diagram.difference(set, this.surelyStopped(b, transform));
      if (rest !== NONE) flows.push({ transform, set: rest });
    }
    return flows;
  }

  /** Packets that `b` stops after the transform, whatever the transform leaves open. */
  private surelyStopped(b: Summary, transform: Transform): Node {
    if (b.stop === ALL || b.stop === NONE) return b.stop;
    // pre() is existential, and what is surely stopped must be so for every choice.
    return this.diagram.not(this.pre(this.diagram.not(b.stop), transform));
  }

  private after(a: Summary, flows: readonly Flow[]): readonly Flow[] {
    if (flows.length === 0) return flows;
    const direct: Flow[] = [];
    for (const flow of flows) {
      const set = this.diagram.difference(flow.set, a.stop);
      if (set !== NONE) direct.push(set === flow.set ? flow : { transform: flow.transform, set });
    }
    return a.moved.length === 0 ? direct : this.merge(direct, this.follow(a.moved, flows));
  }

  private within(flows: readonly Flow[], set: Node): readonly Flow[] {
    if (flows.length === 0) return flows;
    const found: Flow[] = [];
    for (const flow of flows) {
      const inside = this.diagram.and(flow.set, set);
      if (inside !== NONE) found.push({ transform: flow.transform, set: inside });
    }
    return found;
  }
}
