import { type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import type { Chain } from '../../rule/ruleset.ts';
import { usualPackets, visibleOf } from '../../symbolic/bounds.ts';
import { DESTINATION_NAT } from '../../symbolic/stages.ts';
import { kept } from '../../text/kept.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/**
 * Packets of established connections that go the way of the first one, and that the chains before the translation may deny. Whether the
 * connection is translated was settled by its first packet: of the packets that are, these are stopped as well as those that are denied
 * behind it.
 */
export function stoppedBefore(
  view: FamilyView,
  [hook, state, tcpFlags]: readonly [FlowHook, ConnectionState, number],
  packets: Node,
): Node {
  if (!view.ruleset.chains.some(isEarly)) return NONE;
  const { diagram } = view;
  const early = kept(EARLY, view, () =>
    view.withChains((all) => all.filter((chain) => chain.base === undefined || isEarly(chain))),
  );
  const analysis = early.analysis(hook, state, tcpFlags, true, 'no');
  const { deny } = analysis.pass(diagram.and(analysis.entry(), packets));
  return visibleOf(diagram, deny, usualPackets(diagram));
}

const EARLY = new WeakMap<FamilyView, FamilyView>();

const isEarly = ({ base }: Chain): boolean =>
  base !== undefined &&
  (base.hook === 'ingress' ||
    (base.hook === 'prerouting' && base.type !== 'nat' && base.priority < DESTINATION_NAT));
