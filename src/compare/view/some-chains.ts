import type { BaseChain } from '../../rule/ruleset.ts';
import { onceOf } from '../../text/kept.ts';
import type { FamilyView } from './view.ts';

/** The same host with some of its base chains alone, and with those that rules call; made once for each view. */
export function someChains(are: (base: BaseChain) => boolean): (view: FamilyView) => FamilyView {
  return onceOf((view: FamilyView) =>
    view.withChains((all) => all.filter(({ base }) => base === undefined || are(base))),
  );
}
