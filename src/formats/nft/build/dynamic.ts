import { isWord } from '../../../../grammars/nft/atoms.ts';
import type { Selector } from '../ast/ast.ts';
import { readDynamicKey } from './selector.ts';
import { connectionAmount, readCounts, readLimit, readQuota } from './amounts.ts';
import { readLifetime, readTime } from '../types/time.ts';
import type { Cursor } from './cursor.ts';
import type { StatementReader } from './statement-reader.ts';

/** `add @set { ip saddr … }`, `update @set { … }`, `delete @set { … }`. */
export const dynamic: StatementReader = (cursor, start, mark) => {
  const op = cursor.next();
  if (cursor.takeSign('@') === undefined) return cursor.fail('`@` and the name of a set');
  const name = cursor.name('the name of a set');
  const group = cursor.next();
  if (group?.kind !== 'group' || group.body.length !== 1) return cursor.fail('`{` and an element');
  const { key, data, counts, connections, times } = readBraced(cursor, group.body[0] ?? [], group);
  const text = cursor.textSince(mark);
  const place = { start, end: cursor.end };
  if (isWord(op, 'delete'))
    return {
      kind: 'note',
      text,
      refers: `set ${name}`,
      ...(key && { key }),
      ...(data && { data }),
      ...place,
    };
  const more = { ...(name && { changes: name }), ...(key && { key }), ...(data && { data }) };
  const each = { ...(connections && { connections }), ...(times && { times }), counts };
  return { kind: 'uncertain', text, ...more, ...each, ...place };
};

/** What stands between the braces: the key, what is counted of it, and what a map gives for it. */
interface Braced {
  readonly key: Selector | undefined;
  readonly data?: Selector;
  /** The words that begin its counters and limits. */
  readonly counts: readonly string[];
  readonly connections: boolean;
  readonly times: boolean;
}

/** `ip saddr timeout 1m limit rate 3/minute`, and `: data` for a map. */
function readBraced(outer: Cursor, atoms: Cursor['atoms'], place: { start: number; end: number }): Braced {
  const cursor = outer.within(atoms, place);
  const key = readDynamicKey(cursor);
  let times = readOptions(cursor);
  const { counts, connections } = readLimits(cursor);
  const data = cursor.takeSign(':') === undefined ? undefined : readDynamicKey(cursor);
  if (data !== undefined && readOptions(cursor)) times = true;
  if (!cursor.done) cursor.fail('`timeout`, `counter`, `limit`, `quota`, `ct count` or `}`');
  if (cursor.failed) outer.failed = true;
  return { key, ...(data && { data }), counts, connections, times };
}

/**
 * `timeout 1m expires 5s`; comments are for elements that are listed (src/evaluate.c of nftables, stmt_evaluate_set). Of what a rule
 * adds nft tells the kernel the first alone (src/netlink_linearize.c, netlink_gen_set_stmt): whether it stands there is returned.
 */
function readOptions(cursor: Cursor): boolean {
  for (let lives = false; ; ) {
    const option = cursor.take('timeout', 'expires');
    if (option === undefined) return lives;
    if (option === 'timeout') {
      readLifetime(cursor);
      lives = true;
    } else readTime(cursor);
  }
}

/** What an element counts or limits (src/parser_bison.y of nftables, stateful_stmt). */
function readLimits(cursor: Cursor): { readonly counts: readonly string[]; readonly connections: boolean } {
  let connections = false;
  const counts: string[] = [];
  for (;;) {
    const word = cursor.take('counter', 'limit', 'quota', 'ct', 'last');
    if (word === undefined) return { counts, connections };
    counts.push(word);
    if (word === 'counter') readCounts(cursor);
    else if (word === 'limit') {
      if (cursor.take('rate') === undefined) cursor.fail('`rate`');
      cursor.take('over');
      readLimit(cursor);
    } else if (word === 'quota') {
      cursor.take('over', 'until');
      readQuota(cursor);
    } else if (word === 'last') {
      if (cursor.take('used') !== undefined) cursor.name('a time, or `never`');
    } else {
      connections = true;
      connectionAmount(cursor);
    }
  }
}

/** `set add ip saddr @s`, the old form of the above. */
export const oldDynamic: StatementReader = (cursor, start, mark) => {
  cursor.next();
  const op = cursor.take('add', 'update', 'delete');
  if (op === undefined) return cursor.fail('`add`, `update` or `delete`');
  const key = readDynamicKey(cursor);
  const times = readOptions(cursor);
  if (cursor.takeSign('@') === undefined) return cursor.fail('`@` and the name of a set');
  const changes = cursor.name('the name of a set');
  const text = cursor.textSince(mark);
  const more = { ...(changes !== undefined && { changes }), ...(key && { key }), ...(times && { times }) };
  return { kind: 'uncertain', text, ...more, start, end: cursor.end };
};

/** `meter x size 128 { ip saddr limit rate 3/minute }`, and `flow table x { … }`. */
export const meter: StatementReader = (cursor, start, mark) => {
  cursor.next();
  const name = cursor.identifier('the name of a meter');
  if (cursor.take('size') !== undefined) cursor.count();
  const group = cursor.next();
  if (group?.kind !== 'group' || group.body.length !== 1) return cursor.fail('`{` and a key');
  const { counts, key, times, connections } = readBraced(cursor, group.body[0] ?? [], group);
  const parts = key?.kind === 'concat' ? key.of : [key];
  if (parts.some((part) => part?.kind === 'value')) return cursor.fail('expressions, as a meter has no type');
  if (counts.length !== 1) return cursor.fail('one limit, quota or counter in the braces');
  // net/netfilter/nft_connlimit.c has elements that last as long as their connections.
  if (times && connections) return cursor.fail('`ct count` without a timeout');
  const text = cursor.textSince(mark);
  const more = { ...(name && { meter: name }), ...(key && { reads: [key] }) };
  return { kind: 'uncertain', text, ...more, start, end: cursor.end };
};
