import type { ResolvedRow } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { normalise, pairsOf } from '../../packet/ranges.ts';
import { ofFamily, PUBLIC4, PUBLIC6 } from '../addresses/addresses.ts';
import { publicGroups } from '../rows/parties.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/**
 * Of openings towards members of groups that nobody gave, those whose members may be just the addresses that a row
 * documents: the same traffic is documented for some address of the peer, so whether it is excess depends on who the members are.
 *
 * @param excess packets that no row documents
 * @param documented what rows document, of what is open
 */
export function doubtfulMembers(view: FamilyView, hook: FlowHook, excess: Node, documented: Node): Node {
  const { diagram } = view;
  const groups = view.ruleset.cloud?.symbolic.length ?? 0;
  if (groups === 0 || excess === NONE) return NONE;
  const address = hook === 'output' ? 'dst' : 'src';
  // What the provider lets through is nobody's excess: it goes with what other addresses are told of.
  const theirs = unfilteredPeers(view, hook);
  const ofNone = diagram.difference(diagram.and(excess, view.field('peerGroup', [0, 0])), theirs);
  const anybody = view.project(ofNone, ['peerGroup']);
  const members = diagram.difference(diagram.and(excess, view.field('peerGroup', [1, groups])), anybody);
  if (members === NONE) return NONE;
  const others = view.project(diagram.difference(members, theirs), [address]);
  return diagram.and(diagram.and(members, others), view.project(documented, [address, 'peerGroup']));
}

/**
 * Packets from public addresses. Members of a group are machines of somebody's own networks, unless the group is a
 * provider's name for the Internet.
 */
export function publicSources(view: FamilyView): Node {
  const { diagram, family, ruleset } = view;
  const sources = view.field('src', family === 4 ? PUBLIC4 : PUBLIC6);
  if ((ruleset.cloud?.symbolic.length ?? 0) === 0) return sources;
  const groups = normalise([[0, 0], ...pairsOf(publicGroups(ruleset))]);
  return diagram.and(sources, view.field('peerGroup', groups));
}

/** Packets whose peer (of forwarded ones: either end) the provider never filters: an opening of nothing else is nobody's excess. */
export function unfilteredPeers(view: FamilyView, hook: FlowHook): Node {
  const known = view.ruleset.cloud?.unfiltered;
  const values = ofFamily(known, view.family);
  if (values === undefined || values.length === 0) return NONE;
  if (hook === 'forward') return view.diagram.or(view.field('src', values), view.field('dst', values));
  return view.field(hook === 'output' ? 'dst' : 'src', values);
}

/**
 * Of connections that begin, those across the border of the instance's subnet, where the row may be about any peer and some
 * do: that one inside of it works says nothing about the lists at the border.
 */
export function acrossTheBorder(view: FamilyView, row: ResolvedRow, open: Node, anyPeer: boolean): Node {
  const known = view.ruleset.cloud?.inside;
  const values = ofFamily(known, view.family);
  if (!anyPeer || values === undefined || values.length === 0 || row.direction === 'loopback') return open;
  const across = view.diagram.difference(open, view.field(row.direction === 'out' ? 'dst' : 'src', values));
  return across === NONE ? open : across;
}
