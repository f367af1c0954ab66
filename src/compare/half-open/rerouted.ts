import { type Node, NONE } from '../../packet/diagram.ts';
import { usualPackets, visibleOf } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { kept } from '../../text/kept.ts';
import { readdressed, telling } from './sources.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { byOthers, linkOf, named } from '../addresses/links.ts';
import { mirrored } from './mirror.ts';
import { listedAddresses } from '../rows/parties.ts';
import type { FamilyView } from '../view/view.ts';

/** First packets whose source rules translate at input, by what the chains of output see of the interface of their replies. */
interface Rerouted {
  readonly all: Node;
  readonly parts: readonly { readonly packets: Node; readonly out: Node }[];
}

const NOTHING: Rerouted = { all: NONE, parts: [] };

/**
 * A process answers the source that nat's INPUT has given a packet: the route to that one decides which interface the chains of output see.
 * Only behind them goes the reply to who asked (net/netfilter/nf_nat_proto.c, nf_nat_ipv4_local_fn and ip_route_me_harder; the hook's state
 * keeps its interface). Tried in the kernel.
 */
function reroutedAt(view: FamilyView): Rerouted {
  return kept(REROUTED, view, () => {
    const { chains } = view.ruleset;
    if (!chains.some(({ base }) => base?.type === 'nat' && base.hook === 'input')) return NOTHING;
    const { accept } = telling(view).hook('input', 'new').passage;
    const { diagram } = view;
    const { must } = readdressed(view, 'input', view.familyNode);
    const parts = accept.flatMap(({ transform: { source }, set }) => {
      if (source === undefined) return [];
      const packets = diagram.and(must, visibleOf(diagram, set, usualPackets(diagram)));
      return packets === NONE ? [] : [{ packets, out: seenBy(view, source) }];
    });
    return { all: diagram.orAll(parts.map(({ packets }) => packets)), parts };
  });
}

const REROUTED = new WeakMap<FamilyView, Rerouted>();

/** The interface of the route to a source: that of its link, `lo` for the host's own; any, where nobody gives the links. */
function seenBy(view: FamilyView, source: NonNullable<Flow['transform']['source']>): Node {
  const { address } = source;
  const isOne = address?.kind === 'range' && address.lo === address.hi;
  const own = listedAddresses(view.ruleset, view.family) as readonly (number | bigint)[];
  if (isOne && own.some((end) => BigInt(end) === address.lo)) return view.loopback('out');
  const link = linkOf(view, address);
  if (link === undefined) return view.offLoopback('out');
  return named(view, 'out', link.interfaces);
}

/** Whether the replies to some of the packets may leave by several interfaces, as far as the chains of output see. */
export function mayBeRerouted(view: FamilyView, came: FlowHook, first: Node): boolean {
  return came === 'input' && view.diagram.and(first, reroutedAt(view).all) !== NONE;
}

/**
 * Replies as the chains of their hook see them.
 *
 * @param answered first packets as those have them that answer
 */
export function leavingAs(view: FamilyView, came: FlowHook, moved: Flow | undefined, answered: Node): Node {
  if (came === 'output' && moved !== undefined) return comingBack(view, moved, answered);
  const { all, parts } = came === 'input' && moved === undefined ? reroutedAt(view) : NOTHING;
  const { diagram } = view;
  if (parts.length === 0 || diagram.and(answered, all) === NONE) return mirrored(view, answered);
  const others = mirrored(view, diagram.difference(answered, all));
  const rerouted = parts.map(({ packets, out }) => {
    const replies = mirrored(view, diagram.and(answered, packets));
    const seen = diagram.and(view.project(replies, ['out']), out);
    // The chains of postrouting see the interface by which it leaves.
    return asksBehind(view) ? diagram.or(seen, replies) : seen;
  });
  return diagram.orAll([others, ...rerouted]);
}

/** Whether the route is looked up again for what the host sends, as it goes to another address. */
export const isSentOn = ({ destination }: Flow['transform']): boolean => destination?.address !== undefined;

/**
 * Replies to what the host sends and nat's output gives another address: they come by the interface of that one's link, where `ip -j addr`
 * tells it, whatever the first route was; else by any (net/netfilter/nf_nat_proto.c, nf_nat_ipv4_local_fn). Tried in the kernel.
 */
function comingBack(view: FamilyView, { transform }: Flow, answered: Node): Node {
  const replies = mirrored(view, answered);
  if (!isSentOn(transform)) return replies;
  const link = linkOf(view, transform.destination?.address);
  const by = link === undefined ? byOthers(view, 'in') : named(view, 'in', link.interfaces);
  return view.diagram.and(view.project(replies, ['in']), by);
}

/** Whether what the host sends may go to an address of its own, as nobody gives these. */
export const mayBeOwn = (view: FamilyView, { transform }: Flow): boolean =>
  view.ruleset.host === undefined && isSentOn(transform);

/** Whether the replies may come in by several interfaces, of which only the host's routes tell the one. */
export function mayComeByAny(view: FamilyView, came: FlowHook, moved: Flow | undefined): boolean {
  if (came !== 'output' || moved === undefined || !isSentOn(moved.transform)) return false;
  return linkOf(view, moved.transform.destination?.address)?.interfaces.length !== 1;
}

/** First packets that such replies answer. */
export function answeredFrom(view: FamilyView, came: FlowHook, first: Node, answers: Node): Node {
  const { all, parts } = came === 'input' ? reroutedAt(view) : NOTHING;
  const { diagram } = view;
  if (parts.length === 0 || diagram.and(first, all) === NONE)
    return diagram.and(first, mirrored(view, answers));
  const rerouted = parts.map(({ packets, out }) => {
    const seen = asksBehind(view) ? answers : diagram.and(answers, out);
    return view.all(first, packets, mirrored(view, view.project(seen, ['out'])));
  });
  const others = diagram.and(diagram.difference(first, all), mirrored(view, answers));
  return diagram.orAll([others, ...rerouted]);
}

const asksBehind = ({ ruleset: { chains } }: FamilyView): boolean =>
  chains.some(({ base, rules }) => base?.hook === 'postrouting' && base.type !== 'nat' && rules.length > 0);
