import type { Atom } from '../../../grammars/nft/atoms.ts';
import type { BinaryOp, Element, Value, Verdict } from './ast.ts';
import { readPlainElements } from './build-elements.ts';
import { Cursor } from './cursor.ts';
import { isValueWord } from './keywords.ts';

/** Brackets in brackets. */
const DEEPEST = 32;

const OPERATORS: Readonly<Record<string, BinaryOp>> = {
  '&': '&',
  '|': '|',
  '^': '^',
  '<<': '<<',
  '>>': '>>',
  and: '&',
  or: '|',
  xor: '^',
  lshift: '<<',
  rshift: '>>',
};

/** From the loosest to the tightest (src/parser_bison.y of nftables). */
const LEVELS: readonly (readonly BinaryOp[])[] = [['|'], ['^'], ['&'], ['<<', '>>']];

/** The bitwise operator that comes next, taken if it is one of these. */
export function takeOperator(cursor: Cursor, allowed?: readonly BinaryOp[]): BinaryOp | undefined {
  const text = cursor.sign() ?? cursor.word();
  const op = text === undefined || !Object.hasOwn(OPERATORS, text) ? undefined : OPERATORS[text];
  if (op === undefined || (allowed !== undefined && !allowed.includes(op))) return undefined;
  cursor.next();
  return op;
}

/** What stands on the right of an operator: only tighter ones belong to it. */
export function readOperand(cursor: Cursor, op: BinaryOp): Value | undefined {
  return readLevel(cursor, LEVELS.findIndex((level) => level.includes(op)) + 1, 0);
}

/** `1:2`, the two numbers of a traffic class, which elsewhere begin a map. */
function readClass(cursor: Cursor): Value | undefined {
  const [major, minor] = [cursor.word(), cursor.word(2)];
  if (cursor.sign(1) !== ':' || !/^[0-9a-f]+$/.test(major ?? '') || !/^[0-9a-f]+$/.test(minor ?? ''))
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
  return readList(cursor);
}

/** `@name` */
export function readSetName(cursor: Cursor): Value | undefined {
  const start = cursor.start;
  if (cursor.takeSign('@') === undefined) return cursor.fail('`@` and the name of a set');
  const name = cursor.identifier('the name of a set');
  return name === undefined ? undefined : { kind: 'set-ref', name, start, end: cursor.end };
}

/** `a,b,c`, or one value. */
function readList(cursor: Cursor): Value | undefined {
  const first = readConcat(cursor);
  if (first === undefined || cursor.sign() !== ',') return first;
  const of = [first];
  while (cursor.takeSign(',') !== undefined) {
    const value = readConcat(cursor);
    if (value === undefined) return undefined;
    of.push(value);
  }
  return { kind: 'list', of, start: first.start, end: cursor.end };
}

/** `a . b . c`, or one value. */
export function readConcat(cursor: Cursor): Value | undefined {
  const first = readRange(cursor);
  if (first === undefined || cursor.sign() !== '.') return first;
  const of = [first];
  while (cursor.takeSign('.') !== undefined) {
    const value = readRange(cursor);
    if (value === undefined) return undefined;
    of.push(value);
  }
  return { kind: 'concat', of, start: first.start, end: cursor.end };
}

/** `a-b`, `a/24`, or one value. */
function readRange(cursor: Cursor): Value | undefined {
  const lo = readBits(cursor);
  if (lo === undefined) return undefined;
  const length = cursor.sign() === '/' ? cursor.word(1) : undefined;
  if (length !== undefined && /^\d{1,3}$/.test(length)) {
    cursor.next();
    cursor.next();
    return { kind: 'prefix', base: lo, length: Number(length), start: lo.start, end: cursor.end };
  }
  if (cursor.takeSign('-') === undefined) return lo;
  const hi = readBits(cursor);
  return hi && { kind: 'range', lo, hi, start: lo.start, end: cursor.end };
}

/** `a | b & c` */
function readBits(cursor: Cursor, depth = 0): Value | undefined {
  return readLevel(cursor, 0, depth);
}

function readLevel(cursor: Cursor, level: number, depth: number): Value | undefined {
  const operators = LEVELS[level];
  if (operators === undefined) return readPrimary(cursor, depth);
  let left = readLevel(cursor, level + 1, depth);
  while (left !== undefined) {
    const op = takeOperator(cursor, operators);
    if (op === undefined) return left;
    const right = readLevel(cursor, level + 1, depth);
    if (right === undefined) return undefined;
    left = { kind: 'binary', op, left, right, start: left.start, end: right.end };
  }
  return undefined;
}

