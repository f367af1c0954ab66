import { addressBits } from '../packet/address.ts';

/** A mask that stands for so many separate ranges can still be listed. */
const MOST_RANGES = 1024n;

/** How many separate ranges the addresses of one value under a mask fall into: a bit that is not asked doubles them, but for those behind the last one that is. */
function rangeCount(family: 4 | 6, mask: bigint): bigint {
  let ranges = 1n;
  let asked = false;
  for (let bit = 0n; bit < BigInt(addressBits(family)); bit++)
    if ((mask & (1n << bit)) !== 0n) asked = true;
    else if (asked) ranges *= 2n;
  return ranges;
}

/** Whether the addresses under the mask can be listed. */
export function isListable(family: 4 | 6, mask: bigint): boolean {
  return rangeCount(family, mask) <= MOST_RANGES;
}

/** The addresses for which `(address & mask) === value`, as ascending ranges; undefined where they are too many to list. */
export function maskedRanges(
  family: 4 | 6,
  mask: bigint,
  value: bigint,
): readonly (readonly [bigint, bigint])[] | undefined {
  if (!isListable(family, mask)) return undefined;
  const all = (1n << BigInt(addressBits(family))) - 1n;
  // The bits behind the last one that is asked make each range; the others that are not asked make ranges of their own.
  const tail = mask === 0n ? all : (mask & -mask) - 1n;
  const holes = all ^ mask ^ tail;
  const ranges: (readonly [bigint, bigint])[] = [];
  for (let at = 0n; ; at = (at - holes) & holes) {
    ranges.push([value | at, value | at | tail]);
    if (at === holes) return ranges;
  }
}
