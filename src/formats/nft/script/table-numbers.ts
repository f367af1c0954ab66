import type { Handled, Place } from '../ast/ast.ts';
import type { Problems } from '../problems.ts';

/**
 * The numbers of tables: those of a listing, else those that the kernel gives what a script makes. A network namespace
 * counts all its tables from 1 on, also those that are gone (net/netfilter/nf_tables_api.c, nf_tables_newtable).
 */
export class TableNumbers {
  private readonly numbers = new WeakMap<Handled, number>();
  private last = 0;

  /** A table was made, and was not there before. */
  made(table: Handled): void {
    this.numbers.set(table, ++this.last);
  }

  /**
   * The number of one of the tables.
   * @returns nothing where a listing has numbers of others and none of this one
   */
  of(table: Handled, all: Iterable<Handled>): number | undefined {
    if (table.handle !== undefined) return table.handle;
    for (const { handle } of all) if (handle !== undefined) return undefined;
    return this.numbers.get(table);
  }

  /** Says what a number that was counted here rests on. */
  tell(table: Handled | undefined, place: Place, problems: Problems): void {
    if (table === undefined) return;
    problems.cover(
      'approximated',
      place,
      'the number of this table is right where the kernel has had no other tables before this script',
    );
  }
}
