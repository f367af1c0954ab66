import type { Place } from './scope.ts';
import type { Stage } from './stages.ts';
import type { Transform } from './transform.ts';

/** Where a condition of the base chain is asked, of packets that came with the transform. */
export function placeIn(stage: Stage, { destination, source, out }: Transform): Place {
  return {
    hook: stage.hook,
    tracked: stage.tracked,
    translated: {
      destination: destination?.address !== undefined,
      destinationPort: destination?.port !== undefined,
      source: source?.address !== undefined,
      sourcePort: source?.port !== undefined,
      destinationChanged: destination?.changed ?? 'no',
      sourceChanged: source?.changed ?? 'no',
      toHost: destination?.address?.kind === 'local',
    },
    ...(out === undefined ? {} : { out }),
  };
}
