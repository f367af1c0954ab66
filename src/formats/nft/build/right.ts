import type { Value } from '../ast/ast.ts';
import { readElements } from './element.ts';
import { readCompared, readJoined } from './value.ts';
import type { Cursor } from './cursor.ts';

/** `1:2`, a traffic class, in one string of JSON; in the text it is one word. */
function readClass(cursor: Cursor): Value | undefined {
  const [major, minor] = [cursor.word(), cursor.word(2)];
  if (
    !cursor.problems.free ||
    cursor.sign(1) !== ':' ||
    !/^[0-9a-f]+$/.test(major ?? '') ||
    !/^[0-9a-f]+$/.test(minor ?? '')
  )
    return undefined;
  const { start } = cursor;
  for (let part = 0; part < 3; part++) cursor.next();
  return { kind: 'symbol', text: `${major}:${minor}`, quoted: false, start, end: cursor.end };
}

/** What can stand on the right of a comparison. */
export function readRight(cursor: Cursor): Value | undefined {
  const first = cursor.peek();
  const traffic = readClass(cursor);
  if (traffic !== undefined) return traffic;
  if (first?.kind === 'group') {
    cursor.next();
    return { kind: 'set', elements: readElements(first, cursor), start: first.start, end: first.end };
  }
  if (cursor.sign() === '@') return readSetName(cursor);
  // `a,b,c`, or one value.
  return readJoined(cursor, ',', 'list', readCompared);
}

/** `@name` */
export function readSetName(cursor: Cursor): Value | undefined {
  const start = cursor.start;
  if (cursor.takeSign('@') === undefined) return cursor.fail('`@` and the name of a set');
  const name = cursor.identifier('the name of a set');
  return name === undefined ? undefined : { kind: 'set-ref', name, start, end: cursor.end };
}
