import type { Rule } from '../../rule/ruleset.ts';
import type { Place } from './ast.ts';
import type { BuiltinChain } from './tables.ts';

/** One chain while its table's section is read. */
export interface ChainState {
  readonly id: string;
  name: string;
  readonly builtin?: BuiltinChain;
  policy: 'accept' | 'drop';
  /** The command (or section, `*`) that came after the policy, where that may have made the chain anew, with another. */
  anew?: { readonly by: '-X' | '-Z' | '*'; readonly place: Place } | undefined;
  /** Something was said about it; a built-in chain that nobody speaks of is not there. */
  touched: boolean;
  origin: Place;
  readonly rules: RuleList;
}

/**
 * The rules of a chain. A file of a hundred thousand `-I` lines is as fast as one of `-A` lines: what is inserted at
 * the front is kept apart, last first, until somebody needs another place.
 */
export class RuleList {
  private front: Rule[] = [];
  private rules: Rule[] = [];

  get length(): number {
    return this.front.length + this.rules.length;
  }

  /** Puts a rule before the one at the 0-based place; the length appends. */
  insert(at: number, rule: Rule): void {
    if (at === this.length) this.rules.push(rule);
    else if (at === 0) this.front.push(rule);
    else this.all().splice(at, 0, rule);
  }

  /** Takes the rule at the 0-based place out. */
  remove(at: number): Rule | undefined {
    return this.all().splice(at, 1)[0];
  }

  /** Puts another rule at the 0-based place. */
  replace(at: number, rule: Rule): void {
    this.all()[at] = rule;
  }

  /** Empties the list and gives what was in it. */
  clear(): readonly Rule[] {
    const all = this.all();
    this.rules = [];
    return all;
  }

  /** The place of the first rule of which the test holds; -1 where there is none. */
  findIndex(test: (rule: Rule) => boolean): number {
    return this.all().findIndex(test);
  }

  /** The rules in order. */
  all(): Rule[] {
    if (this.front.length > 0) {
      this.rules = this.front.reverse().concat(this.rules);
      this.front = [];
    }
    return this.rules;
  }
}
