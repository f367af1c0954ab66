import type { Element, NamedSet, Place, Rule, Table } from '../ast/ast.ts';
import { rulesOf } from '../ast/walk.ts';
import { checkRule } from './rule.ts';
import { checkSet } from './tables.ts';
import { checkTarget, isVerdict } from './value.ts';
import type { Problems } from '../problems.ts';
import { takenAway, tellMadeAnew } from '../script/still-named.ts';

/**
 * Checks what commands make against the tables as they are by then, and what they take away: nft and the kernel look at
 * each command in its turn, also at rules that a later one removes (src/libnftables.c of nftables, nft_evaluate;
 * net/netfilter/nf_tables_api.c). JSON lists each chain with its rules, also jumps to chains that follow: there what is left
 * is checked at the end.
 */
export class CommandChecks {
  private readonly checked = new WeakSet<Rule>();
  private readonly wrong = new WeakSet<Rule>();
  /** How many errors were found here: with others the tables are not what the commands say. */
  found = 0;
  /** Something was taken away or renamed, so that what was right before may not be any more. */
  private changed = false;

  constructor(private readonly problems: Problems) {}

  /** A rule stands in its chain, and the command that made it has ended. */
  ruleMade(table: Table, rule: Rule): void {
    if (this.problems.free) return;
    this.checked.add(rule);
    const before = this.problems.errors.length;
    this.check([rule], table);
    if (this.problems.errors.length > before) this.wrong.add(rule);
    this.found += this.problems.errors.length - before;
  }

  /** A verdict map stands in its table. */
  mapMade(table: Table, { verdicts, elements }: NamedSet): void {
    if (verdicts) this.targets(table, elements);
  }

  /** Elements were added: chains that they lead to must be there. */
  targets(table: Table, elements: readonly Element[]): void {
    if (this.problems.free) return;
    for (const { data } of elements)
      if (data !== undefined && isVerdict(data) && !this.problems.enough)
        checkTarget(data, { table, problems: this.problems });
  }

  /** Rules go away: until now all that they name had to be there. */
  rulesGone(table: Table, rules: readonly Rule[]): void {
    this.changed = true;
    if (this.problems.errors.length === 0) this.check(rules, table);
  }

  /** A set, or its elements, go away. */
  setGone(table: Table, set: NamedSet | undefined): void {
    this.changed = true;
    if (set !== undefined && this.problems.errors.length === 0)
      checkSet(set, { table, problems: this.problems });
  }

  /** A table goes away as a whole. */
  tableGone(table: Table | undefined): void {
    for (const set of table?.sets.values() ?? []) this.setGone(table as Table, set);
  }

  /** What rules may name goes away (`set s`), or gets another name. */
  nameGone(table?: Table, what?: string, place?: Place): void {
    this.changed = true;
    if (table !== undefined && what !== undefined && place !== undefined) takenAway(table, what, place);
  }

  /** What rules may name is there from now on. */
  nameMade(table: Table, what: string): void {
    tellMadeAnew(table, what, this.problems);
  }

  /** Whether nothing could have become of the rule since it was checked. */
  isChecked(rule: Rule): boolean {
    return this.checked.has(rule) && (!this.changed || this.wrong.has(rule));
  }

  private check(rules: readonly Rule[], table: Table): void {
    for (const rule of rulesOf({ rules })) {
      if (this.problems.enough) return;
      checkRule(rule, { table, problems: this.problems });
    }
  }
}
