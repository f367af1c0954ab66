import type { ResolvedRow } from '../../baseline/model.ts';
import { type Diagram, NONE, type Node } from '../../packet/diagram.ts';
import { ICMP_REQUESTS, icmpProtocol } from '../../packet/packet.ts';
import { usualPackets, visibleOf } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { onLoopback } from './loopback.ts';
import { perhapsAnsweredDirectly } from './perhaps-direct.ts';
import { newWay, type Stopped, type Way } from './way.ts';
import { mayBeOwn } from './rerouted.ts';
import { followWay } from './ways.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { byItsLink, sentByChance } from '../addresses/links.ts';
import { staysHere } from '../rows/translated-parts.ts';
import type { FamilyView } from '../view/view.ts';

/** Packets whose connection begins and then stops. */
export interface HalfOpen {
  /** First packets (as they arrive) whose reply or third packet is surely denied, and those for which it can be. */
  readonly definite: Node;
  readonly possible: Node;
  /** The packets that stop: at which hook, in which state, and which of them. */
  readonly stopped: readonly Stopped[];
}

const HOOKS: Readonly<Record<Exclude<ResolvedRow['direction'], 'loopback'>, readonly [FlowHook, FlowHook]>> =
  {
    in: ['input', 'output'],
    out: ['output', 'input'],
    forward: ['forward', 'forward'],
  };

/**
 * Looks at the second and the third packet of the connections whose first packet passes (RFC 9293, section 3.5: SYN,
 * SYN-ACK, ACK), and at the data that is sent back then. Conntrack calls both established; where a rule keeps the first packet out of conntrack, the reply is
 * the first that conntrack sees: see byUnknownReply(). The ACK after it begins a connection for conntrack, if no rule keeps it out
 * too: nf_conntrack_tcp_loose is on unless somebody turns it off (Documentation/networking/nf_conntrack-sysctl.rst), and then it
 * goes through the nat chains.
 *
 * @param only looks only at what passes at this hook
 */
export function halfOpen(view: FamilyView, row: ResolvedRow, passing: Node, only?: FlowHook): HalfOpen {
  const isAnswered = row.states.includes('new') && row.reply !== 'none';
  const open = isAnswered ? answered(view, passing) : NONE;
  if (open === NONE) return { definite: NONE, possible: NONE, stopped: [] };
  if (row.direction === 'loopback') {
    const way = newWay(open);
    onLoopback(view, way, open);
    return way;
  }
  const { diagram } = view;
  const usual = usualPackets(diagram);
  const [hook, back] = HOOKS[row.direction];
  const ways: Way[] = [];
  /** @param moved the one flow where a rule translates the destination */
  const add = (flows: readonly Flow[], at: FlowHook, to: FlowHook, moved?: Flow): void => {
    for (const notrack of [false, true]) {
      const sets = flows.filter(({ transform }) => transform.notrack === notrack).map(({ set }) => set);
      if (sets.length === 0) continue;
      const going = visibleOf(diagram, diagram.orAll(sets), usual);
      // A box of an inbound row has no outgoing interface; the forwarded packet has some.
      const first = diagram.and(open, at === hook ? going : view.sentOn(going));
      if (first === NONE) continue;
      const follow = (packets: Node): Way => {
        const followed = followWay(view, newWay(packets), flows, notrack, [at, to], moved);
        if (at === 'forward' && moved !== undefined && !notrack)
          perhapsAnsweredDirectly(view, followed, moved, row);
        return followed;
      };
      const way = follow(first);
      const isOwn = at === 'output' && moved !== undefined && mayBeOwn(view, moved);
      if (isOwn) perhapsOnly(view, way);
      ways.push(at === hook || moved === undefined ? way : goingByItsLink(view, way, moved, follow));
    }
  };
  const first = view.hook(hook, 'new');
  const isAsked = (at: FlowHook): boolean => only === undefined || only === at;
  if (isAsked(hook)) add(first.plain.flows, hook, back);
  // What the host sends and a rule gives back to it is judged by rows about loopback.
  if (row.direction === 'out')
    for (const flow of first.translated.flows) if (!staysHere(flow)) add([flow], hook, back, flow);
  if (row.direction === 'in') {
    // What a rule redirects stays here, and its reply leaves as any other.
    for (const flow of isAsked(hook) ? first.translated.flows : []) add([flow], hook, back, flow);
    const onwards = isAsked('forward') ? view.hook('forward', 'new').translated.flows : [];
    for (const flow of onwards) add([flow], 'forward', 'forward', flow);
  }
  // Of a firewall between zones: what it publishes.
  if (row.direction === 'forward')
    for (const flow of first.translated.flows) {
      // By an interface of the row that does not lead to where the rule sends them nothing leaves.
      const set = diagram.and(flow.set, byItsLink(view, flow));
      if (set !== NONE) add([{ ...flow, set }], hook, back, flow);
    }
  return byChance(view, row, open, together(diagram, ways));
}

