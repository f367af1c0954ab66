import { addressMaximum, formatAddress, formatRange, parseAddressRange } from '../../packet/address.ts';

/**
 * The addresses of a box in words. Where the first and the last of all addresses are among them, what is left out is said: of a host
 * that drops a list and is open to the rest nobody wants to read the gaps between.
 *
 * @param values as boxes have them: sorted, merged, of one family
 * @param shown how many of them are named before they are counted
 */
export function addressWords(values: readonly string[], shown: number): string {
  const gaps = values.length - 1;
  const ends = isEverythingBut(values);
  if (ends === undefined) return listed(values, shown);
  const named: string[] = [];
  for (let i = 0; i < Math.min(gaps, shown); i++) {
    const [before, after] = [
      parseAddressRange(values[i] as string),
      parseAddressRange(values[i + 1] as string),
    ];
    if (before === undefined || after === undefined) return listed(values, shown);
    const [lo, hi] = [before.hi + 1n, after.lo - 1n];
    named.push(lo === hi ? formatAddress(ends, lo) : formatRange(ends, lo, hi));
  }
  return `any but ${listed(named, shown, gaps)}`;
}

/** The family, where the list has the first address of it and the last one. */
function isEverythingBut(values: readonly string[]): 4 | 6 | undefined {
  if (values.length < 2) return undefined;
  const [first, last] = [values[0], values[values.length - 1]].map((text) =>
    parseAddressRange(text as string),
  );
  if (first === undefined || last === undefined || first.lo !== 0n) return undefined;
  return last.hi === addressMaximum(first.family) ? first.family : undefined;
}

/** The first values, and how many more there are. */
export function listed(values: readonly string[], shown: number, total: number = values.length): string {
  if (total <= shown) return values.join(', ');
  return `${values.slice(0, shown).join(', ')} and ${total - shown} more`;
}