function readPrimary(cursor: Cursor, depth: number): Value | undefined {
  const start = cursor.start;
  if (depth > DEEPEST) return cursor.fail('fewer brackets in brackets');
  if (cursor.takeSign('*') !== undefined) return { kind: 'any', start, end: cursor.end };
  if (cursor.takeSign('(') !== undefined) {
    const inner = readBits(cursor, depth + 1);
    const of = inner === undefined ? [] : [inner];
    while (inner !== undefined && cursor.takeSign(',') !== undefined) {
      const more = readBits(cursor, depth + 1);
      if (more === undefined) return undefined;
      of.push(more);
    }
    if (inner === undefined || cursor.takeSign(')') === undefined) return cursor.fail('`)`');
    return of.length === 1 ? inner : { kind: 'list', of, start, end: cursor.end };
  }
  const bracket = cursor.takeSign('[') !== undefined;
  const atom = cursor.peek();
  if (atom?.kind !== 'word' && atom?.kind !== 'quoted') return cursor.fail('a value');
  if (atom.kind === 'word' && !cursor.problems.free && !isValueWord(atom.text)) return cursor.fail('a value');
  cursor.next();
  if (bracket && cursor.takeSign(']') === undefined) return cursor.fail('`]`');
  return {
    kind: 'symbol',
    text: atom.text,
    quoted: atom.kind === 'quoted',
    start: atom.start,
    end: atom.end,
  };
}

/** A statement's atoms without regard to line breaks. */
function flat(group: Extract<Atom, { kind: 'group' }>): readonly Atom[] {
  return group.body.length === 1 ? (group.body[0] as readonly Atom[]) : group.body.flat();
}

/** The elements between braces. */
export function readElements(group: Extract<Atom, { kind: 'group' }>, outer: Cursor): Element[] {
  const plain = group.flat === undefined ? undefined : readPlainElements(group.flat, group.start + 1);
  if (plain !== undefined) return plain;
  const elements: Element[] = [];
  const cursor = new Cursor(flat(group), outer.problems, { start: group.start, end: group.end - 1 });
  while (!cursor.done) {
    const inner = cursor.peek();
    if (inner?.kind === 'group') {
      cursor.next();
      // A variable that holds a set stands for its elements.
      for (const element of readElements(inner, cursor)) elements.push(element);
    } else {
      const element = readElement(cursor);
      if (element === undefined) break;
      elements.push(element);
    }
    if (!cursor.done && cursor.takeSign(',') === undefined) cursor.fail('`,` or `}`');
    // `22,,23` and a comma at the end are none of nft's errors.
    while (cursor.sign() === ',') cursor.next();
  }
  if (cursor.failed) outer.failed = true;
  return elements;
}

/** `key [options] [: data] [options]` */
function readElement(cursor: Cursor): Element | undefined {
  const key = readConcat(cursor);
  if (key === undefined) return undefined;
  let stateful = readElementOptions(cursor);
  let data: Value | Verdict | undefined;
  if (cursor.takeSign(':') !== undefined) {
    data = readVerdict(cursor) ?? readConcat(cursor);
    if (data === undefined) return undefined;
    stateful = readElementOptions(cursor) || stateful;
  }
  const place = { start: key.start, end: cursor.end };
  return { key, ...(data === undefined ? {} : { data }), stateful, ...place };
}

/** `timeout 1h expires 5m counter packets 0 bytes 0 comment "…"`; whether the element answers only at times. */
function readElementOptions(cursor: Cursor): boolean {
  let stateful = false;
  for (;;) {
    if (cursor.take('timeout', 'expires', 'comment') !== undefined) cursor.next();
    else if (cursor.take('counter') !== undefined) skipPairs(cursor, 'packets', 'bytes');
    else if (cursor.word() === 'limit' || cursor.word() === 'quota' || cursor.word() === 'ct') {
      stateful = true;
      while (!cursor.done && cursor.sign() !== ',' && cursor.sign() !== ':') cursor.next();
    } else return stateful;
  }
}

/** `packets 0 bytes 0` */
export function skipPairs(cursor: Cursor, ...words: readonly string[]): void {
  while (cursor.take(...words) !== undefined) cursor.next();
}

/** A verdict, where one comes. */
export function readVerdict(cursor: Cursor): Verdict | undefined {
  const start = cursor.start;
  const simple = cursor.take('accept', 'drop', 'continue', 'return');
  if (simple !== undefined)
    return { kind: simple as 'accept' | 'drop' | 'continue' | 'return', start, end: cursor.end };
  const jump = cursor.take('jump', 'goto');
  if (jump === undefined) return undefined;
  const chain = cursor.identifier('the name of a chain');
  if (chain === undefined) return undefined;
  return { kind: jump as 'jump' | 'goto', chain, start, end: cursor.end };
}
