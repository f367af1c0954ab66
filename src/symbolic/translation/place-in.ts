import { kept } from '../../text/kept.ts';
import type { Changed, Place } from '../scope.ts';
import type { Stage } from '../stages.ts';
import type { Transform, Translation } from './transform.ts';

/** Places by their hooks, by other interfaces than the packets', and by what has been translated: of each hook there are at most some hundreds. */
const places = new Map<string, Map<number, Place>>();

/** Where a condition of the base chain is asked, of packets that came with the transform; equal places are one object. */
export function placeIn({ hook, tracked }: Stage, { destination, source, out }: Transform): Place {
  const toHost = destination?.address?.kind === 'local';
  const ends = shapeOf(destination) * 12 + shapeOf(source);
  const code = (ends * 2 + Number(tracked)) * 2 + Number(toHost);
  return kept(
    kept(places, out === undefined ? hook : `${hook} ${out}`, () => new Map<number, Place>()),
    code,
    () => ({
      hook,
      tracked,
      translated: {
        destination: destination?.address !== undefined,
        destinationPort: destination?.port !== undefined,
        source: source?.address !== undefined,
        // Without a named port it may take another one.
        sourcePort: source !== undefined,
        destinationChanged: destination?.changed ?? 'no',
        sourceChanged: source?.changed ?? 'no',
        toHost,
      },
      ...(out === undefined ? {} : { out }),
    }),
  );
}

const CHANGES: Readonly<Record<Changed, number>> = { no: 0, yes: 1, maybe: 2 };

/** What of a translated end a place tells, as one number below 12. */
function shapeOf(end: Translation | undefined): number {
  if (end === undefined) return 0;
  return (CHANGES[end.changed] * 2 + Number(end.address !== undefined)) * 2 + Number(end.port !== undefined);
}
