import { type Node, NONE } from '../../packet/diagram.ts';
import type { Action } from '../../rule/action.ts';
import type { Chain, Rule } from '../../rule/ruleset.ts';
import type { Analysis } from '../../symbolic/analysis.ts';
import type { Segment } from '../../symbolic/chains/chains.ts';
import { placeIn } from '../../symbolic/translation/place-in.ts';
import type { Place } from '../../symbolic/scope.ts';
import type { Stage } from '../../symbolic/stages.ts';
import type { Flow, Summary } from '../../symbolic/chains/summary.ts';
import { compose } from '../../symbolic/translation/compose.ts';
import { IDENTITY } from '../../symbolic/translation/transform.ts';
import { assigned, forgot, UNTRACKED } from '../../symbolic/translation/transforms.ts';

/** Calls nested deeper than this are not followed; the kernel's own bound on nft is 16. */
const DEEPEST = 200;

/**
 * Follows packets through chains and remembers which rules some packet meets and matches. Every set is *may*: a rule
 * that is not remembered is met by no packet, whatever the unmodelled matches do. With `deaf`, rules take nothing from
 * the rules after them: what is remembered then, and not without, is shadowed.
 */
export class UseWalk {
  readonly used = new Set<Rule>();
  private readonly entered = new Set<Chain>();
  private depth = 0;

  /** @param steps how many rules may be visited, all calls counted; beyond, `exhausted` is true */
  constructor(
    private readonly analysis: Analysis,
    private steps: number,
    private readonly deaf = false,
  ) {}

  /** Whether not every call could be followed: what was not met may still be used. */
  get exhausted(): boolean {
    return this.steps <= 0;
  }

  /** One base chain with the packets that come to it. */
  stage(stage: Stage, flows: readonly Flow[]): void {
    for (const { transform, set } of flows) {
      const seen = this.analysis.seenBy(stage, { transform, set });
      if (seen !== NONE) this.chain(stage.chain, { transform, set: seen }, placeIn(stage, transform));
    }
  }

  /** Whether some packet came into the chain. */
  reached(chain: Chain): boolean {
    return this.entered.has(chain);
  }

  private chain(chain: Chain, flow: Flow, place: Place): void {
    this.entered.add(chain);
    if (!this.deaf) this.segment(this.analysis.chains.body(chain, place), [flow], place);
    else this.each(chain, flow, place);
  }

  private each(chain: Chain, flow: Flow, place: Place): void {
    for (const rule of chain.rules) {
      if (this.exhausted) return;
      this.steps--;
      this.rule(rule, flow, place);
    }
  }

  private segment(segment: Segment, flows: readonly Flow[], place: Place): void {
    if (flows.length === 0 || this.exhausted) return;
    if (segment.halves === undefined) {
      if (segment.rule === undefined) return;
      this.steps--;
      for (const flow of flows) this.rule(segment.rule, flow, place);
      return;
    }
    const [first, second] = segment.halves;
    this.segment(first, flows, place);
    const { algebra } = this.analysis;
    this.segment(second, algebra.unite(flows.flatMap((flow) => this.after(flow, first.summary))), place);
  }

  /** What falls through a run of rules. */
  private after(flow: Flow, summary: Summary): Flow[] {
    const { algebra, diagram } = this.analysis;
    const moved = summary.moved.length === 0 ? [] : algebra.follow([flow], summary.moved);
    const stays = summary.stop === NONE ? flow.set : this.restOf(flow, diagram.not(summary.stop));
    return stays === NONE ? moved : [{ transform: flow.transform, set: stays }, ...moved];
  }

  private restOf({ transform, set }: Flow, node: Node): Node {
    return this.analysis.diagram.and(set, transform === IDENTITY ? node : this.analysis.pre(node, transform));
  }

  private inside(rule: Rule, flow: Flow, place: Place): Node {
    return this.restOf(flow, this.analysis.compiler.compile(rule.match, place).may);
  }

  private rule(rule: Rule, flow: Flow, place: Place): void {
    const set = this.inside(rule, flow, place);
    if (set === NONE) return;
    this.used.add(rule);
    this.actions(rule.actions, { transform: flow.transform, set }, place);
  }

  /** Only for the chains that it calls: what else a rule does, its summary says. */
  private actions(actions: readonly Action[], start: Flow, place: Place): void {
    let flow = start;
    for (const action of actions) {
      if (action.kind === 'jump' || action.kind === 'goto') {
        this.call(this.analysis.chains.chain(action.chain), flow, place);
        return;
      }
      if (action.kind === 'verdict' || action.kind === 'translate' || action.kind === 'return') return;
      const next = this.changed(action, flow, place);
      if (next === undefined) return;
      flow = next;
    }
  }

  private changed(action: Action, flow: Flow, place: Place): Flow | undefined {
    switch (action.kind) {
      case 'assign':
        return { ...flow, transform: compose(flow.transform, assigned(action, 1)) };
      case 'forget':
        return { ...flow, transform: compose(flow.transform, forgot(action.field)) };
      case 'notrack':
        return place.tracked ? flow : { ...flow, transform: compose(flow.transform, UNTRACKED) };
      case 'require': {
        const set = this.restOf(flow, this.analysis.compiler.compile(action.match, place).may);
        return set === NONE ? undefined : { ...flow, set };
      }
      default:
        return flow;
    }
  }

  private call(target: Chain, flow: Flow, place: Place): void {
    if (this.depth >= DEEPEST) this.steps = 0;
    if (this.exhausted) return;
    this.depth++;
    this.chain(target, flow, place);
    this.depth--;
  }
}
