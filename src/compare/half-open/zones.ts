import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import type { Ranges } from '../../packet/ranges.ts';
import type { Changed } from '../../symbolic/scope.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { byZone, type ByZone } from './connection-zones.ts';
import { unknownData, untrackedData } from './data.ts';
import { lostAnswers } from './lost.ts';
import { answeredBy, firstOf } from './answers.ts';
import { replies } from './replies.ts';
import { readdressed } from './sources.ts';
import { add, byUnknownReply, changeOf, newWay, note, type Stopped, type Way, type Followed } from './way.ts';
import { third } from './third.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { leavingAs, mayComeByAny } from './rerouted.ts';
import { usuallyBack } from '../addresses/links.ts';
import { mirrored } from './mirror.ts';
import { ACK, DATA, type FamilyView, SYN_ACK } from '../view/view.ts';
import { zonesOf } from '../view/zone-views.ts';

type Hooks = readonly [FlowHook, FlowHook];

/**
 * Connections by their zones: a reply that conntrack looks up in another one is the first of none that it knows
 * (nf_conntrack_core.c, nf_ct_key_equal; iptables-extensions(8), CT; nft(8), CT EXPRESSIONS).
 *
 * @param tracked what becomes of those with their replies in the same zone
 */
export function byItsZone(
  view: FamilyView,
  way: Way,
  flows: readonly Flow[],
  hooks: Hooks,
  moved: Flow | undefined,
  tracked: (to: Way, packets: Node) => void,
): void {
  if (zonesOf(view).views.length === 0) {
    tracked(way, way.first);
    return;
  }
  const [hook] = hooks;
  const answers = leavingAs(view, hook, moved, answeredBy(view, way.first, moved));
  const firstsOf = (set: Node): Node => firstOf(view, hook, way.first, moved, set);
  const source = readdressed(view, hook, way.first);
  const changed = changeOf(moved);
  const usual = moved !== undefined && hook === 'forward' ? usuallyBack(view, answers) : answers;
  const isMoved = source.may !== NONE;
  const byEach = mayComeByAny(view, hook, moved);
  const zones = byZone(view, way.first, hooks, changed, answers, firstsOf, isMoved, byEach, usual);
  if (zones.alike !== NONE) tracked(way, zones.alike);
  if (zones.other !== NONE) {
    const lost = newWay(zones.other);
    untold(view, lost, source, flows, hooks, moved, zones);
    add(view, way, lost.definite, lost.possible);
    way.stopped.push(...lost.stopped);
  }
  if (zones.unsure === NONE) return;
  const [known, lost] = [newWay(zones.unsure), newWay(zones.unsure)];
  tracked(known, zones.unsure);
  untold(view, lost, source, flows, hooks, moved, { onward: ALL, joined: NONE });
  either(view, way, [known, lost]);
  clashes(view, way, zones.clashing, hook, changed);
}

/**
 * What follows a first packet in another zone than its own begins a connection, with replies in the same zone as those of the first: the
 * kernel drops what begins it, or gives it another port where rules translate (nf_conntrack_core.c, __nf_conntrack_confirm;
 * nf_nat_core.c, nf_nat_used_tuple). Tried in the kernel.
 */
function clashes(view: FamilyView, way: Way, packets: Node, hook: FlowHook, changed: Changed): void {
  const clashing =
    packets === NONE ? NONE : view.diagram.difference(packets, view.field('protocol', TAKES_BOTH));
  if (clashing === NONE) return;
  add(view, way, NONE, clashing);
  const where = { what: 'third packet', hook, state: 'new', tcpFlags: ACK, changed, zoned: true } as const;
  note(way, where, NONE, clashing);
}

/**
 * Connections whose replies conntrack does not take for theirs. The ACK after a SYN-ACK is invalid, as in unseenAnswers(), unless it is looked
 * up in another zone than the SYN (a zone that a rule gives by TCP flags): there it begins a connection, to which what comes back belongs
 * where that has the same zone. Tried in the kernel.
 */
