import type { Chain, Rule, Ruleset } from '../../rule/ruleset.ts';

/** Numbers for the rules of a rule set, from 1, as leaves of decisions carry them. */
export class RuleNumbers {
  private readonly lines: { readonly rule: Rule; readonly chain: Chain }[] = [];
  private readonly numbers = new Map<Rule, number>();
  private readonly chains: ReadonlyMap<string, Chain>;
  private readonly ranks = new Map<Chain, Int32Array>();

  constructor(ruleset: Ruleset) {
    this.chains = new Map(ruleset.chains.map((chain) => [chain.id, chain]));
    for (const chain of ruleset.chains)
      for (const rule of chain.rules) {
        this.lines.push({ rule, chain });
        this.numbers.set(rule, this.lines.length);
      }
  }

  /** How many rules there are. */
  get count(): number {
    return this.lines.length;
  }

  of(rule: Rule): number {
    return this.numbers.get(rule) as number;
  }

  line(number: number): { readonly rule: Rule; readonly chain: Chain } {
    return this.lines[number - 1] as { readonly rule: Rule; readonly chain: Chain };
  }

  /** The order in which packets that enter a base chain come to the rules, by the rules' numbers. */
  ranksFrom(base: Chain): Int32Array {
    let ranks = this.ranks.get(base);
    if (ranks === undefined) {
      ranks = this.walk(base);
      this.ranks.set(base, ranks);
    }
    return ranks;
  }

  private walk(base: Chain): Int32Array {
    const ranks = new Int32Array(this.lines.length + 1);
    const seen = new Set<Chain>([base]);
    const open = [{ chain: base, next: 0 }];
    let rank = 0;
    for (let top = open[open.length - 1]; top !== undefined; top = open[open.length - 1]) {
      const rule = top.chain.rules[top.next++];
      if (rule === undefined) {
        open.pop();
        continue;
      }
      ranks[this.of(rule)] = ++rank;
      for (const called of this.calledBy(rule))
        if (!seen.has(called)) {
          seen.add(called);
          open.push({ chain: called, next: 0 });
        }
    }
    return ranks;
  }

  private calledBy({ actions }: Rule): Chain[] {
    return actions.flatMap((action) =>
      action.kind === 'jump' || action.kind === 'goto' ? (this.chains.get(action.chain) ?? []) : [],
    );
  }
}

const remembered = new WeakMap<Ruleset, RuleNumbers>();

/** The numbers of a rule set's rules, made once. */
export function numbersOf(ruleset: Ruleset): RuleNumbers {
  let numbers = remembered.get(ruleset);
  if (numbers === undefined) {
    numbers = new RuleNumbers(ruleset);
    remembered.set(ruleset, numbers);
  }
  return numbers;
}
