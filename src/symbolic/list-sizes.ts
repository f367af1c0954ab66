import type { Part } from '../packet/product.ts';
import type { Ranges } from '../packet/ranges.ts';

/** A list of more values than this is that of a named set, and worth not repeating. */
export const LONG = 32;
/** About how many nodes each value of a long list takes. */
const NODES_PER_VALUE = 2;

const numbers = new WeakMap<object, number>();
let last = 0;

/** A number for an object, the same whenever it is asked for. */
export function identityOf(object: object): number {
  let number = numbers.get(object);
  if (number === undefined) {
    number = ++last;
    numbers.set(object, number);
  }
  return number;
}

/** A text for a list of values, the same for the same list; and for the same values where they are few. */
export function listKey(values: Ranges<number> | Ranges<bigint>): string {
  return values.length > LONG ? `#${identityOf(values)}` : values.join();
}

/** About how many nodes a list of values takes. */
export function listNodes(values: Ranges<number> | Ranges<bigint>): number {
  return (NODES_PER_VALUE * values.length) / 2;
}

/** Bytes of a node with its edges and its place in the table. */
const BYTES_PER_NODE = 36;

/**
 * About how many bytes a rule's decision takes that no other rule shares, as far as it has long lists.
 *
 * @param seen products that were counted before: of rules that ask for the same only the first decides anything
 */
export function labelledBytes(part: Part, seen: Set<string>): number {
  if (typeof part === 'number' || !part.fields.some(({ values }) => values.length > LONG)) return 0;
  const key = part.fields.map(({ field, values }) => `${field} ${listKey(values)}`).join();
  if (seen.has(key)) return 0;
  seen.add(key);
  return part.fields.reduce((sum, { values }) => sum + BYTES_PER_NODE * listNodes(values), 0);
}
