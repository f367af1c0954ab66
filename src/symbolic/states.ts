import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { rangesNode } from '../packet/literals.ts';
import { nameRanges } from '../packet/interface-names.ts';
import {
  CONNECTION_STATES,
  type ConnectionState,
  ICMP_REQUESTS,
  ICMP_UNTRACKED,
  icmpProtocol,
} from '../packet/packet.ts';
import { complement, contains, type Ranges } from '../packet/ranges.ts';
import type { Place, Scope, Surroundings } from './scope.ts';
import { isCloud } from './stages.ts';

const INVALID = CONNECTION_STATES.indexOf('invalid');
const UNTRACKED = CONNECTION_STATES.indexOf('untracked');

/** Packets that came in by a loopback interface. */
export function onLoopback(diagram: Diagram, surroundings: Surroundings): Node {
  return rangesNode(diagram, 'in', nameRanges(surroundings.loopbacks), ALL);
}

/** Packets that have a connection entry at the place: new, established or related ones that are tracked. */
export function connectionNode(
  diagram: Diagram,
  scope: Scope,
  place: Place,
  surroundings: Surroundings,
): Node {
  return stateNode(diagram, [0, 2], scope, place, surroundings);
}

/**
 * Packets whose own addresses are those that their connection began with: the first of a connection. A related ICMP
 * error belongs to the connection that it reports on.
 */
export function firstPacketNode(diagram: Diagram, scope: Scope): Node {
  const icmp = icmpProtocol(scope.family);
  const error = rangesNode(diagram, 'protocol', [icmp, icmp], ALL);
  const related = diagram.difference(ownState(diagram, [2, 2], scope.state), error);
  return diagram.or(ownState(diagram, [0, 0], scope.state), related);
}

/**
 * Packets whose state, as a match sees it at the place, is one of the values. Before connection tracking there is no
 * entry to look at and a match sees `invalid` (net/netfilter/xt_conntrack.c, nft_ct.c), except on the loopback interface,
 * where the packet was tracked on its way out. A NOTRACK rule makes it untracked at once.
 *
 * @param icmp whether the packets may be ICMP messages; of others it may be asked for less
 */
export function stateNode(
  diagram: Diagram,
  values: Ranges,
  scope: Scope,
  place: Place,
  surroundings: Surroundings,
  icmp = true,
): Node {
  const asked = (state: number): Node => (contains(values, state) ? ALL : NONE);
  if (isCloud(place.hook)) return ownState(diagram, values, scope.outsideState ?? scope.state);
  const plain = ownState(diagram, values, scope.state);
  const own = icmp ? ofMessages(diagram, plain, scope, asked) : plain;
  let node = own;
  if (!place.tracked) {
    const arrived = place.hook === 'prerouting' || place.hook === 'ingress';
    const loopback = arrived ? onLoopback(diagram, surroundings) : NONE;
    node = choose(diagram, loopback, own, asked(INVALID));
  }
  if (!surroundings.hasNotrack) return node;
  return choose(diagram, rangesNode(diagram, 'notrack', [1, 1], ALL), asked(UNTRACKED), node);
}

/**
 * Only requests begin connections; other ICMP messages that belong to none are invalid, or not tracked at all. Of a state that
 * the scope does not fix only new packets are meant.
 */
function ofMessages(diagram: Diagram, own: Node, scope: Scope, asked: (state: number) => Node): Node {
  const { family, state, fragment } = scope;
  if ((state !== undefined && state !== 'new') || fragment === 'later') return own;
  const requests = ICMP_REQUESTS[family];
  const messages = (types: Ranges): Node => {
    const type = rangesNode(diagram, 'icmpType', types, ALL);
    const icmp = icmpProtocol(family);
    const first = diagram.and(
      rangesNode(diagram, 'protocol', [icmp, icmp], type),
      ownState(diagram, [0, 0], scope.state),
    );
    return fragment === undefined ? diagram.and(first, rangesNode(diagram, 'fragment', [0, 1], ALL)) : first;
  };
  const node = choose(diagram, messages(complement(requests, 0, 255)), asked(INVALID), own);
  return choose(diagram, messages(ICMP_UNTRACKED[family]), asked(UNTRACKED), node);
}

function ownState(diagram: Diagram, values: Ranges, state: ConnectionState | undefined): Node {
  if (state === undefined) return rangesNode(diagram, 'state', values, ALL);
  return contains(values, CONNECTION_STATES.indexOf(state)) ? ALL : NONE;
}

function choose(diagram: Diagram, where: Node, yes: Node, no: Node): Node {
  return diagram.or(diagram.and(where, yes), diagram.difference(no, where));
}
