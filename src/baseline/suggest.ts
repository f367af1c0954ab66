import { nearest } from '../text/nearest.ts';

/** `Did you mean …?`, or undefined where no candidate is near. */
export function suggestion(text: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(text, candidates);
  return found === undefined ? undefined : `Did you mean \`${found}\`?`;
}

/** How several values are written that stand in one text. */
export const asEntries = (values: readonly string[]): string =>
  `Write each as an entry of the list: \`[${values.join(', ')}]\`.`;

/** At most `limit` candidates, sorted, for "expected one of". */
export function oneOf(candidates: Iterable<string>, limit = 20): string {
  const sorted = [...candidates].sort();
  if (sorted.length === 0) return 'none is defined';
  const shown = sorted.slice(0, limit).map((name) => `\`${name}\``);
  const more = sorted.length - shown.length;
  return `one of ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
