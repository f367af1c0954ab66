import type { CompareOp, Selector, Statement, Value } from '../ast/ast.ts';
import { readSelector, readSource } from './selector.ts';
import { readRight } from './right.ts';
import { type Cursor, numberOf } from './cursor.ts';
import { takenWords } from './object-names.ts';
import { expressionType } from '../types/types.ts';

const COMPARE: Readonly<Record<string, CompareOp>> = {
  '==': '==',
  '!=': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
  eq: '==',
  ne: '!=',
  lt: '<',
  gt: '>',
  le: '<=',
  ge: '>=',
};

/** A match, a verdict map, or an assignment: what begins with an expression. */
export function readComparison(cursor: Cursor): Statement | undefined {
  const mark = cursor.mark;
  const left = readSelector(cursor);
  if (left === undefined) return undefined;
  const { start } = left;
  if (cursor.take('vmap') !== undefined) {
    const data = readRight(cursor);
    return data && { kind: 'vmap', key: left, data, text: cursor.textSince(mark), start, end: cursor.end };
  }
  if (cursor.take('set') !== undefined) return readAssignment(cursor, left, mark);
  if (isListedStatus(left, cursor)) return readNoStatus(left, cursor, mark);
  const sign = cursor.sign() ?? cursor.word() ?? '';
  // `ct state ! established`: none of the bits.
  if (sign === '!' || sign === 'not') {
    cursor.next();
    const none = onlyOne(readRight(cursor));
    if (none === undefined) return undefined;
    const zero = { kind: 'symbol', text: '0', quoted: false, start: none.start, end: none.end } as const;
    const text = cursor.textSince(mark);
    const what = { kind: 'match', left, op: '==', right: zero, mask: none, none: true } as const;
    return { ...what, text, start, end: cursor.end };
  }
  const op = Object.hasOwn(COMPARE, sign) ? COMPARE[sign] : undefined;
  if (op !== undefined) cursor.next();
  else if (isHelper(left) && CT_WORDS.includes(cursor.keyword() ?? ''))
    return cursor.fail('a name in quotation marks, or one behind `==`');
  const right = readRight(cursor);
  if (right === undefined) return undefined;
  const listed = readNumberMask(left, right, op, cursor, mark);
  if (listed !== undefined) return listed;
  // `syn / fin,syn,rst,ack`
  const mask = cursor.takeSign('/') === undefined ? undefined : readMask(right, cursor, op);
  if (cursor.failed) return undefined;
  const text = cursor.textSince(mark);
  return {
    kind: 'match',
    left,
    op: op ?? 'implicit',
    right,
    ...(mask && { mask }),
    text,
    start,
    end: cursor.end,
  };
}

/** A set of one value is that value. */
function onlyOne(value: Value | undefined): Value | undefined {
  if (value?.kind !== 'set') return value;
  const [only, ...more] = value.elements;
  return only === undefined || more.length > 0 || only.data !== undefined ? value : only.key;
}

const isHelper = (left: Selector): boolean => left.kind === 'ct' && left.key === 'helper';

/** Behind `ct` these are words of nft's own, up to an operator (src/scanner.l of nftables, SCANSTATE_CT). */
const CT_WORDS: readonly string[] = takenWords('ct').filter(
  (word) => word !== 'original' && word !== 'reply',
);

/** `ct status counter`, `ct status ! counter`: what nft lists of `--ctstatus NONE` (libxt_conntrack.c, status_xlate_print). */
function isListedStatus(left: Selector, cursor: Cursor): boolean {
  if (left.kind !== 'ct' || left.key !== 'status') return false;
  return cursor.keyword(cursor.sign() === '!' ? 1 : 0) === 'counter';
}

function readNoStatus({ start }: Selector, cursor: Cursor, mark: number): Statement {
  cursor.takeSign('!');
  return { kind: 'uncertain', text: cursor.textSince(mark), start, end: cursor.end };
}

/**
 * The mask is a list of several bits, or else what stands before the slash is a prefix (src/parser_bison.y of nftables). But
 * nft lists `tcp flags & ack == syn` as `tcp flags syn / ack`, which it does not read itself.
 */
