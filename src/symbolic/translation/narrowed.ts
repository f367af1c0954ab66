import { intersection, pairsOf, type Ranges } from '../../packet/ranges.ts';
import { kept } from '../../text/kept.ts';
import { oneOf, Transform } from './transform.ts';

/** Of more runs of addresses that it can give a translation is not narrowed to each. */
const MOST_RUNS = 64;

/**
 * The transform where routing has told that the translated destination is one of the addresses: of a range that it takes one of, only
 * those are left that are among them. Several, where they are not in one piece.
 */
export function narrowed(transform: Transform, addresses: Ranges<bigint>): readonly Transform[] {
  const address = transform.destination?.address;
  // What a rule has written another destination into is no longer what it was translated to.
  if (address?.kind !== 'range' || address.lo === address.hi || transform.forgotten.has('dst'))
    return [transform];
  return kept(
    kept(NARROWED, transform, () => new WeakMap()),
    addresses,
    () => runs(transform, pairsOf(intersection(addresses, [address.lo, address.hi]))),
  );
}

const NARROWED = new WeakMap<Transform, WeakMap<Ranges<bigint>, readonly Transform[]>>();

function runs(transform: Transform, pairs: readonly (readonly [bigint, bigint])[]): readonly Transform[] {
  const { destination, mark, ctmark, tos, ttl, forgotten, notrack, tracks, source, edition, out } = transform;
  if (destination === undefined || pairs.length > MOST_RUNS) return [transform];
  return pairs.map(([lo, hi]) => {
    const one = { ...destination, address: { kind: 'range' as const, lo, hi } };
    return oneOf(
      new Transform({
        mark,
        ctmark,
        tos,
        ttl,
        forgotten,
        notrack,
        tracks,
        destination: one,
        source,
        edition,
        out,
      }),
    );
  });
}
