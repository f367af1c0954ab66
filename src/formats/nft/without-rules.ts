import type { Table } from './ast/ast.ts';
import type { Problems } from './problems.ts';

const REASON =
  'no chain of this listing has a rule. `nft list tables`, `nft list chains` and `nft list sets` print such parts of a ruleset: what is said of it holds if `nft list ruleset` printed it';

/** Tells of a listing that has tables and not one rule: it may be a part of what the kernel has, and nothing in it says so. */
export function tellWithoutRules(tables: readonly Table[], listing: boolean, problems: Problems): void {
  const [first] = tables;
  if (!listing || first === undefined) return;
  const empty = tables.every(({ chains }) => [...chains.values()].every(({ rules }) => rules.length === 0));
  if (empty) problems.coverFirst('approximated', first, REASON);
}
