import type { Selector } from '../ast/ast.ts';
import type { Protocols } from './protocol.ts';
import { alike, checkMap, typesOf } from './value-types.ts';
import { type CheckContext, checkValue } from './value.ts';
import { TYPES } from '../types/datatypes.ts';
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
  if (from.kind === 'map' && from.data.kind === 'set') {
    if (!protocols.read(from)) return false;
    const keys = typesOf(from.key, context);
    return keys !== undefined && checkMap(from.data.elements, keys, [type], context);
  }
  if (!protocols.read(from)) return false;
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

/**
 * A mark takes any number of at most its size, and the numbers behind an operator are of its size then (src/evaluate.c of nftables
 * from 1.0.8 on, datatype_compatible; tests/py/ip/ct.t: `ct mark set ip dscp lshift 26 or 0x10`).
 */
function checkMark(from: Selector, context: CheckContext): boolean {
  if (from.kind === 'binary') return checkMark(from.left, context) && checkOperand(from, context);
  const given = numberType(from, context);
  if (given === false) return false;
  if (given === undefined || given.name === 'integer' || isWord(given)) return true;
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
