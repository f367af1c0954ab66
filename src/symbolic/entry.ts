import { ALL, type Diagram, type Node } from '../packet/diagram.ts';
import { SOME_INTERFACE } from '../packet/interface-names.ts';
import { rangesNode } from '../packet/literals.ts';
import { forwardable } from './routing.ts';
import type { Scope, Surroundings } from './scope.ts';

/** Every packet of the scope: of the family, with the interfaces that the hook has, and no mark of connection tracking's yet. */
export function entryOf(diagram: Diagram, scope: Scope, surroundings: Surroundings): Node {
  const { family, hook, state, forwardable: checked } = scope;
  const { hasNotrack, usesConnectionMark, asksHops, asksPacketType } = surroundings;
  const literal = (
    field: 'family' | 'in' | 'out' | 'notrack',
    values: readonly number[] | readonly bigint[],
  ): Node => rangesNode(diagram, field, values as readonly number[], ALL);
  let node = literal('family', family === 4 ? [0, 0] : [1, 1]);
  if (hook !== 'output') node = diagram.and(node, literal('in', SOME_INTERFACE));
  if (hook !== 'input') node = diagram.and(node, literal('out', SOME_INTERFACE));
  // What no rule asks for or changes need not be in every set.
  if (hasNotrack) node = diagram.and(node, literal('notrack', [0, 0]));
  if (hook === 'forward' && checked === true && asksHops)
    node = diagram.and(node, forwardable(diagram, family));
  // What the host itself sends is of the type unicast to every hook, wherever it goes: no link has given it another.
  if (hook === 'output' && checked === true && asksPacketType)
    node = diagram.and(node, rangesNode(diagram, 'pkttype', [0, 0], ALL));
  // A new connection's mark is 0 (net/netfilter/nf_conntrack_core.c, init_conntrack).
  if (state === 'new' && usesConnectionMark)
    node = diagram.and(node, rangesNode(diagram, 'ctmark', [0, 0], ALL));
  return node;
}
