import { AddressNumbering } from '../../packet/numbering.ts';
import type { Ranges } from '../../packet/ranges.ts';
import type { Condition, SetCondition } from '../../rule/condition.ts';
import type { Chain, Rule, Ruleset } from '../../rule/ruleset.ts';
import { setCondition } from '../../rule/set-condition.ts';
import { AddressCuts } from './address-cuts.ts';
import { LONG } from './list-sizes.ts';
import { type End, endOf } from './repeated-lists.ts';

/** Which lists are a burden to a diagram. */
interface Burden {
  /** Lists of more bounds are long. */
  readonly long: number;
  /** Long lists that rules repeat, or that cut what later rules say, with fewer bounds than this are none. */
  readonly fewest: number;
}

const BURDEN: Burden = { long: LONG, fewest: 200_000 };
/** More bounds than this take too long to put in order. */
const MOST_BOUNDS = 4_000_000;

/**
 * Numbers for addresses under which the long lists of a rule set are short; undefined where they are no burden or cross one
 * another too much, and where a rule looks at single bits of addresses, which such numbers do not keep.
 */
export function numberingFor(ruleset: Ruleset, burden: Burden = BURDEN): AddressNumbering | undefined {
  const lists = new Lists(ruleset, burden);
  for (const chain of ruleset.chains) lists.addChain(chain);
  return lists.needsBits ? undefined : lists.numbering();
}

/** The long lists of addresses that rules ask for. */
class Lists {
  needsBits = false;
  private readonly ipv4 = new Set<Ranges<number>>();
  private readonly ipv6 = new Set<Ranges<bigint>>();
  private readonly sets = new Map<string, Condition>();
  private readonly cuts: AddressCuts;
  private bounds = 0;
  private repeated = 0;
  /** Bounds of long lists that one rule names. */
  private named: Record<End, number> = { source: 0, destination: 0 };

  constructor(
    private readonly ruleset: Ruleset,
    private readonly burden: Burden,
  ) {
    this.cuts = new AddressCuts(ruleset);
  }

  numbering(): AddressNumbering | undefined {
    if (this.repeated < this.burden.fewest || this.bounds > MOST_BOUNDS) return undefined;
    return AddressNumbering.of([...this.ipv4], [...this.ipv6]);
  }

  addChain(chain: Chain): void {
    for (const rule of chain.rules) this.addRule(rule, chain);
    for (const { end, family, values } of this.cuts.lists(chain)) {
      if (values.length <= this.burden.long) continue;
      this.note(family, end, values);
      this.repeated += values.length * this.cuts.opened(end);
    }
  }

  private addRule(rule: Rule, chain: Chain): void {
    this.named = { source: 0, destination: 0 };
    this.add(rule.match);
    for (const end of ['source', 'destination'] as const)
      if (this.named[end] > 0) this.repeated += this.named[end] * this.cuts.cutBy(rule, chain, end);
    for (const action of rule.actions) {
      if (action.kind === 'require') this.add(action.match);
      if (action.kind === 'translate' && action.address?.kind === 'prefix') this.needsBits = true;
    }
  }

  private add(condition: Condition): void {
    switch (condition.kind) {
      case 'and':
      case 'or':
        for (const part of condition.of) this.add(part);
        return;
      case 'not':
        this.add(condition.of);
        return;
      case 'address-mask':
        this.needsBits = true;
        return;
      case 'address':
        if (condition.values.length > this.burden.long)
          this.note(condition.family, endOf(condition.field), condition.values);
        return;
      case 'set':
        this.addSet(condition);
    }
  }

  private note(family: 4 | 6, end: End, values: Ranges<number> | Ranges<bigint>): void {
    const lists: Set<Ranges<number> | Ranges<bigint>> = family === 4 ? this.ipv4 : this.ipv6;
    if (lists.has(values)) this.repeated += values.length;
    else this.bounds += values.length;
    lists.add(values);
    this.named[end] += values.length;
  }

  private addSet({ set: name, directions, returnNomatch }: SetCondition): void {
    const set = this.ruleset.sets.get(name);
    if (set === undefined) return;
    const key = `${name} ${directions.join()} ${returnNomatch}`;
    let condition = this.sets.get(key);
    if (condition === undefined) {
      condition = setCondition(set, this.ruleset.sets, directions, returnNomatch);
      this.sets.set(key, condition);
    }
    this.add(condition);
  }
}
