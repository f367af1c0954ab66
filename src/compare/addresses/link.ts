import { ascending } from '../../packet/ranges.ts';

/** Addresses that are on the same link of the host's. */
export interface Link {
  readonly lo: bigint;
  readonly hi: bigint;
  /** The interface of that link; several where they have the same network. */
  readonly interfaces: readonly string[];
}

/** Networks apart from each other: of several that have an address the smallest counts. */
export function apart(networks: readonly Link[]): readonly Link[] {
  const bySize = [...networks].sort((a, b) => (a.hi - a.lo < b.hi - b.lo ? -1 : 1));
  const ends = [...new Set(networks.flatMap(({ lo, hi }) => [lo, hi + 1n]))].sort(ascending);
  return ends.flatMap((lo, at) => {
    const next = ends[at + 1];
    const network = bySize.find((one) => one.lo <= lo && lo <= one.hi);
    return network === undefined || next === undefined
      ? []
      : [{ lo, hi: next - 1n, interfaces: network.interfaces }];
  });
}
