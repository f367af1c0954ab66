import type { Selector } from './ast.ts';
import { readDynamicKey } from './build-selector.ts';
import { connectionAmount, readAmount, readLimit } from './build-limit.ts';
import { readTime } from './time.ts';
import type { Cursor } from './cursor.ts';
import type { StatementReader } from './statement-reader.ts';

/** `add @set { ip saddr … }`, `update @set { … }`, `delete @set { … }`. */
export const dynamic: StatementReader = (cursor, start, mark) => {
  const op = cursor.next();
  if (cursor.takeSign('@') === undefined) return cursor.fail('`@` and the name of a set');
  const name = cursor.name('the name of a set');
  const group = cursor.next();
  if (group?.kind !== 'group' || group.body.length !== 1) return cursor.fail('`{` and an element');
  const key = readBraced(cursor, group.body[0] ?? [], group);
  const text = cursor.textSince(mark);
  const place = { start, end: cursor.end };
  if (op?.kind === 'word' && op.text === 'delete')
    return { kind: 'note', text, refers: `set ${name}`, ...(key && { key }), ...place };
  return { kind: 'uncertain', text, ...(name && { changes: name }), ...(key && { key }), ...place };
};

/** `ip saddr timeout 1m limit rate 3/minute`, and `: data` for a map. */
function readBraced(outer: Cursor, atoms: Cursor['atoms'], place: { start: number; end: number }) {
  const cursor = outer.within(atoms, place);
  const key: Selector | undefined = readDynamicKey(cursor);
  while (cursor.take('timeout', 'expires') !== undefined) readTime(cursor);
  readLimits(cursor);
  if (cursor.takeSign(':') !== undefined) cursor.rest();
  if (!cursor.done) cursor.fail('`timeout`, `counter`, `limit`, `quota`, `ct count` or `}`');
  if (cursor.failed) outer.failed = true;
  return key;
}

/** What an element counts or limits (src/parser_bison.y of nftables, set_elem_stmt). */
function readLimits(cursor: Cursor): void {
  for (;;) {
    const word = cursor.take('counter', 'limit', 'quota', 'ct', 'last');
    if (word === undefined) return;
    if (word === 'counter') {
      if (cursor.take('packets') !== undefined) cursor.count();
      if (cursor.take('bytes') !== undefined) cursor.count();
    } else if (word === 'limit') {
      if (cursor.take('rate') === undefined) cursor.fail('`rate`');
      cursor.take('over');
      readLimit(cursor);
    } else if (word === 'quota') {
      cursor.take('over', 'until');
      readAmount(cursor);
      if (cursor.take('used') !== undefined) readAmount(cursor);
    } else if (word === 'last') {
      if (cursor.take('used') !== undefined) cursor.name('a time, or `never`');
    } else connectionAmount(cursor);
  }
}

/** `set add ip saddr @s`, the old form of the above. */
export const oldDynamic: StatementReader = (cursor, start, mark) => {
  cursor.next();
  if (cursor.take('add', 'update', 'delete') === undefined) return cursor.fail('`add`, `update` or `delete`');
  while (!cursor.done && cursor.sign() !== '@') cursor.next();
  cursor.takeSign('@');
  const changes = cursor.name('the name of a set');
  const text = cursor.textSince(mark);
  return { kind: 'uncertain', text, ...(changes === undefined ? {} : { changes }), start, end: cursor.end };
};

/** `meter x size 128 { ip saddr limit rate 3/minute }` */
export const meter: StatementReader = (cursor, start, mark) => {
  cursor.next();
  cursor.identifier('the name of a meter');
  if (cursor.take('size') !== undefined) cursor.count();
  const group = cursor.next();
  if (group?.kind !== 'group' || group.body.length !== 1) return cursor.fail('`{` and a key');
  readBraced(cursor, group.body[0] ?? [], group);
  return { kind: 'uncertain', text: cursor.textSince(mark), start, end: cursor.end };
};
