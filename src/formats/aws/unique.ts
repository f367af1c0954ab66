import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import { givenTwice } from '../exports/problems.ts';
import type { Placed } from './content.ts';

/** Things by id; the same thing in two files (pages that overlap) once, and an error where the two differ. */
export function unique<T extends object>(
  items: readonly Placed<T>[],
  id: (item: T) => string,
  what: string,
  errors: Diagnostic[],
): Placed<T>[] {
  const found = new Map<string, Placed<T>>();
  for (const item of items) {
    const key = id(item.value);
    const before = found.get(key);
    if (before === undefined) found.set(key, item);
    else if (JSON.stringify(before.value) !== JSON.stringify(item.value))
      errors.push(givenTwice(`${what} \`${key}\``, placeOf(item), placeOf(before), 'account'));
  }
  return [...found.values()];
}

const placeOf = ({ json, value }: Placed<object>): Span => json.place(value);
