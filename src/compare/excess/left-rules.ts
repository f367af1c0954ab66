import { ALL, type Node } from '../../packet/diagram.ts';
import type { Chain, Rule } from '../../rule/ruleset.ts';
import { visible } from '../../symbolic/bounds.ts';
import { callOrderOf } from '../../symbolic/chains/call-order.ts';
import { calledBy } from '../../symbolic/deciding/labels.ts';
import { PlainRun, type Segment } from '../../symbolic/deciding/segment.ts';
import type { Place } from '../../symbolic/scope.ts';
import { placeIn } from '../../symbolic/translation/place-in.ts';
import { IDENTITY } from '../../symbolic/translation/transform.ts';
import type { HookView } from '../view/hook-view.ts';

/** A base chain whose rules decide for certain. */
interface PlainChain {
  readonly chain: Chain;
  readonly run: PlainRun;
  readonly place: Place;
}

/**
 * What is left of a hook's rules without some of them, as far as that is told without looking at all the others again: nothing
 * changes the hook's packets on their way.
 */
export class LeftRules {
  private constructor(
    private readonly hook: HookView,
    private readonly plain: readonly PlainChain[],
    /** Base chains with other rules. */
    private readonly others: readonly string[],
  ) {}

  /** Undefined where something changes packets on their way. */
  static of(hook: HookView): LeftRules | undefined {
    const { analysis, passage } = hook;
    const plain: PlainChain[] = [];
    const others: string[] = [];
    for (const { stage, entered } of passage.stages) {
      if (entered.some(({ transform }) => transform !== IDENTITY)) return undefined;
      const { chain } = stage;
      const place = placeIn(stage, IDENTITY);
      const run = stage.nat ? undefined : analysis.chains.body(chain, place, true);
      if (run instanceof PlainRun) plain.push({ chain, run, place });
      else others.push(chain.id);
    }
    return new LeftRules(hook, plain, others);
  }

  /** Sets in each of which is what could pass if the rules were gone and no other denied anything. */
  passable(gone: ReadonlySet<Rule>): readonly Node[] {
    const { diagram, shares } = this.hook.analysis;
    return this.plain.map(({ chain, run, place }) => {
      const asked = chain.base?.policy === 'drop' ? shares.asked(run, place, true) : undefined;
      if (asked === undefined) return ALL;
      const left = asked.filter(({ rule, outcome }) => outcome === 'accept' && !gone.has(rule));
      return visible(diagram, diagram.orAll(left.map((one) => shares.packetsOf(one))));
    });
  }

  /** The rules that may have to do with what becomes of the packets, whatever other rules are gone. */
  about(packets: Node): ReadonlySet<Rule> {
    const about = new Set(this.below(this.others));
    const seen = new Set<Segment>();
    for (const { run, place } of this.plain) this.gather(run, place, packets, about, seen);
    return about;
  }

  private gather(run: PlainRun, place: Place, packets: Node, about: Set<Rule>, seen: Set<Segment>): void {
    const { chains } = this.hook.analysis;
    for (const rule of run.rulesAbout(packets)) {
      about.add(rule);
      for (const id of calledBy(rule)) {
        const called = chains.body(chains.chain(id), place, true);
        if (seen.has(called)) continue;
        seen.add(called);
        if (called instanceof PlainRun) this.gather(called, place, packets, about, seen);
        // What decides not for certain may stand behind a rule for all packets alone: then who calls the chain does decide so.
        else for (const one of this.below([id])) about.add(one);
      }
    }
  }

  /** The rules of the chains and of what these call. */
  private below(ids: readonly string[]): readonly Rule[] {
    const { ruleset, chains } = this.hook.analysis;
    return callOrderOf(ruleset)
      .below(ids)
      .flatMap((id) => chains.chain(id).rules);
  }
}
