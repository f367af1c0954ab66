import { type Node, NONE } from '../packet/diagram.ts';
import type { ConnectionState } from '../packet/packet.ts';
import { type Bounds, boundsOfNeeds, usualPackets, visibleOf } from '../symbolic/bounds.ts';
import type { Flow } from '../symbolic/summary.ts';
import type { FamilyView } from './view.ts';

/** Packets that rules keep out of connection tracking; in terms of what both hooks of the loopback interface see. */
export function keptUntracked(view: FamilyView, flows: readonly Flow[], notrack = true): Node {
  const { diagram } = view;
  const sets = flows.filter(({ transform }) => transform.notrack === notrack).map(({ set }) => set);
  return sets.length === 0
    ? NONE
    : leaving(view, visibleOf(diagram, diagram.orAll(sets), usualPackets(diagram)));
}

/** First packets of a state, on their way out by `lo` and in again, by what conntrack makes of them where they come in. */
interface Ways {
  readonly sent: Bounds;
  /** Packets that go that way, or can, and what passes input then. */
  readonly tracked: { readonly packets: Node; readonly input: Bounds };
  readonly untracked: { readonly packets: Node; readonly input: Bounds };
}

/**
 * A packet keeps on the loopback interface what conntrack made of it when it left: one that the raw table's output chain
 * kept out is untracked where it comes in, too (net/netfilter/nf_conntrack_core.c, nf_conntrack_in: "Previously seen").
 */
function ways(view: FamilyView, state: ConnectionState): Ways {
  const output = view.hook('output', state);
  const { accept } = output.passage;
  const untracked = keptUntracked(view, accept);
  const sent = inBoth(boundsOfNeeds(output.bounds), (node) => leaving(view, node));
  const input = (own: ConnectionState): Bounds =>
    inBoth(boundsOfNeeds(view.hook('input', own).bounds), (node) => arriving(view, node));
  const own = input(state);
  if (untracked === NONE)
    return { sent, tracked: { packets: sent.may, input: own }, untracked: { packets: NONE, input: own } };
  return {
    sent,
    tracked: { packets: keptUntracked(view, accept, false), input: own },
    untracked: { packets: untracked, input: input('untracked') },
  };
}

/** What passes both ways: out by the loopback interface and in by it. */
export function loopbackBounds(view: FamilyView, state: ConnectionState): Bounds {
  const { diagram } = view;
  const { sent, tracked, untracked } = ways(view, state);
  const stops = ({ packets, input }: Ways['tracked']): Node => diagram.difference(packets, input.must);
  const passes = ({ packets, input }: Ways['tracked']): Node => diagram.and(packets, input.may);
  return {
    must: diagram.difference(sent.must, diagram.or(stops(tracked), stops(untracked))),
    may: diagram.and(sent.may, diagram.or(passes(tracked), passes(untracked))),
  };
}

/**
 * Which packets stop where they leave, and which where they come in, in which state: those that pass input stop before it.
 *
 * @param definite whether they surely stop
 */
export function loopbackStops(
  view: FamilyView,
  state: ConnectionState,
  packets: Node,
  definite: boolean,
): { readonly out: Node; readonly tracked: Node; readonly untracked: Node } {
  const { diagram } = view;
  const { tracked, untracked } = ways(view, state);
  const open = ({ input }: Ways['tracked']): Node => (definite ? input.may : input.must);
  const closed = (way: Ways['tracked']): Node =>
    diagram.difference(diagram.and(packets, way.packets), open(way));
  const late = closed(untracked);
  const rest = diagram.difference(packets, late);
  const out = diagram.and(rest, diagram.or(open(tracked), untracked.packets));
  return { out, tracked: diagram.difference(rest, out), untracked: late };
}

const inBoth = ({ must, may }: Bounds, each: (node: Node) => Node): Bounds => ({
  must: each(must),
  may: each(may),
});

const arriving = (view: FamilyView, node: Node): Node =>
  view.project(view.diagram.and(node, view.loopback('in')), ['in']);

const leaving = (view: FamilyView, node: Node): Node =>
  view.project(view.diagram.and(node, view.loopback('out')), ['in', 'out']);
