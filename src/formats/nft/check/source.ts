import type { Selector } from '../ast/ast.ts';
import type { Protocols } from './protocol.ts';
import { alike, checkMap, typesOf } from './value-types.ts';
import { type CheckContext, checkValue } from './value.ts';
import { TYPES } from '../types/datatypes.ts';
import { isRaw } from '../selector/raw.ts';
import { readNumber } from '../types/read-number.ts';
import type { ValueType } from '../types/types.ts';

/** What is assigned or translated to: a value, an expression of the same type, or a map. */
export function checkSource(
  from: Selector,
  type: ValueType | undefined,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  if (from.kind === 'value') return checkValue(from.value, [type], context);
  if (!isReadable(from, context)) return false;
  if (from.kind === 'map' && from.data.kind === 'set') {
    if (!protocols.read(from)) return false;
    const keys = typesOf(from.key, context);
    return keys !== undefined && checkMap(from.data.elements, keys, [type], context);
  }
  if (!protocols.read(from) || !isAsLong(from, type, context)) return false;
  if (type?.name === 'mark' && from.kind !== 'map') return checkMark(from, context);
  const types = typesOf(from, context);
  if (types === undefined) return false;
  const [given] = types;
  if (type === undefined || given === undefined || alike(type, given) || given.name === 'integer')
    return true;
  context.problems.error('type-mismatch', from, `this gives a value of the type ${given.name}`, {
    expected: `a value of the type ${type.name}`,
  });
  return false;
}

/** What nft's parser reads where something is set (src/parser_bison.y of nftables, primary_stmt_expr): no routes, extension headers and policies. */
export function isReadable(from: Selector, context: CheckContext): boolean {
  if (from.kind === 'concat') return from.of.every((one) => isReadable(one, context));
  if (from.kind === 'binary') return isReadable(from.left, context);
  if (from.kind === 'map') return isReadable(from.key, context);
  const policy = from.kind === 'other' && /^ipsec\b/.test(from.words ?? '');
  if (from.kind !== 'fib' && from.kind !== 'exthdr' && !policy) return true;
  context.problems.error('no-source', from, 'nothing can be set from this', {
    expected: 'a value, or a field of a header, of the packet or of its connection',
    help: 'compare it first, and set a value where that holds',
  });
  return false;
}

/**
 * A field of whole bytes that is a number and nothing more is as long as what it is set to, in every version of nft
 * (src/evaluate.c of nftables, __stmt_evaluate_arg).
 */
export function isAsLong(from: Selector, type: ValueType | undefined, context: CheckContext): boolean {
  // Programs that load rules without nft can set it so, and nft lists that.
  if (type === undefined || context.problems.listing || (from.kind !== 'payload' && !isRaw(from)))
    return true;
  if (isRaw(from) && from.raw.offset % 8 !== 0) return true;
  const [given] = typesOf(from, context) ?? [];
  if (given?.name !== 'integer' || given.bits % 8 !== 0 || given.bits === type.bits) return true;
  context.problems.error('type-mismatch', from, `this has ${given.bits} bits`, {
    expected: `a field of ${type.bits} bits`,
    help: 'compare it first, and set a value where that holds',
  });
  return false;
}

/**
 * A mark takes any number of at most its size, and the numbers behind an operator are of its size then (src/evaluate.c of nftables
 * from 1.0.8 on, datatype_compatible; tests/py/ip/ct.t: `ct mark set ip dscp lshift 26 or 0x10`).
 */
function checkMark(from: Selector, context: CheckContext): boolean {
  if (from.kind === 'binary') return checkMark(from.left, context) && checkOperand(from, context);
  const given = numberType(from, context);
  if (given === false) return false;
  const wide = given?.raw === true && given.bits > TYPES.mark.bits;
  if (given === undefined || (given.name === 'integer' && !wide) || isWord(given)) return true;
  context.problems.error('type-mismatch', from, `this gives a value of the type ${given.name}`, {
    expected: `a number of at most ${TYPES.mark.bits} bits`,
  });
  return false;
}

/** Names are those of the field, and numbers of the mark's size. */
function checkOperand(
  { op, left, right }: Extract<Selector, { kind: 'binary' }>,
  context: CheckContext,
): boolean {
  if (op === '<<' || op === '>>') return checkValue(right, [TYPES.byte], context);
  const own = numberType(left, context);
  if (own === false || own === undefined || typeof readNumber(right, own) === 'bigint') return own !== false;
  return checkValue(right, [TYPES.mark], context);
}

/** The type of what is read first; false where that is an error. */
function numberType(from: Selector, context: CheckContext): ValueType | undefined | false {
  if (from.kind === 'binary') return numberType(from.left, context);
  const types = typesOf(from, context);
  return types === undefined ? false : types[0];
}

const isWord = ({ bits, longest }: ValueType): boolean => longest === undefined && bits <= TYPES.mark.bits;
