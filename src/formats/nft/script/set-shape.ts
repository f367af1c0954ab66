import type { NamedSet, Place } from '../ast/ast.ts';
import type { Problems } from '../problems.ts';

/**
 * Whether a set that is there may be declared so again: with the same types, flags and counters (net/netfilter/nf_tables_api.c, nft_set_is_same);
 * a time is a flag, and `auto-merge` is nft's own, which keeps the first.
 */
export function isDeclaredAlike(there: NamedSet, again: NamedSet, place: Place, problems: Problems): boolean {
  for (const [what, of] of SHAPES) {
    if (of(there) === of(again)) continue;
    const expected = of(there) === '' ? `no ${what}` : `the same ${what}`;
    problems.error('exists', place, `there is another set \`${again.name}\` already`, { expected });
    return false;
  }
  return true;
}

const SHAPES: readonly (readonly [string, (set: NamedSet) => string])[] = [
  ['type of elements', typesOf],
  ['flags', flagsOf],
  ['counters and limits of elements', ({ counts }) => (counts ?? []).join(', ')],
];

function typesOf({ keys, data, verdicts, isMap }: NamedSet): string {
  const names = (types: NamedSet['keys']): string =>
    (types ?? []).map((type) => type?.name ?? '').join(' . ');
  return `${isMap} ${verdicts} ${names(keys)} : ${names(data)}`;
}

function flagsOf({ flags }: NamedSet): string {
  return [...flags]
    .filter((flag) => flag !== 'auto-merge')
    .sort()
    .join(', ');
}
