import type { Atom } from '../../../grammars/nft/atoms.ts';
import { readDynamicKey } from './build-selector.ts';
import { Cursor } from './cursor.ts';
import type { StatementReader } from './statement-reader.ts';

/** `add @set { ip saddr … }`, `update @set { … }`, `delete @set { … }`. */
export const dynamic: StatementReader = (cursor, start, mark) => {
  const op = cursor.next();
  if (cursor.takeSign('@') === undefined) return cursor.fail('`@` and the name of a set');
  const name = cursor.name('the name of a set');
  const group = cursor.next();
  if (group?.kind !== 'group' || group.body.length !== 1) return cursor.fail('`{` and an element');
  const key = readDynamicKey(new Cursor(group.body[0] as readonly Atom[], cursor.problems, group));
  if (key === undefined) cursor.failed = true;
  const text = cursor.textSince(mark);
  const place = { start, end: cursor.end };
  if (op?.kind === 'word' && op.text === 'delete') return { kind: 'note', text, ...place };
  return { kind: 'uncertain', text, ...(name && { changes: name }), ...(key && { key }), ...place };
};

/** `set add ip saddr @s`, the old form of the above. */
export const oldDynamic: StatementReader = (cursor, start, mark) => {
  cursor.next();
  cursor.take('add', 'update', 'delete');
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
  const key = readDynamicKey(new Cursor(group.body[0] as readonly Atom[], cursor.problems, group));
  if (key === undefined) cursor.failed = true;
  return { kind: 'uncertain', text: cursor.textSince(mark), start, end: cursor.end };
};
