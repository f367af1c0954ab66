import { AddressNumbering } from '../packet/numbering.ts';
import type { Ranges } from '../packet/ranges.ts';
import type { Condition, SetCondition } from '../rule/condition.ts';
import type { Rule, Ruleset } from '../rule/ruleset.ts';
import { setCondition } from '../rule/set-condition.ts';
import { PORTS } from './interface-crossing.ts';
import { LONG } from './list-sizes.ts';

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
  const all = ruleset.chains.reduce((sum, { rules }) => sum + rules.length, 0);
  for (const { rules } of ruleset.chains)
    // Where the chain is called from is not asked: every rule of the others may come later.
    for (const [at, rule] of rules.entries()) lists.addRule(rule, all - at - 1);
  return lists.needsBits ? undefined : lists.numbering();
}

/** A condition on single ports has nothing to do with rules about others. */
function namesPorts(match: Condition): boolean {
  const parts = match.kind === 'and' ? match.of : [match];
  return parts.some((part) => part.kind === 'field' && PORTS.has(part.field));
}

/** The long lists of addresses that rules ask for. */
class Lists {
  needsBits = false;
  private readonly ipv4 = new Set<Ranges<number>>();
  private readonly ipv6 = new Set<Ranges<bigint>>();
  private readonly sets = new Map<string, Condition>();
  private bounds = 0;
  private repeated = 0;

  constructor(
    private readonly ruleset: Ruleset,
    private readonly burden: Burden,
  ) {}

  numbering(): AddressNumbering | undefined {
    if (this.repeated < this.burden.fewest || this.bounds > MOST_BOUNDS) return undefined;
    return AddressNumbering.of([...this.ipv4], [...this.ipv6]);
  }

  /** @param later how many rules may see only what this one leaves to them */
  addRule({ match, actions }: Rule, later: number): void {
    const [bounds, repeated] = [this.bounds, this.repeated];
    this.add(match);
    // A list of addresses that are dropped leaves its gaps in what each later rule lets through, whatever port that names.
    const named = this.bounds - bounds + this.repeated - repeated;
    if (named > 0 && !namesPorts(match) && actions.some(({ kind }) => kind !== 'note'))
      this.repeated += named * later;
    for (const action of actions) {
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
        if (condition.values.length <= this.burden.long) return;
        if (condition.family === 4) this.note(this.ipv4, condition.values);
        else this.note(this.ipv6, condition.values);
        return;
      case 'set':
        this.addSet(condition);
    }
  }

  private note<T extends number | bigint>(lists: Set<Ranges<T>>, values: Ranges<T>): void {
    if (lists.has(values)) this.repeated += values.length;
    else this.bounds += values.length;
    lists.add(values);
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
