import type { Cursor } from '../build/cursor.ts';
import { beginsExpression, readExpression } from '../build/expression.ts';
import { readSelector } from '../build/selector.ts';

const VERDICTS = new Set(['accept', 'drop', 'continue', 'return', 'jump', 'goto']);

/**
 * Reads what stands behind `describe`: an expression without operators, a type or a value (src/parser_bison.y of nftables, describe_cmd).
 * What nft says of it is nothing of the rules, but where it refuses it, it loads nothing of the file.
 */
export function checkDescription(cursor: Cursor): void {
  const atom = cursor.peek();
  const word = cursor.keyword();
  if (beginsExpression(cursor)) readExpression(cursor, (inner) => readSelector(inner));
  else if (cursor.sign() === '(') readSelector(cursor);
  else if (atom === undefined || atom.kind === 'group' || (word !== undefined && VERDICTS.has(word)))
    cursor.fail('an expression, a type or a value');
  else cursor.next();
  if (!cursor.failed && !cursor.done) cursor.fail('the end of the statement');
}