function untold(
  view: FamilyView,
  way: Way,
  source: { readonly must: Node; readonly may: Node },
  flows: readonly Flow[],
  hooks: Hooks,
  moved: Flow | undefined,
  zones: Pick<ByZone, 'onward' | 'joined'>,
): void {
  const { diagram } = view;
  const back = hooks[1];
  const tcp = diagram.and(way.first, view.field('protocol', [6, 6]));
  const unknown = byUnknownReply(view, way.first);
  const found = newWay(way.first);
  const followed = { view, way: found, hooks, moved };
  for (const state of ['invalid', 'new'] as const)
    if (unknown[state] !== NONE) replies(followed, { packets: unknown[state] }, flows, state);
  third(followed, diagram.difference(way.first, tcp), { state: 'new' });
  behindReplies(followed, tcp, zones);
  if (moved !== undefined) lostAnswers(view, found, way.first, back, moved);
  // What is sent to the address of a translation nothing gives its own back.
  const where = {
    what: 'reply',
    hook: back,
    state: 'invalid',
    tcpFlags: SYN_ACK,
    changed: changeOf(moved),
  } as const;
  const stops = (packets: Node, surely: boolean, at: Omit<Stopped, 'packets' | 'definite'> = where): void => {
    const some = diagram.and(packets, way.first);
    if (some === NONE) return;
    const answers = mirrored(view, answeredBy(view, some, moved));
    add(view, found, surely ? some : NONE, surely ? NONE : some);
    note(found, at, surely ? answers : NONE, surely ? NONE : answers);
  };
  stops(source.must, true);
  stops(diagram.difference(source.may, source.must), false);
  // Where the zone is the same in one direction, what the reply begins clashes with its connection (nf_conntrack_confirm).
  if (zonesOf(view).isDirected) {
    stops(unknown.new, false);
    // So does the data that comes back behind a SYN-ACK that is invalid.
    stops(tcp, false, { ...where, what: 'data that comes back', state: 'new', tcpFlags: DATA });
  }
  add(view, way, found.definite, found.possible);
  way.stopped.push(...found.stopped.map((one): Stopped => ({ ...one, zoned: true })));
}

/** What follows TCP's SYN-ACK, by the zone in which conntrack looks it up. */
function behindReplies(
  { view, way, hooks, moved }: Followed,
  tcp: Node,
  { onward, joined }: Pick<ByZone, 'onward' | 'joined'>,
): void {
  const { diagram } = view;
  const invalid = (to: Way, packets: Node): void => {
    third({ view, way: to, hooks, moved }, packets, { state: 'invalid' });
    unknownData({ view, way: to, hooks, moved }, packets);
  };
  const begins = (to: Way, packets: Node): void => {
    third({ view, way: to, hooks, moved }, packets, { state: 'new', begins: true });
    untrackedData({ view, way: to, hooks, moved }, packets);
  };
  invalid(way, diagram.and(tcp, onward));
  begins(way, diagram.and(tcp, joined));
  const rest = diagram.difference(tcp, diagram.or(onward, joined));
  if (rest === NONE) return;
  const ways = [newWay(rest), newWay(rest)] as const;
  invalid(ways[0], rest);
  begins(ways[1], rest);
  either(view, way, ways);
}

/** Counts first packets that go one of two ways, nobody knows which. */
function either(view: FamilyView, way: Way, [one, other]: readonly [Way, Way]): void {
  const { diagram } = view;
  const definite = diagram.and(one.definite, other.definite);
  const possible = [one, other].flatMap((each) => [each.definite, each.possible]);
  add(view, way, definite, diagram.orAll(possible));
  const perhaps = (stopped: Stopped): Stopped => ({ ...stopped, definite: false, zoned: true });
  way.stopped.push(...[...one.stopped, ...other.stopped].map(perhaps));
  if (definite !== NONE) way.stopped.push(...one.stopped.filter((stopped) => stopped.definite));
}

/** Protocols of which conntrack keeps two such connections: UDP, GRE and UDP-Lite (`allow_clash`). */
const TAKES_BOTH: Ranges<number> = [17, 17, 47, 47, 136, 136];