function readMask(value: Value, cursor: Cursor, op: CompareOp | undefined): Value | undefined {
  const mask = readRight(cursor);
  const listed = mask?.kind === 'symbol' && numberOf(mask.text) === undefined && !isSymbol(value, mask.text);
  if (mask !== undefined && mask.kind !== 'list' && !listed && !cursor.problems.free)
    return cursor.fail('`,` and another bit: a mask is a list');
  if (op !== undefined && op !== '==' && op !== '!=') return cursor.fail('`==` or `!=` with a mask');
  return mask;
}

/**
 * `tcp flags 0x2 / 0x10`: so `nft -n` lists `tcp flags & ack == syn`, in hexadecimal. It reads that as a prefix, and refuses it where
 * it is too long for one; where it is not, either may be meant (src/expression.c of nftables before 1.1.4, flagcmp_expr_print).
 */
function readNumberMask(
  left: Selector,
  right: Value,
  op: CompareOp | undefined,
  cursor: Cursor,
  mark: number,
): Statement | undefined {
  if (right.kind !== 'prefix' || right.base.kind !== 'symbol' || cursor.problems.free) return undefined;
  const bits = flagBits(left);
  const written = /\/\s*(0x[0-9a-f]+)$/.exec(cursor.problems.textAt(right))?.[1];
  const single = (right.length & (right.length - 1)) === 0;
  if (bits === undefined || written === undefined || right.length === 0 || !single) return undefined;
  const { start } = left;
  const place = { text: cursor.textSince(mark), start, end: cursor.end };
  if (right.length <= bits) return { kind: 'uncertain', reads: [left], ...place };
  const mask = { kind: 'symbol', text: written, quoted: false, start: right.start, end: right.end } as const;
  return { kind: 'match', left, op: op ?? 'implicit', right: right.base, mask, ...place };
}

/** How many bits a field of flags has. */
function flagBits(left: Selector): number | undefined {
  const words =
    left.kind === 'payload' ? `${left.protocol} ${left.field}` : left.kind === 'ct' ? `ct ${left.key}` : '';
  const type = expressionType(words);
  return type?.bitmask === true ? type.bits : undefined;
}

const isSymbol = (value: Value, text: string): boolean => value.kind === 'symbol' && value.text === text;

function readAssignment(cursor: Cursor, to: Selector, mark: number): Statement | undefined {
  if (!isAssignable(to)) return cursor.fail('a comparison: this cannot be set');
  const from = readSource(cursor, readRight);
  if (from?.kind === 'value' && !isStatementValue(from.value, cursor)) return undefined;
  return from && { kind: 'assign', to, from, text: cursor.textSince(mark), start: to.start, end: cursor.end };
}

/** Keys that the kernel can set (net/netfilter/nft_meta.c, nft_meta_set_init; nft_ct.c, nft_ct_set_init). */
const SET_META = ['mark', 'priority', 'nftrace', 'pkttype', 'secmark', 'broute'];
const SET_CT = ['mark', 'event', 'label', 'zone', 'helper', 'secmark'];

function isAssignable(to: Selector): boolean {
  switch (to.kind) {
    case 'payload':
      return true;
    case 'meta':
      return SET_META.includes(to.key);
    case 'ct':
      return to.direction === undefined ? SET_CT.includes(to.key) : to.key === 'zone';
    default:
      return to.kind === 'other' && to.assignable === true;
  }
}

/** A list that is assigned is one of names, not of numbers (src/parser_bison.y of nftables, list_stmt_expr). */
function isStatementValue(value: Value, cursor: Cursor): boolean {
  if (cursor.problems.free) return true;
  if (value.kind === 'prefix' || value.kind === 'range' || value.kind === 'set') {
    cursor.fail('one value');
    return false;
  }
  if (
    value.kind !== 'list' ||
    value.of.every((one) => one.kind === 'symbol' && numberOf(one.text) === undefined)
  )
    return true;
  cursor.fail('a list of names, or one number');
  return false;
}
