import type { Selector, Value } from '../ast/ast.ts';
import { beginsExpression, readExpression } from './expression.ts';
import { readRight } from './right.ts';
import { readBits, readOperand, takeOperator } from './value.ts';
import type { Cursor } from './cursor.ts';

/** A selector with its operators, concatenated ones, and a map behind it. */
export function readSelector(cursor: Cursor, bitwise = readBitwise): Selector | undefined {
  const first = bitwise(cursor, 0);
  if (first === undefined) return undefined;
  let selector: Selector = first;
  if (cursor.sign() === '.') {
    const of = [first];
    while (cursor.takeSign('.') !== undefined) {
      const more = bitwise(cursor, 0);
      if (more === undefined) return undefined;
      of.push(more);
    }
    selector = { kind: 'concat', of, start: first.start, end: cursor.end };
  }
  if (cursor.take('map') === undefined) return selector;
  const data = readRight(cursor);
  return data && { kind: 'map', key: selector, data, start: selector.start, end: cursor.end };
}

function readBitwise(cursor: Cursor, depth: number): Selector | undefined {
  if (depth > 32) return cursor.fail('fewer brackets in brackets');
  let left = cursor.sign() === '(' ? readBracket(cursor, depth) : readExpression(cursor, readBitwise);
  while (left !== undefined) {
    const op = takeOperator(cursor);
    if (op === undefined) return left;
    const right = readOperand(cursor, op);
    if (right === undefined) return undefined;
    left = { kind: 'binary', op, left, right, start: left.start, end: right.end };
  }
  return undefined;
}

function readBracket(cursor: Cursor, depth: number, bitwise = readBitwise): Selector | undefined {
  cursor.takeSign('(');
  const inner = bitwise(cursor, depth + 1);
  if (inner === undefined) return undefined;
  return cursor.takeSign(')') === undefined ? cursor.fail('`)`') : inner;
}

/**
 * `ct mark & 0xffff0000 | meta mark & 0xffff`: from 1.1.2 on nft takes an expression on both sides of an operator where a value is
 * assigned (tests/py/any/ct.t of nftables). Which value that gives is not modelled: only that all of it is read.
 */
function readMixed(cursor: Cursor, depth: number): Selector | undefined {
  if (depth > 32) return cursor.fail('fewer brackets in brackets');
  let left =
    cursor.sign() === '(' ? readBracket(cursor, depth, readMixed) : readExpression(cursor, readBitwise);
  while (left !== undefined) {
    const op = takeOperator(cursor);
    if (op === undefined) return left;
    const { start }: Selector = left;
    if (beginsSource(cursor)) {
      // All operators behind it are taken for its own, as the value is unknown either way.
      const right = readMixed(cursor, depth + 1);
      return right && { kind: 'other', stateful: false, of: [left, right], start, end: cursor.end };
    }
    const right = readOperand(cursor, op);
    if (right === undefined) return undefined;
    left = { kind: 'binary', op, left, right, start, end: right.end };
  }
  return undefined;
}

/** What a rule adds to a set: an expression or a constant, or several of them. */
export function readDynamicKey(cursor: Cursor): Selector | undefined {
  const of: Selector[] = [];
  do {
    const part = beginsExpression(cursor) ? readBitwise(cursor, 0) : constant(readBits(cursor));
    if (part === undefined) return undefined;
    of.push(part);
  } while (cursor.takeSign('.') !== undefined);
  const [first] = of as [Selector];
  return of.length > 1 ? { kind: 'concat', of, start: first.start, end: cursor.end } : first;
}

function constant(value: Value | undefined): Selector | undefined {
  return value && { kind: 'value', value, start: value.start, end: value.end };
}

/** What is assigned, translated to, or looked up: a selector, or a plain value. */
export function readSource(
  cursor: Cursor,
  value: (cursor: Cursor) => Value | undefined,
): Selector | undefined {
  return beginsSource(cursor) ? readSelector(cursor, readMixed) : constant(value(cursor));
}

function beginsSource(cursor: Cursor): boolean {
  let ahead = 0;
  while (ahead < 32 && cursor.sign(ahead) === '(') ahead++;
  return beginsExpression(cursor, ahead);
}
