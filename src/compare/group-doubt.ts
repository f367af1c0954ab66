import { type Node, NONE } from '../packet/diagram.ts';
import type { FamilyView, FlowHook } from './view.ts';

/**
 * Of openings towards members of groups that nobody gave, those whose members may be just the addresses that a row
 * documents: the same traffic is documented for some address of the peer, so whether it is excess depends on who the members are.
 *
 * @param excess packets that no row documents
 * @param documented what rows document, of what is open
 */
export function doubtfulMembers(view: FamilyView, hook: FlowHook, excess: Node, documented: Node): Node {
  const { diagram } = view;
  if ((view.ruleset.cloud?.symbolic.length ?? 0) === 0 || excess === NONE) return NONE;
  const members = diagram.difference(excess, view.field('peerGroup', [0, 0]));
  if (members === NONE) return NONE;
  return diagram.and(members, view.project(documented, [hook === 'output' ? 'dst' : 'src', 'peerGroup']));
}
