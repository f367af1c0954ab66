import type { Selector } from './ast.ts';
import type { Protocols } from './check-protocol.ts';
import { alike, typesOf } from './check-types.ts';
import { type CheckContext, checkElements, checkValue } from './check-value.ts';
import type { ValueType } from './types.ts';

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
    return keys !== undefined && checkElements(from.data.elements, keys, [type], context);
  }
  if (!protocols.read(from)) return false;
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
