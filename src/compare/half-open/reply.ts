import { type Node, NONE } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import { boundsOf, visible } from '../../symbolic/bounds.ts';
import type { Translation } from '../../symbolic/translation/transform.ts';
import type { Marking } from './connection-mark.ts';
import { astrayApart } from './astray.ts';
import { byEachAddress } from './arriving.ts';
import { areRestored, beforeLast, stoppedLast } from './restored.ts';
import { behindTranslation, telling } from './sources.ts';
import {
  add,
  changeOf,
  chooses,
  concernsBoxesOnly,
  markedSo,
  note,
  takesEverything,
  type Followed,
  type Unseen,
} from './way.ts';
import { leavingAs, mayBeRerouted, mayComeByAny } from './rerouted.ts';
import { fromTheirLinks } from '../addresses/links.ts';

import { type Answer, answeredBy, FIRST_ANSWER, firstOf } from './answers.ts';
/** How conntrack takes what is sent back, and what rules made of it. */
interface Returning {
  readonly state: ConnectionState;
  /** What the first packets' source was translated to. */
  readonly source?: Translation | undefined;
  readonly answer?: Answer;
  /** First packets as those have them that answer; see {@link answeredBy}. */
  readonly arriving?: Node;
  readonly unseen?: Unseen;
}

/** The reply leaves by the interface through which the first packet came, and the other way round. */
export function reply(followed: Followed, first: Marking, returning: Returning): void {
  const passing = passingReplies(followed, first, returning);
  if (passing !== undefined) tellReplies(followed, first, returning, passing);
  if (isRestored(followed, returning)) stoppedLast(followed, first, returning.answer);
}

/** Whether conntrack knows the replies, and gives them the source back that was asked for. */
const isRestored = (followed: Followed, { state }: Returning): boolean =>
  state === 'established' && areRestored(followed);

/** Replies, without what nobody knows of them, and which of them pass. */
interface PassingReplies {
  readonly all: Node;
  readonly may: Node;
  readonly must: Node;
  /** Those of `must` that pass wherever they are sent to: a rule may give one of several addresses. */
  readonly sure: Node;
  /** Those of `must` that pass by the interface of their link. */
  readonly usual: Node;
  readonly isChance: boolean;
}

/** Undefined: all pass. */
function passingReplies(
  followed: Followed,
  { packets: first, mark }: Marking,
  returning: Returning,
): PassingReplies | undefined {
  const {
    hooks: [came, hook],
    moved,
  } = followed;
  const view = isRestored(followed, returning) ? beforeLast(followed.view) : followed.view;
  const { state, source, answer = FIRST_ANSWER, arriving = answeredBy(view, first, moved) } = returning;
  const { diagram } = view;
  const seen = source === undefined ? view : behindTranslation(view);
  const begins = state === 'new';
  const of = begins ? telling(seen) : seen;
  const analysis = of.analysis(hook, state, answer.tcpFlags, false, changeOf(moved));
  if (!begins && takesEverything(analysis) && concernsBoxesOnly(view, arriving)) return undefined;
  const answers = leavingAs(view, came, moved, arriving);
  const entry = view.all(analysis.entry(), answers, markedSo(view, mark));
  const passage = analysis.pass(entry);
  const astray = begins ? astrayApart(view, hook, passage) : undefined;
  const { must, may } = boundsOf(diagram, astray ?? passage);
  const visibleOnes = visible(diagram, view.project(diagram.and(answers, entry), ['state']));
  const all = hook === 'forward' ? diagram.and(visibleOnes, view.offLoopback('in')) : visibleOnes;
  // Which interface a translated packet leaves by only the host's routes tell: one that works both ways is enough.
  const unknown: readonly DiagramField[] = hook === 'forward' ? ['in'] : ['src'];
  const some = (packets: Node): Node =>
    moved === undefined || came === 'output' ? packets : view.project(diagram.and(packets, all), unknown);
  const isForwarded = hook === 'forward';
  const sure =
    moved === undefined || came !== 'input' ? some(must) : byEachAddress(view, moved, must, some(must));
  // Routes that nobody gives may bring them in by another interface than that of their link.
  const usual = moved !== undefined && isForwarded ? diagram.and(must, fromTheirLinks(view)) : must;
  const isChance = astray?.isChance === true;
  return { all, may: some(may), must: some(must), sure, usual: some(usual), isChance };
}

/** Counts first packets whose replies stop, and keeps which replies do. */
function tellReplies(
  { view, way, hooks: [came, hook], moved }: Followed,
  { packets: first, mark }: Marking,
  { state, source, answer: { what, tcpFlags } = FIRST_ANSWER, unseen }: Returning,
  { all, may, must, sure, usual, isChance }: PassingReplies,
): void {
  const { diagram } = view;
  const stopped = diagram.difference(all, may);
  const doubtful = diagram.difference(diagram.and(all, may), must);
  const byAddress = diagram.difference(diagram.and(all, must), sure);
  const routed = diagram.difference(diagram.and(all, must), usual);
  const back = (packets: Node): Node => firstOf(view, came, first, moved, packets);
  const stops = back(stopped);
  // A translation that takes one of several addresses or ports may take one from which replies pass.
  const byRoute = moved === undefined ? mayBeRerouted(view, came, first) : mayComeByAny(view, came, moved);
  const isChosen = stops !== NONE && (byRoute || (moved !== undefined && chooses(moved)));
  const surely = isChosen ? diagram.difference(stops, back(diagram.difference(all, stopped))) : stops;
  add(view, way, surely, diagram.orAll([back(doubtful), back(byAddress), back(routed), stops]));
  const changed = changeOf(moved);
  const behind = source === undefined ? {} : { behindTranslation: true as const };
  const where = { what, hook, state, tcpFlags, changed, ...behind, unseen } as const;
  const why = !byRoute ? CHOICE : moved === undefined ? ROUTED : BY_ANY;
  const marked = (packets: Node): Node => diagram.and(packets, markedSo(view, mark));
  if (surely !== stops) note(way, { ...where, ...why }, NONE, marked(stopped));
  note(way, where, surely === NONE ? NONE : marked(stopped), NONE);
  note(way, isChance ? { ...where, choice: true } : where, NONE, marked(doubtful));
  note(way, { ...where, choice: true }, NONE, marked(byAddress));
  note(way, { ...where, routed: true }, NONE, marked(routed));
}

const CHOICE = { choice: true } as const;
const ROUTED = { routed: true } as const;
const BY_ANY = { byAny: true } as const;
