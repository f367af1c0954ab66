import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { rangesNode } from '../packet/literals.ts';
import { nameRanges } from '../packet/interface-names.ts';
import { CONNECTION_STATES } from '../packet/packet.ts';
import { contains, type Ranges } from '../packet/ranges.ts';
import type { Place, Scope, Surroundings } from './scope.ts';

const INVALID = CONNECTION_STATES.indexOf('invalid');
const UNTRACKED = CONNECTION_STATES.indexOf('untracked');

/** Packets on the loopback interface. */
export function onLoopback(diagram: Diagram): Node {
  return rangesNode(diagram, 'in', nameRanges([{ name: 'lo', prefix: false }]), ALL);
}

/**
 * Packets whose state, as a match sees it at the place, is one of the values. Before connection tracking there is no
 * entry to look at and a match sees `invalid` (net/netfilter/xt_conntrack.c, nft_ct.c), except on the loopback interface,
 * where the packet was tracked on its way out. A NOTRACK rule makes it untracked at once.
 */
export function stateNode(
  diagram: Diagram,
  values: Ranges,
  scope: Scope,
  place: Place,
  surroundings: Surroundings,
): Node {
  const own = ownState(diagram, values, scope);
  const asked = (state: number): Node => (contains(values, state) ? ALL : NONE);
  let node = own;
  if (!place.tracked) {
    const loopback = place.hook === 'prerouting' ? onLoopback(diagram) : NONE;
    node = choose(diagram, loopback, own, asked(INVALID));
  }
  if (!surroundings.hasNotrack) return node;
  return choose(diagram, rangesNode(diagram, 'notrack', [1, 1], ALL), asked(UNTRACKED), node);
}

function ownState(diagram: Diagram, values: Ranges, scope: Scope): Node {
  if (scope.state === undefined) return rangesNode(diagram, 'state', values, ALL);
  return contains(values, CONNECTION_STATES.indexOf(scope.state)) ? ALL : NONE;
}

function choose(diagram: Diagram, where: Node, yes: Node, no: Node): Node {
  return diagram.or(diagram.and(where, yes), diagram.difference(no, where));
}
