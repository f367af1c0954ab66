import { type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import type { Chain, Rule } from '../../rule/ruleset.ts';

/**
 * Packets (as they arrived) that a rule, or a base chain's policy, can decide; or that a rule changes so that others decide
 * otherwise (`changes`): it keeps them out of connection tracking, or gives them another TTL.
 */
export interface Hit {
  readonly chain: Chain;
  /** Absent: the policy of the base chain. */
  readonly rule?: Rule;
  readonly verdict: HitKind;
  readonly set: Node;
}

type HitKind = 'accept' | 'deny' | 'changes';

/** What was noted of one line. */
class Noted {
  accept: Node = NONE;
  deny: Node = NONE;
  changes: Node = NONE;

  constructor(
    readonly chain: Chain,
    readonly rule: Rule | undefined,
  ) {}

  hit(verdict: HitKind): Hit {
    const { chain, rule } = this;
    const set = this[verdict];
    return rule === undefined ? { chain, verdict, set } : { chain, rule, verdict, set };
  }
}

/** Collects who decides which packets. */
export class HitNotes {
  private readonly sets = new Map<Rule | Chain, Noted>();

  constructor(private readonly diagram: Diagram) {}

  /** The line can decide these packets, among others. */
  add(line: Rule | Chain, chain: Chain, verdict: HitKind, set: Node): void {
    if (set === NONE) return;
    let known = this.sets.get(line);
    if (known === undefined) {
      known = new Noted(chain, 'match' in line ? line : undefined);
      this.sets.set(line, known);
    }
    known[verdict] = this.diagram.or(known[verdict], set);
  }

  /** A hit for each line and verdict, in the order in which the lines were first met. */
  hits(): Hit[] {
    const hits: Hit[] = [];
    for (const noted of this.sets.values()) {
      if (noted.accept !== NONE) hits.push(noted.hit('accept'));
      if (noted.deny !== NONE) hits.push(noted.hit('deny'));
      if (noted.changes !== NONE) hits.push(noted.hit('changes'));
    }
    return hits;
  }
}
