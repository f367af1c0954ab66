import { html, type Html } from './template.ts';
import { count, thousands } from './words.ts';

/** Hosts that a line names before it counts them. */
const NAMED = 12;

/** The host names, or the first of them and how many more. */
export function hostNames(names: readonly string[]): Html {
  const unique = [...new Set(names)];
  if (unique.length <= NAMED) return html`${unique.join(', ')}`;
  return html`${count(unique.length, 'host')} (${unique.slice(0, NAMED).join(', ')} and ${thousands(unique.length - NAMED)} more)`;
}

/** Items by key, in the order in which keys first come. */
export function group<T>(items: Iterable<T>, key: (item: T) => string): [string, T[]][] {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const own = key(item);
    const known = found.get(own);
    if (known === undefined) found.set(own, [item]);
    else known.push(item);
  }
  return [...found];
}
