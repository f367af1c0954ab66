import { type Diagram, type Node, NONE } from '../packet/diagram.ts';
import type { Chain, Rule } from '../rule/ruleset.ts';

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

/** Collects who decides which packets. */
export class HitNotes {
  private readonly sets = new Map<Rule | Chain, Record<HitKind, Node> & { chain: Chain }>();

  constructor(private readonly diagram: Diagram) {}

  /** The line can decide these packets, among others. */
  add(line: Rule | Chain, chain: Chain, verdict: HitKind, set: Node): void {
    if (set === NONE) return;
    let known = this.sets.get(line);
    if (known === undefined) {
      known = { accept: NONE, deny: NONE, changes: NONE, chain };
      this.sets.set(line, known);
    }
    known[verdict] = this.diagram.or(known[verdict], set);
  }

  /** A hit for each line and verdict, in the order in which the lines were first met. */
  hits(): Hit[] {
    const hits: Hit[] = [];
    for (const [line, { accept, deny, changes, chain }] of this.sets) {
      const where = 'match' in line ? { chain, rule: line } : { chain };
      if (accept !== NONE) hits.push({ ...where, verdict: 'accept', set: accept });
      if (deny !== NONE) hits.push({ ...where, verdict: 'deny', set: deny });
      if (changes !== NONE) hits.push({ ...where, verdict: 'changes', set: changes });
    }
    return hits;
  }
}
