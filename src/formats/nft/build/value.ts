import type { Atom } from '../../../../grammars/nft/atoms.ts';
import type { BinaryOp, Value } from '../ast/ast.ts';
import { type Cursor, numberOf } from './cursor.ts';
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

/** `a . b . c`, or one value. */
export function readConcat(cursor: Cursor): Value | undefined {
  return readJoined(cursor, '.', 'concat', readRange);
}

/** One of a comparison's values: what stands behind a slash is a mask where a list begins there (`0x2 / 0x2,0x10`). */
export function readCompared(cursor: Cursor): Value | undefined {
  return readJoined(cursor, '.', 'concat', (inner) => (masked(inner) ? readBits(inner) : readRange(inner)));
}

const masked = (cursor: Cursor): boolean =>
  cursor.sign(1) === '/' && numberOf(cursor.word(2)) !== undefined && cursor.sign(3) === ',';

/** Values with a sign between them, as one of that kind; one value is itself. */
export function readJoined(
  cursor: Cursor,
  sign: string,
  kind: 'concat' | 'list',
  read: (cursor: Cursor) => Value | undefined,
): Value | undefined {
  const first = read(cursor);
  if (first === undefined || cursor.sign() !== sign) return first;
  const of = [first];
  while (cursor.takeSign(sign) !== undefined) {
    const value = read(cursor);
    if (value === undefined) return undefined;
    of.push(value);
  }
  return { kind, of, start: first.start, end: cursor.end };
}

/** `a-b`, `a/24`, or one value. */
function readRange(cursor: Cursor): Value | undefined {
  const lo = readBits(cursor);
  if (lo === undefined) return undefined;
  const slash = cursor.sign() === '/' ? cursor.peek() : undefined;
  const whole = slash?.kind === 'sign' && slash.variable === true;
  const length = slash && numberOf(whole ? cursor.word(1) : cursor.keyword(1));
  if (length !== undefined) {
    cursor.next();
    cursor.next();
    return { kind: 'prefix', base: lo, length: Number(length), start: lo.start, end: cursor.end };
  }
  if (cursor.takeSign('-') === undefined) return lo;
  const hi = readBits(cursor);
  return hi && { kind: 'range', lo, hi, start: lo.start, end: cursor.end };
}

/** `a | b & c`: no range, no list. */
export function readBits(cursor: Cursor, depth = 0): Value | undefined {
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
  if (cursor.takeSign('(') !== undefined) {
    const inner = readBits(cursor, depth + 1);
    const of = inner === undefined ? [] : [inner];
    // What JSON gives as a list of bits is written in brackets.
    while (inner !== undefined && cursor.problems.free && cursor.takeSign(',') !== undefined) {
      const more = readBits(cursor, depth + 1);
      if (more === undefined) return undefined;
      of.push(more);
    }
    if (inner === undefined || cursor.takeSign(')') === undefined) return cursor.fail('`)`');
    return of.length === 1 ? inner : { kind: 'list', of, start, end: cursor.end };
  }
  // Brackets are for addresses of IPv6, before a port.
  const bracket = isColonAddress(cursor.peek(1)) && cursor.takeSign('[') !== undefined;
  const atom = cursor.peek();
  if (atom?.kind !== 'word' && atom?.kind !== 'quoted') return cursor.fail('a value');
  if (atom.kind === 'word' && !cursor.problems.free && !isValueWord(atom.text)) return cursor.fail('a value');
  cursor.next();
  const { text, end } = atom;
  const symbol = { kind: 'symbol', text, quoted: atom.kind === 'quoted', start: atom.start, end } as const;
  if (!bracket || cursor.takeSign(']') !== undefined) return symbol;
  return readListedRange(symbol, cursor, start);
}

/** `[fd00::1-fd00::5]`, as a rule of ip6tables-nft is listed (extensions/libip6t_DNAT.c of iptables, DNAT_xlate). */
function readListedRange(lo: Value, cursor: Cursor, start: number): Value | undefined {
  const to = cursor.takeSign('-') === undefined ? undefined : cursor.peek();
  if (to?.kind !== 'word' || !isColonAddress(to)) return cursor.fail('`]`');
  cursor.next();
  if (cursor.takeSign(']') === undefined) return cursor.fail('`]`');
  const hi = { kind: 'symbol', text: to.text, quoted: false, start: to.start, end: to.end } as const;
  return { kind: 'range', lo, hi, start, end: cursor.end };
}

function isColonAddress(atom: Atom | undefined): boolean {
  return atom?.kind === 'word' && /:.*:/.test(atom.text);
}
