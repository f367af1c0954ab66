import type { AddressMaskCondition, MaskedCondition } from '../rule/condition.ts';
import { type Domain, ofValues, onlyValue, size, valuesOf } from './domain.ts';
import { addressIsIn, fieldIsIn, fieldWords, questionOfBytes, rememberedQuestion } from './narrow.ts';
import type { Truth } from './question.ts';
import { visibleStateIndex, type Walk } from './walk.ts';

/** Up to this many values an open field is tried out value by value. */
const FEW = 65536;

/** Whether `(field & mask) === value`. */
export function fieldMaskMatches(walk: Walk, { field, mask, value }: MaskedCondition): Truth {
  const domain = field === 'state' ? [visibleStateIndex(walk), visibleStateIndex(walk)] : walk.fields[field];
  const matches = (x: number) => bitwiseAnd(x, mask) === value;
  const only = onlyValue(domain);
  if (only !== undefined) return matches(only);
  if (size(domain) <= FEW) return fieldIsIn(walk, field, ofValues(valuesOf(domain).filter(matches)));
  const key = `${field} ${walk.unknownWrites[field] ?? 0} & ${mask} = ${value}`;
  return rememberedQuestion(walk, 'field', key, fieldWords(field));
}

/** Whether `(address & mask) === value`, for masks that are no prefix. */
export function addressMaskMatches(walk: Walk, { field, mask, value }: AddressMaskCondition): Truth {
  const domain = walk.addresses[field] as Domain<bigint>;
  const matches = (x: number | bigint) => (BigInt(x) & mask) === value;
  const only = onlyValue(domain);
  if (only !== undefined) return matches(only);
  if (walk.setting.packet.family === 4) {
    const numbers = walk.addresses[field] as Domain<number>;
    if (size(numbers) <= FEW) return addressIsIn(walk, field, ofValues(valuesOf(numbers).filter(matches)));
  } else {
    const few = amongFew(domain, matches);
    if (few !== undefined) return addressIsIn(walk, field, few);
  }
  return questionOfBytes(walk, 'address', `${field} & ${mask} = ${value}`, fieldWords(field));
}

/** Those of a few IPv6 addresses for which it holds; undefined where they are more. */
function amongFew(domain: Domain<bigint>, holds: (x: bigint) => boolean): Domain<bigint> | undefined {
  let left = BigInt(FEW);
  const out: bigint[] = [];
  for (let i = 0; i < domain.length; i += 2) {
    const [lo, hi] = [domain[i] as bigint, domain[i + 1] as bigint];
    left -= hi - lo + 1n;
    if (left < 0n) return undefined;
    for (let value = lo; value <= hi; value++) {
      if (!holds(value)) continue;
      if (out.length > 0 && out[out.length - 1] === value - 1n) out[out.length - 1] = value;
      else out.push(value, value);
    }
  }
  return out;
}

/** `a & b` of non-negative integers up to 48 bits. */
export function bitwiseAnd(a: number, b: number): number {
  if (a <= 0x7fffffff && b <= 0x7fffffff) return a & b;
  return Number(BigInt(a) & BigInt(b));
}
