import type { Statement } from '../ast/ast.ts';
import type { Types } from './value-types.ts';
import type { CheckContext } from './value.ts';

/** Whether `! established` can be asked of a field: it is of bits, and not masked already. */
export function isNegatable(
  { left, right }: Extract<Statement, { kind: 'match' }>,
  types: Types,
  { problems }: CheckContext,
): boolean {
  const [type] = types;
  if (type !== undefined && type.bitmask !== true) {
    problems.error('bad-value', right, 'only bits can be asked for with `!`', { expected: '`!=`' });
    return false;
  }
  if (left.kind !== 'binary') return true;
  // src/evaluate.c of nftables, expr_evaluate_relational: the mask would be said twice.
  problems.error('bad-value', left, '`!` looks at single bits by itself, and cannot stand behind a mask', {
    expected: '`!=`, or the field without its mask',
  });
  return false;
}
