import type { GroupAtom } from '../../../../grammars/nft/atoms.ts';
import type { Place, Table } from '../ast/ast.ts';
import { checkEnd } from './block-end.ts';
import { type BlockContext, cursorOf } from './block.ts';
import { readDeviceLine, readPriority } from './hook.ts';
import type { Cursor } from './cursor.ts';
import type { Scope } from './variables.ts';

/** The flowtable whose block is read. */
interface Declared {
  readonly table: Table;
  readonly place: Place;
  /** It was not there before. */
  readonly fresh: boolean;
}

const PARTS = '`hook ingress priority …`, `devices = { … }`, `counter` or `flags offload`';

/**
 * Checks `{ hook ingress priority 0; devices = { eth0 }; counter; flags offload; }` (src/parser_bison.y of nftables,
 * flowtable_block). Nothing in it decides anything: what a flowtable passes by, the rules have passed before.
 */
export function readFlowtable(
  block: GroupAtom,
  { table, place, fresh }: Declared,
  scope: Scope,
  context: BlockContext,
): void {
  const { problems } = context;
  // net/netfilter/nf_flow_table_inet.c: the kernel has flowtables of these.
  if (!['ip', 'ip6', 'inet'].includes(table.family))
    problems.error('wrong-family', place, `tables of ${table.family} have no flowtables`, {
      expected: 'a table of ip, ip6 or inet',
    });
  let hooked = false;
  let last: 'counter' | 'other' = 'other';
  context.includes.walk(block.body, scope, (raw) => {
    const cursor = cursorOf(scope.expand(raw), raw, problems);
    if (cursor === undefined) return;
    do {
      last = cursor.word() === 'counter' ? 'counter' : 'other';
      hooked ||= cursor.word() === 'hook';
      readPart(cursor);
      // A counter alone needs no end of its own.
    } while (last === 'counter' && !cursor.done);
    if (!cursor.done) cursor.fail('the end of the statement');
  });
  if (problems.free || problems.errors.length > 0) return;
  if (last === 'other') checkEnd(block, problems);
  if (fresh && !hooked)
    problems.error('missing-option', block, 'this flowtable has no hook', {
      expected: '`hook ingress priority …;`',
    });
}

function readPart(cursor: Cursor): void {
  if (cursor.word() === 'devices') {
    readDeviceLine(cursor);
    return;
  }
  switch (cursor.take('hook', 'counter', 'flags')) {
    case 'hook':
      // net/netfilter/nf_tables_api.c, nft_flowtable_parse_hook: NF_NETDEV_INGRESS alone.
      if (cursor.take('ingress') === undefined) cursor.fail('`ingress`: flowtables are at no other hook');
      if (cursor.take('priority') === undefined) cursor.fail('`priority`');
      readPriority(cursor, 'netdev', 'ingress');
      return;
    case 'flags':
      if (cursor.take('offload') === undefined) cursor.fail('`offload`');
      return;
    case 'counter':
      return;
    default:
      cursor.fail(PARTS);
  }
}
