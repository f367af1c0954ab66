import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import type { Passage } from '../../symbolic/analysis.ts';
import {
  type Bounds,
  boundsOf,
  translatedBounds,
  usualPackets,
  visible,
  visibleOf,
} from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import {
  add,
  changeOf,
  chooses,
  concernsBoxesOnly,
  note,
  takesEverything,
  type Followed,
  type Unseen,
} from './way.ts';
import { astrayApart } from './astray.ts';
import {
  beforeOutputs,
  beforeTranslation,
  decidesBefore,
  isEarly,
  isEarlyAtOutput,
  telling,
} from './sources.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { byItsLink } from '../addresses/links.ts';
import { ACK, type FamilyView } from '../view/view.ts';

type PassageSets = Pick<Passage, 'accept' | 'deny' | 'certain'>;

/** A packet that goes the way of the first one: that behind the reply, or what comes behind the handshake of TCP. */
export interface Sent {
  readonly what: 'third packet' | 'data that is sent';
  readonly tcpFlags: number;
}

/** The ACK of the handshake. */
export const THIRD: Sent = { what: 'third packet', tcpFlags: ACK };

/** How conntrack takes a packet that goes the way of the first one. */
interface Later {
  readonly state: ConnectionState;
  /** That of its connection; undefined: any. */
  readonly mark?: number | undefined;
  /** Whether it may be the first that conntrack takes for one of its connection. */
  readonly begins?: boolean;
  readonly sent?: Sent;
  readonly unseen?: Unseen;
}

/** The packet behind the reply, of connections that begin with the given ones. */
export function third({ view, way, hooks: [hook], moved }: Followed, first: Node, later: Later): void {
  const { state, mark, begins = false, sent: { what, tcpFlags } = THIRD, unseen } = later;
  const { diagram } = view;
  if (first === NONE) return;
  const untranslated = moved === undefined;
  const analysis = (begins ? telling(view) : view).analysis(hook, state, tcpFlags, true, changeOf(moved));
  if (state !== 'new' && takesEverything(analysis) && concernsBoxesOnly(view, first)) return;
  const marked = mark === undefined ? ALL : view.field('ctmark', [mark, mark]);
  const entry = diagram.and(analysis.entry(), marked);
  const passage = analysis.pass(diagram.and(entry, first));
  const astray = untranslated && begins ? astrayApart(view, hook, passage) : undefined;
  const { must, may } = untranslated
    ? boundsOf(diagram, astray ?? untranslatedOnly(diagram, state, passage))
    : translatedOnly(view, passage, stoppedBefore(view, [hook, state, tcpFlags], first));
  const some = (packets: Node): Node => sentOnward(view, packets, hook, moved);
  const whole = diagram.and(first, some(visible(diagram, entry)));
  const stopped = diagram.difference(whole, some(may));
  // See fromTheirLinks().
  const usual = moved !== undefined && hook === 'forward' ? diagram.and(must, byItsLink(view, moved)) : must;
  const doubtful = diagram.difference(diagram.and(whole, some(may)), some(must));
  const routed = diagram.difference(diagram.and(whole, some(must)), some(usual));
  add(view, way, stopped, diagram.or(doubtful, routed));
  const where = { what, hook, state, tcpFlags, changed: changeOf(moved), unseen } as const;
  const isChance = astray?.isChance === true || (moved !== undefined && chooses(moved));
  const shown = isChance ? { ...where, choice: true as const } : where;
  note(way, shown, diagram.and(stopped, marked), diagram.and(doubtful, marked));
  note(way, { ...where, routed: true }, NONE, diagram.and(routed, marked));
}

function translatedOnly({ diagram }: FamilyView, passage: Passage, before: Node): Bounds {
  const { must, may } = translatedBounds(diagram, passage);
  return { must: diagram.difference(must, before), may };
}

/**
 * Packets of established connections that go the way of the first one, and that the chains before the translation may deny. Whether the
 * connection is translated was settled by its first packet: of the packets that are, these are stopped as well as those that are denied
 * behind it.
 */
function stoppedBefore(
  view: FamilyView,
  [hook, state, tcpFlags]: readonly [FlowHook, ConnectionState, number],
  packets: Node,
): Node {
  const isSent = hook === 'output';
  if (!decidesBefore(view.ruleset, isSent ? isEarlyAtOutput : isEarly)) return NONE;
  const { diagram } = view;
  const early = isSent ? beforeOutputs(view) : beforeTranslation(view);
  const analysis = early.analysis(hook, state, tcpFlags, true, 'no');
  const { deny } = analysis.pass(diagram.and(analysis.entry(), packets));
  return visibleOf(diagram, deny, usualPackets(diagram));
}

/**
 * Packets of a row. Of those that a rule sends on nobody knows the interface: one is enough. What the host sends leaves by that of its first
 * route, as the chains of output see it.
 */
export function sentOnward(view: FamilyView, packets: Node, hook: FlowHook, moved: Flow | undefined): Node {
  if (moved === undefined || hook === 'output') return packets;
  return hook === 'forward' ? view.sentOn(packets) : view.project(packets, ['out']);
}

/** A later packet that nat chains send elsewhere does not reach whom the first one reached. */
function untranslatedOnly(diagram: Diagram, state: ConnectionState, passage: Passage): PassageSets {
  if (state !== 'new') return passage;
  const { accept, deny } = passage;
  const isMoved = ({ transform }: Flow): boolean => transform.destination !== undefined;
  const moved = accept.filter(isMoved).map(({ set }) => set);
  return { accept: accept.filter((flow) => !isMoved(flow)), deny: diagram.orAll([deny, ...moved]) };
}
