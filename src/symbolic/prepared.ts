import type { Action, Tracks } from '../rule/action.ts';
import type { Place, Surroundings } from './scope.ts';

/**
 * What an action prepares for the packet's connection, which keeps it tracked: nothing where it has one already, nor where no rule keeps
 * packets out of connection tracking, so that it makes no difference.
 */
export function preparedBy(action: Action, place: Place, { hasNotrack }: Surroundings): Tracks | undefined {
  return action.kind === 'note' && hasNotrack && !place.tracked ? action.tracks : undefined;
}
