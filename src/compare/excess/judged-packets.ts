import type { Party, ResolvedBaseline, ResolvedHost } from '../../baseline/model.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import { pairsOf, type Ranges } from '../../packet/ranges.ts';
import { ofFamily } from '../addresses/addresses.ts';
import { toThemselves } from '../addresses/itself.ts';
import type { GroupMembers } from '../../rule/ruleset.ts';
import { within } from '../../packet/relations.ts';
import { type Flow, isTranslated } from '../../symbolic/chains/summary.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { hostAddresses, partyAddresses } from '../rows/parties.ts';
import type { FamilyView } from '../view/view.ts';
import { onceOf } from '../../text/kept.ts';
import { networkOf } from '../../symbolic/own-links.ts';
import { addressSet } from '../addresses/wide-addresses.ts';

/**
 * The packets of a direction that some baseline closes: what of them no row documents is excess. At a firewall between
 * zones that is what goes to the roles behind it, what comes from them, and what has no end among them, each as far as the
 * baseline closes it.
 */
export function judgedPackets(
  view: FamilyView,
  baselines: readonly ResolvedBaseline[],
  direction: 'in' | 'out' | 'forward',
): Node {
  return view.diagram.orAll(
    baselines.map((baseline) =>
      direction === 'forward' && baseline.behind !== undefined
        ? crossing(view, baseline)
        : baseline.closed[direction]
          ? ALL
          : NONE,
    ),
  );
}

/** Packets to the host's own addresses, which a translation may send on to another machine. */
export interface Published {
  readonly packets: Node;
  /** Whether the host's addresses are known; else these are all packets. */
  readonly known: boolean;
}

export const NOTHING_PUBLISHED: Published = { packets: NONE, known: true };

/** What decides whether published packets are the host's, where its addresses are not known. */
export const OWN_ADDRESS = 'whether the destination is an address of the host, which `ip -j addr` tells';

/**
 * What a translation publishes at the host's own addresses comes in by the host, wherever it goes from there: it is judged where
 * a baseline closes what comes in, though it may leave open what passes through. A firewall between zones publishes for others;
 * there that is judged by what is behind it.
 */
export function publishedPackets(view: FamilyView, { baselines, own }: ResolvedHost): Published {
  const closed = baselines.some((baseline) => baseline.closed.in);
  if (!closed || baselines.some(({ behind }) => behind !== undefined)) return { packets: NONE, known: true };
  const addresses = hostAddresses(view.ruleset, own, view.family);
  if (addresses === undefined) return { packets: ALL, known: false };
  return { packets: view.field('dst', addresses), known: true };
}

/** What is sent to the host's addresses, as `ip -j addr` and the deployment give them; everything, where the former was not given. */
export function toOwnAddresses(view: FamilyView, { own }: ResolvedHost): Node {
  const listed = toListedAddresses(view);
  if (listed === NONE) return ALL;
  const bound = partyAddresses(view.ruleset, own, view.family) ?? [];
  return view.diagram.or(listed, view.field('dst', bound));
}

/** What is sent to the addresses that `ip -j addr` gives the host, which forwards none of it unless a rule translates it. */
export const toListedAddresses = onceOf((view: FamilyView): Node => {
  const { host } = view.ruleset;
  const listed = host?.addresses.filter(({ family }) => family === view.family) ?? [];
  if (listed.length === 0) return NONE;
  // All of 127.0.0.0/8 but its broadcast address (net/ipv4/fib_frontend.c, fib_add_ifaddr).
  const networks = listed
    .filter(
      ({ family, loopback, secondary, prefixLength }) =>
        family === 4 && loopback && !secondary && prefixLength < 31,
    )
    .map((one) => networkOf(one, 32));
  return view.diagram.orAll([
    view.field('dst', addressSet(listed, view.family)),
    ...networks.map(({ lo, hi }) => view.field('dst', [Number(lo), Number(hi) - 1])),
  ]);
});

/** Whether the packets are all for the host itself, so that it forwards none of them. */
export function areForTheHost(view: FamilyView, packets: Node, flows: readonly Flow[]): boolean {
  return !flows.some(isTranslated) && within(view.diagram, packets, toListedAddresses(view));
}

