import type { Node } from '../../packet/diagram.ts';
import type { FamilyView } from '../view/view.ts';
import type { InFamily } from './families-disagree.ts';

/** Whether something is so of what passes of a need of the row, in some family. */
export function anyNeed(
  families: readonly InFamily[],
  isSo: (view: FamilyView, open: Node) => boolean,
): boolean {
  return families.some(({ check: { view }, judgement }) =>
    judgement.needs.some(({ open }) => isSo(view, open)),
  );
}
