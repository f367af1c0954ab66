/** `(number & mask) === value`. */
export interface Masked {
  readonly mask: bigint;
  readonly value: bigint;
}

/**
 * The numbers from `lo` to `hi` as prefixes, lowest first: at most two for each of the bits.
 * @param width how many bits the numbers have
 */
export function prefixesOf(lo: bigint, hi: bigint, width: number): readonly Masked[] {
  const all = (1n << BigInt(width)) - 1n;
  const out: Masked[] = [];
  for (let at = lo; at <= hi; ) {
    let size = 1n;
    while (size <= all && (at & size) === 0n && at + size * 2n - 1n <= hi) size *= 2n;
    out.push({ mask: all ^ (size - 1n), value: at });
    at += size;
  }
  return out;
}