/** Those of a set's packets that are in it whatever their destination is: the host's own address is one of them. */
export function toEveryAddress(view: FamilyView, packets: Node): Node {
  const { diagram } = view;
  return diagram.not(view.project(diagram.not(packets), ['dst']));
}

function crossing(view: FamilyView, { behind = [], closed }: ResolvedBaseline): Node {
  const { diagram } = view;
  const ends = behind.map((one) => ({
    ...one,
    to: endNode(view, one.party, 'dst'),
    from: endNode(view, one.party, 'src'),
  }));
  // Who stands behind the firewall is not known: what goes to them cannot be told from the rest.
  if (ends.some(({ to }) => to === undefined) && closed.forward) return ALL;
  // Between machines of one role nothing tells whether the firewall is on the way: that is judged where what they open is.
  const inward = diagram.orAll(
    ends.flatMap(({ in: closedIn, to = NONE, from = NONE }) =>
      closedIn ? diagram.difference(to, from) : [],
    ),
  );
  const outward = diagram.orAll(ends.flatMap((end) => (end.out ? (end.from ?? NONE) : [])));
  const touching = diagram.orAll(ends.flatMap((end) => [end.to ?? NONE, end.from ?? NONE]));
  const between = closed.forward ? diagram.difference(ALL, touching) : NONE;
  return diagram.orAll([inward, outward, between]);
}

/** Packets with the party at one end; undefined where nothing tells them. */
function endNode(view: FamilyView, party: Party, field: 'src' | 'dst'): Node | undefined {
  const addresses = partyAddresses(view.ruleset, party, view.family);
  if (addresses !== undefined) return view.field(field, addresses);
  if (party.interfaces.length === 0) return undefined;
  return view.named(field === 'src' ? 'in' : 'out', party.interfaces);
}

/**
 * Packets without those that are other machines' alone, as the exports have their addresses: a group of a subnet has rules for each machine
 * of it, and what one is for passes no other machine's interface.
 */
export function withoutOthers(
  view: FamilyView,
  { own: bound }: ResolvedHost,
  hook: FlowHook,
  packets: Node,
): Node {
  const { diagram, ruleset, family } = view;
  const { own, elsewhere } = ruleset.cloud ?? {};
  if (own === undefined || elsewhere === undefined || hook === 'forward') return packets;
  const field = hook === 'output' ? 'src' : 'dst';
  const at = (addresses: GroupMembers): Node => view.field(field, ofFamily(addresses, family) ?? []);
  // An address that moves between machines is of each that the deployment gives it, whoever has it in the exports.
  const all = diagram.or(at(own), view.field(field, ofFamily(bound, family) ?? []));
  // Most are the instance's own too, and others' addresses may be many.
  const alike = view.project(diagram.and(packets, all), [field]);
  const rest = diagram.difference(packets, alike);
  return rest === NONE || !within(diagram, rest, at(elsewhere())) ? packets : diagram.and(packets, alike);
}

/** Whether the packets are all what the host sends to itself, or what one of several machines that a cloud guards alike does. */
export function areToItself(view: FamilyView, packets: Node, itself: Node): boolean {
  if (itself !== NONE && within(view.diagram, packets, itself)) return true;
  const own = ofFamily(view.ruleset.cloud?.own, view.family) ?? [];
  if (own.length === 0 || !within(view.diagram, packets, view.field('dst', own))) return false;
  return within(view.diagram, packets, toThemselves(view, own));
}

/**
 * At an instance of a cloud whose addresses are known: what it sends to itself, which no group sees. A group that allows its own
 * members opens nothing where the instance is the only one. (https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html)
 * Several addresses of a role may be of several machines.
 */
export function withItself(view: FamilyView, { own }: ResolvedHost, hook: FlowHook): Node {
  const { cloud } = view.ruleset;
  if (cloud === undefined || hook === 'forward') return NONE;
  const peer = hook === 'output' ? 'dst' : 'src';
  const known = cloud.machines === 'one' ? view.field(peer, ofFamily(cloud.own, view.family) ?? []) : NONE;
  const addresses = hostAddresses(view.ruleset, own, view.family);
  const pairs = addresses === undefined ? [] : pairsOf(addresses as Ranges<bigint>);
  const [only] = pairs;
  if (only === undefined || pairs.length > 1 || only[0] !== only[1]) return known;
  return view.diagram.or(known, view.field(peer, addresses as Ranges<bigint>));
}