/** What is forwarded leaves by the interface of the link to which chance sends it: where one of them stops it, it may stop. */
function byChance(view: FamilyView, row: ResolvedRow, open: Node, halves: HalfOpen): HalfOpen {
  const { diagram } = view;
  const { definite, possible, stopped } = halves;
  const both = diagram.or(definite, possible);
  if (row.direction !== 'forward' || both === NONE) return halves;
  const chance = diagram.and(both, sentByChance(view, view.hook('forward', 'new').translated));
  if (chance === NONE) return halves;
  const anywhere = diagram.and(open, view.project(chance, ['out']));
  const perhaps = stopped.filter((one) => one.definite);
  return {
    definite,
    possible: diagram.difference(diagram.or(possible, anywhere), definite),
    stopped: [...stopped, ...perhaps.map((one): Stopped => ({ ...one, definite: false, oneWay: true }))],
  };
}

/**
 * The way without what goes on where the packets leave by their link (Link): rules may translate their source by that interface alone
 * (`-o lan0 -j MASQUERADE`), and what becomes of them by others is no matter then.
 */
function goingByItsLink(view: FamilyView, way: Way, moved: Flow, follow: (packets: Node) => Way): Way {
  const { diagram } = view;
  const link = diagram.and(way.first, byItsLink(view, moved));
  if (diagram.or(way.definite, way.possible) === NONE || link === way.first || link === NONE) return way;
  const { definite, possible } = follow(link);
  const works = view.project(diagram.difference(link, diagram.or(definite, possible)), ['out']);
  way.definite = diagram.difference(way.definite, works);
  way.possible = diagram.difference(way.possible, works);
  if (diagram.or(way.definite, way.possible) === NONE) way.stopped.length = 0;
  return way;
}

/** What nobody knows to go to another machine may come back to the host by the loopback interface, with its connection: all that is sure of it is possible. */
function perhapsOnly(view: FamilyView, way: Way): void {
  way.possible = view.diagram.or(way.possible, way.definite);
  way.definite = NONE;
  way.stopped.forEach((one, at) => {
    way.stopped[at] = { ...one, definite: false, byAny: true };
  });
}

/** Packets that somebody replies to: of ICMP requests alone. Other messages begin no connection that could stop (RFC 792, RFC 4443). */
function answered(view: FamilyView, packets: Node): Node {
  const asked = ICMP_REQUESTS[view.family];
  const number = icmpProtocol(view.family);
  const others = view.diagram.literal('unanswered', asked, () =>
    view.diagram.difference(view.field('protocol', [number, number]), view.field('icmpType', asked)),
  );
  return view.diagram.difference(packets, others);
}

/** What surely stops does so in every way that the first packet can go; where chance decides the way, it is possible. */
function together(diagram: Diagram, ways: readonly Way[]): HalfOpen {
  const stops = diagram.orAll(ways.map((way) => way.definite));
  const goesOn = diagram.orAll(ways.map((way) => diagram.difference(way.first, way.definite)));
  const definite = diagram.difference(stops, goesOn);
  const possible = diagram.difference(diagram.orAll([stops, ...ways.map((way) => way.possible)]), definite);
  const stopped = ways.flatMap((way) => {
    const meets = (set: Node): boolean => diagram.and(way.definite, set) !== NONE;
    const kept = meets(definite) ? way.stopped : way.stopped.filter((one) => !one.definite);
    const other = meets(possible) ? way.stopped.filter((one) => one.definite) : [];
    return [...kept, ...other.map((one): Stopped => ({ ...one, definite: false, oneWay: true }))];
  });
  return { definite, possible, stopped };
}
