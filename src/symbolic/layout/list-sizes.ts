import type { Ranges } from '../../packet/ranges.ts';

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
