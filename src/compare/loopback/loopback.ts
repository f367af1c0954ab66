import { compose } from '../../symbolic/translation/compose.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import type { Analysis } from '../../symbolic/analysis.ts';
import { type Bounds, boundsOfNeeds, usualPackets, visible, visibleOf } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { IDENTITY, type Transform } from '../../symbolic/translation/transform.ts';
import { kept, onceOf } from '../../text/kept.ts';
import { loopbackAddress } from '../addresses/addresses.ts';
import {
  arrivalsOf,
  beforeLoopback,
  begunWith,
  boundsCarrying,
  type Carried,
  carriedOf,
  carrying,
} from './carried.ts';
import { translatedSet } from '../half-open/mirror.ts';
import { passingWithAnother } from './given-sources.ts';
import { staysOnLoopback, toDestination } from '../rows/translated-parts.ts';
import type { FamilyView } from '../view/view.ts';

/** One of the ways that packets go on the loopback interface, out by it and in again. */
interface Way {
  /** Packets that go it, or can, in terms of what both hooks see. */
  readonly packets: Node;
  /** Of all packets, as they leave, those that pass where they come in. */
  readonly input: Bounds;
  /** What conntrack calls them there. */
  readonly state: ConnectionState;
  /** What rules make of their destination on the way out. */
  readonly moved?: NonNullable<Transform['destination']>;
  /** What else rules on the way in ask for of what rules made of them on the way out. */
  readonly carried: Transform;
}

/** First packets with the destination that rules give them on their way out. */
export interface Moved {
  readonly packets: Node;
  readonly destination: NonNullable<Transform['destination']>;
}

/** First packets where they come in by the loopback interface, in their state. */
export interface ComingIn {
  readonly packets: Node;
  readonly state: ConnectionState;
  readonly carried?: Carried;
}

/** Packets that rules keep out of connection tracking; in terms of what both hooks of the loopback interface see. */
export function keptUntracked(view: FamilyView, flows: readonly Flow[]): Node {
  return packetsOf(
    view,
    flows.filter(({ transform }) => transform.notrack),
  );
}

/**
 * A packet keeps on the loopback interface what was made of it when it left. One that the raw table's output chain kept out
 * of connection tracking is untracked where it comes in, too (net/netfilter/nf_conntrack_core.c, nf_conntrack_in:
 * "Previously seen"); one that the nat table's output chain redirected comes in with its new destination.
 */
function waysOf(view: FamilyView, state: ConnectionState): readonly Way[] {
  return kept(
    kept(waysKnown, view, () => new Map()),
    state,
    () => newWays(view, state),
  );
}

/** Every loopback row asks; the output of a host may have thousands of translations. */
const waysKnown = new WeakMap<FamilyView, Map<ConnectionState, readonly Way[]>>();

function newWays(view: FamilyView, state: ConnectionState): readonly Way[] {
  const flows = view.hook('output', state).passage.accept;
  const groups = new Map<string, { readonly way: Omit<Way, 'packets' | 'input'>; readonly flows: Flow[] }>();
  for (const flow of flows) {
    const way = wayOf(view, state, flow);
    const key = way.moved === undefined ? `${way.state} ${way.carried.key}` : `${groups.size}`;
    kept(groups, key, () => ({ way, flows: [] })).flows.push(flow);
  }
  const plain: Way = { packets: NONE, input: inputBounds(view, state), state, carried: IDENTITY };
  const ways = [...groups.values()].flatMap(({ way, flows: mine }): Way[] => {
    const packets = packetsOf(view, mine);
    return packets === NONE ? [] : [{ packets, input: inputOf(view, way), ...way }];
  });
  const isPlain = (way: Way): boolean =>
    way.state === state && way.carried === IDENTITY && way.moved === undefined;
  return [ways.find(isPlain) ?? plain, ...ways.filter((way) => !isPlain(way))];
}

function wayOf(view: FamilyView, state: ConnectionState, flow: Flow): Omit<Way, 'packets' | 'input'> {
  const { transform } = flow;
  const { destination } = transform;
  const moved = destination !== undefined && staysOnLoopback(view, flow) ? { moved: destination } : {};
  const arriving = transform.notrack && !('moved' in moved) ? 'untracked' : state;
  return { state: arriving, ...moved, carried: carriedOf(view, arrivalAnalysis(view, arriving), transform) };
}

const arrivalAnalysis = (view: FamilyView, state: ConnectionState): Analysis =>
  view.hook('input', state).analysis;

/** Of all packets, as they leave, those that pass where they come in. */
function inputOf(view: FamilyView, { state, moved, carried }: Omit<Way, 'packets' | 'input'>): Bounds {
  if (carried !== IDENTITY) {
    const whole = compose(carried, toDestination(moved));
    const analysis = arrivalAnalysis(view, state);
    return boundsCarrying(view, analysis, whole, begunWith(view, analysis));
  }
  const input = inputBounds(view, state);
  return moved === undefined ? input : before(view, input, moved);
}

/** Bounds of packets as they leave, where rules then give them the destination. */
function before(view: FamilyView, { must, may }: Bounds, destination: NonNullable<Way['moved']>): Bounds {
  const pre = (node: Node): Node =>
    visible(view.diagram, beforeLoopback(view, node, toDestination(destination)));
  // Whichever of several addresses or ports the translation takes.
  return { must: view.diagram.not(pre(view.diagram.not(must))), may: pre(may) };
}

