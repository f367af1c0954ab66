import type { Party, ResolvedRow } from '../../baseline/model.ts';
import { ALL, type Node } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import { PUBLIC4, PUBLIC6 } from '../addresses/addresses.ts';
import { partyAddresses, partyGroups, publicGroups } from './parties.ts';
import type { FamilyView } from '../view/view.ts';

/** What a row's need says of groups whose members nobody gave. */
export interface GroupNeed {
  /** The peers that are needed, by what they are members of. */
  readonly peers: Node;
  /** Fields of which nobody knows what the needed packets have: what depends on them is possible. */
  readonly fields: readonly DiagramField[];
  /** Fields of which one value is enough. */
  readonly project: readonly DiagramField[];
}

/** Which peers a need is about: those whose addresses are known, or members whom nobody gave of the groups that the role is bound to. */
export type Peers = 'known' | 'members';

/** The needs that a row has of its peers: a role of addresses and of such a group needs both. */
export function neededPeers({ ruleset, family }: FamilyView, row: ResolvedRow): readonly Peers[] {
  const { party } = peerOf(row);
  if (partyGroups(ruleset, party).length === 0) return ['known'];
  return (partyAddresses(ruleset, party, family)?.length ?? 0) === 0 ? ['members'] : ['known', 'members'];
}

/** The end of a row that is not the host's; where rows are about what goes through, the one that begins. */
export function peerOf(row: ResolvedRow): { readonly field: 'src' | 'dst'; readonly party: Party } {
  return row.direction === 'out'
    ? { field: 'dst', party: row.destination }
    : { field: 'src', party: row.source };
}

/**
 * A role bound to such a group needs its members, whatever their addresses are; one bound to addresses may or may not be a
 * member; of one that nothing binds one peer is enough. Peers on the Internet are members of the group that is the provider's
 * name for it, and a peer with a public address is of that group or of another.
 */
export function neededGroups(
  view: FamilyView,
  row: ResolvedRow,
  peers: Peers,
  project: readonly DiagramField[],
): GroupNeed {
  const { ruleset } = view;
  if ((ruleset.cloud?.symbolic.length ?? 0) === 0) return { peers: ALL, fields: [], project };
  const { field, party } = peerOf(row);
  if (peers === 'members')
    return {
      peers: view.field('peerGroup', partyGroups(ruleset, party)),
      fields: ['ownGroup', field],
      project: project.filter((one) => one !== field),
    };
  if (party.binding === 'unbound' || project.includes(field))
    return { peers: ALL, fields: ['ownGroup'], project: [...project, 'peerGroup'] };
  const outside = publicGroups(ruleset);
  if (party.binding === 'internet' && outside.length > 0)
    return { peers: view.field('peerGroup', outside), fields: ['ownGroup'], project };
  if (party.binding !== 'bound') return { peers: ALL, fields: ['ownGroup'], project };
  const possible = outside.length > 0 ? possiblePeers(view, field) : ALL;
  return { peers: possible, fields: ['ownGroup', 'peerGroup'], project };
}

/** Not those with a public address that would be of no group at all. */
function possiblePeers(view: FamilyView, field: 'src' | 'dst'): Node {
  const { diagram, family, ruleset } = view;
  const groups = view.field('peerGroup', [1, ruleset.cloud?.symbolic.length ?? 0]);
  const outside = view.field(field, family === 4 ? PUBLIC4 : PUBLIC6);
  return diagram.difference(ALL, diagram.difference(outside, groups));
}
