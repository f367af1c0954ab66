import type { Family, Table } from '../ast/ast.ts';
import type { Cursor } from '../build/cursor.ts';

/** Families of tables (`nft(8)`, ADDRESS FAMILIES). */
export const FAMILIES: readonly Family[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];

/** `flags dormant`; listings may have several. */
export function readFlags(table: Table, cursor: Cursor): void {
  const flags = ['dormant', 'owner', 'persist'];
  do {
    const flag = cursor.take(...flags);
    if (flag === undefined) cursor.fail(`one of ${flags.join(', ')}`);
    table.dormant ||= flag === 'dormant';
  } while (cursor.takeSign(',') !== undefined);
  if (!cursor.done) cursor.fail('the end of the statement');
}

/** Whether a statement without a verb may be a rule: the names of a table and a chain, and what it does. */
export function beginsRule(cursor: Cursor): boolean {
  const offset = FAMILIES.includes(cursor.word() as Family) ? 1 : 0;
  return cursor.peek(offset + 2) !== undefined && cursor.word(offset) !== undefined;
}

/** `helper`, `timeout` or `expectation` behind `ct`. */
export function ctObject(cursor: Cursor): string {
  const kind = cursor.take('helper', 'timeout', 'expectation');
  if (kind === undefined) cursor.fail('`helper`, `timeout` or `expectation`');
  return `ct ${kind}`;
}