/** What passes both ways: out by the loopback interface and in by it. */
export function loopbackBounds(view: FamilyView, state: ConnectionState): Bounds {
  const { diagram } = view;
  const sent = boundsOfNeeds(view.hook('output', state).bounds);
  const ways = waysOf(view, state);
  const stops = ways.map(({ packets, input }) => diagram.difference(packets, input.must));
  const passes = ways.map(({ packets, input }) => diagram.and(packets, input.may));
  const elsewhere = state === 'new' ? unfollowed(view) : NONE;
  return {
    must: diagram.difference(leaving(view, sent.must), diagram.orAll(stops)),
    may: diagram.and(leaving(view, sent.may), diagram.or(diagram.orAll(passes), elsewhere)),
  };
}

/** First packets of which it is not followed what rules make of them, and that may pass with it; see other-source.ts. */
export const unfollowed = (view: FamilyView): Node =>
  view.diagram.or(sentAway(view), passingWithAnother(view));

/** For a finding about such packets. */
export const UNFOLLOWED =
  'which source or destination the rules of nat give what leaves by the loopback interface';

/**
 * Which packets stop where they leave, and which where they come in: those that would pass there stop before.
 *
 * @param definite whether they surely stop
 */
export function loopbackStops(
  view: FamilyView,
  state: ConnectionState,
  packets: Node,
  definite: boolean,
): { readonly out: Node; readonly in: readonly ComingIn[] } {
  const { diagram } = view;
  const [plain, ...others] = waysOf(view, state) as [Way, ...Way[]];
  const open = ({ input }: Way): Node => (definite ? input.may : input.must);
  const found: ComingIn[] = [];
  let rest = packets;
  for (const way of others) {
    const closed = diagram.difference(diagram.and(rest, way.packets), open(way));
    found.push(...comingIn(view, way, closed));
    rest = diagram.difference(rest, closed);
  }
  // A packet may go several ways: which one, fields decide that boxes do not have.
  const elsewhere = diagram.difference(diagram.orAll(others.map((way) => way.packets)), plain.packets);
  const out = diagram.and(rest, diagram.or(open(plain), elsewhere));
  return { out, in: [...found, ...comingIn(view, plain, diagram.difference(rest, out))] };
}

/** First packets that rules may give another destination on their way out, and which. */
export function movedOnLoopback(view: FamilyView): readonly Moved[] {
  return waysOf(view, 'new').flatMap(({ packets, moved }) =>
    moved === undefined ? [] : [{ packets, destination: moved }],
  );
}

/** First packets that may go a way on which their destination stays what it was. */
export function unmovedOnLoopback(view: FamilyView): Node {
  const ways = waysOf(view, 'new').filter(({ moved }) => moved === undefined);
  return view.diagram.orAll(ways.map(({ packets }) => packets));
}

/** First packets that rules send to an address that is not known to be the host's: they may not come in by the loopback interface. */
export const sentAway = onceOf((view: FamilyView): Node => {
  const { accept } = view.hook('output', 'new').passage;
  return packetsOf(
    view,
    accept.filter((flow) => flow.transform.destination !== undefined && !staysOnLoopback(view, flow)),
  );
});

/** Packets as they come in by the loopback interface behind the translation. */
export function movedSet(view: FamilyView, packets: Node, destination: NonNullable<Way['moved']>): Node {
  const translated = translatedSet(view, packets, destination);
  // A redirected packet goes to 127.0.0.1 or ::1 (net/netfilter/nf_nat_redirect.c).
  const here =
    destination.address?.kind === 'local' ? view.field('dst', loopbackAddress(view.family)) : view.familyNode;
  return view.diagram.and(translated, here);
}

/** First packets that pass both ways, where they come in. */
export function loopbackArrivals(view: FamilyView, packets: Node): readonly ComingIn[] {
  const { diagram } = view;
  const [plain, ...others] = waysOf(view, 'new') as [Way, ...Way[]];
  const rest = diagram.difference(packets, diagram.orAll(others.map((way) => way.packets)));
  return [
    ...comingIn(view, plain, rest),
    ...others.flatMap((way) => comingIn(view, way, diagram.and(packets, way.packets))),
  ];
}

function comingIn(view: FamilyView, { state, moved, carried }: Way, packets: Node): readonly ComingIn[] {
  if (packets === NONE) return [];
  const some = carried === IDENTITY ? {} : { carried: carriedIn(view, state, carried, packets) };
  if (moved === undefined) return [{ packets, state, ...some }];
  return [{ packets: movedSet(view, packets, moved), state, ...some }];
}

function carriedIn(view: FamilyView, state: ConnectionState, transform: Transform, left: Node): Carried {
  const values = carrying(view, transform, state === 'new' ? 0 : undefined);
  return { values, hook: arrivalsOf(view, arrivalAnalysis(view, state)), left };
}

/** What passes input on the loopback interface. */
function inputBounds(view: FamilyView, state: ConnectionState): Bounds {
  const { must, may } = boundsOfNeeds(view.hook('input', state).bounds);
  const arriving = (node: Node): Node => view.project(view.diagram.and(node, view.loopback('in')), ['in']);
  return { must: arriving(must), may: arriving(may) };
}

function packetsOf(view: FamilyView, flows: readonly Flow[]): Node {
  if (flows.length === 0) return NONE;
  const { diagram } = view;
  const all = diagram.orAll(flows.map(({ set }) => set));
  return leaving(view, visibleOf(diagram, all, usualPackets(diagram)));
}

const leaving = (view: FamilyView, node: Node): Node =>
  view.project(view.diagram.and(node, view.loopback('out')), ['in', 'out']);
