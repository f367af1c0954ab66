import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import type { DiagramField } from '../packet/layout.ts';
import type { ConnectionState } from '../packet/packet.ts';
import { within } from '../packet/relations.ts';
import type { Analysis, Passage } from '../symbolic/analysis.ts';
import { boundsOf, translatedBounds, visible } from '../symbolic/bounds.ts';
import { seenToTakeAll } from '../symbolic/takes-all.ts';
import type { Flow } from '../symbolic/summary.ts';
import { IDENTITY, type Translation } from '../symbolic/transform.ts';
import { byConnectionMark, type Marking } from './connection-mark.ts';
import { arriving, behindTranslation, bySource, type FromSource } from './half-open-sources.ts';
import { mirrored, translatedSet } from './mirror.ts';
import type { FlowHook } from './hook-view.ts';
import { ACK, type FamilyView, SYN_ACK } from './view.ts';

/** Packets of a connection that stop, and where. */
export interface Stopped {
  readonly what: 'reply' | 'third packet';
  readonly hook: FlowHook;
  readonly state: ConnectionState;
  readonly tcpFlags: number;
  /** No rule gave the connection's first packet another destination. */
  readonly untranslated: boolean;
  readonly packets: Node;
  /** Whether they surely stop. */
  readonly definite: boolean;
  /** Where the first packet goes another way, which the config does not decide alone, its connection does not stop so. */
  readonly oneWay?: true;
  /** The translation takes one of several addresses or ports. */
  readonly choice?: true;
  /** It is a reply with the destination that a translation gave it back. */
  readonly behindTranslation?: true;
}

/** A way that first packets of a row go: what rules make of them, and what becomes of the rest of their connections then. */
export interface Way {
  /** First packets that go this way, or can. */
  readonly first: Node;
  definite: Node;
  possible: Node;
  readonly stopped: Stopped[];
}

/** A way whose connections nothing stops yet. */
export const newWay = (first: Node): Way => ({ first, definite: NONE, possible: NONE, stopped: [] });

/** A way with what becomes of its connections. */
export function followed(
  view: FamilyView,
  way: Way,
  flows: readonly Flow[],
  notrack: boolean,
  [hook, back]: readonly [FlowHook, FlowHook],
  moved: Flow | undefined,
): Way {
  const { diagram } = view;
  const tcp = view.field('protocol', [6, 6]);
  const parts: readonly [Node, ConnectionState][] = notrack
    ? [
        [diagram.and(way.first, tcp), 'invalid'],
        [diagram.difference(way.first, tcp), 'new'],
      ]
    : [[way.first, 'established']];
  for (const [packets, state] of parts) {
    if (packets === NONE) continue;
    for (const part of state === 'established' ? bySource(view, hook, packets) : [{ packets }])
      replies(view, way, part, flows, [hook, back], state, moved);
    third(view, way, packets, hook, state === 'established' ? state : 'new', moved);
  }
  return way;
}

/** Replies to first packets whose source rules translate alike. */
function replies(
  view: FamilyView,
  way: Way,
  { packets, source }: Partial<FromSource> & Pick<FromSource, 'packets'>,
  flows: readonly Flow[],
  hooks: readonly [FlowHook, FlowHook],
  state: ConnectionState,
  moved: Flow | undefined,
): void {
  const { diagram } = view;
  // Its reply comes in by the interface by which it left.
  const leaving = moved === undefined ? packets : diagram.and(packets, visible(diagram, moved.set));
  const answered =
    moved?.transform.destination === undefined
      ? packets
      : translatedSet(view, leaving, moved.transform.destination);
  if (answered === undefined) return;
  const marked: readonly Marking[] =
    moved !== undefined || state !== 'established'
      ? [{ packets, mark: undefined }]
      : byConnectionMark(view, hooks[0], flows, packets);
  for (const one of marked)
    reply(view, way, one, moved === undefined ? one.packets : answered, hooks, state, moved, source);
  if (source !== undefined) early(view, way, packets, answered, hooks, source, moved);
}

/** Replies where they arrive, before a translation gives them their destination back. */
function early(
  view: FamilyView,
  way: Way,
  first: Node,
  answered: Node,
  [came, hook]: readonly [FlowHook, FlowHook],
  source: Translation,
  moved: Flow | undefined,
): void {
  const { diagram } = view;
  const untranslated = moved === undefined;
  const found = arriving(view, mirrored(view, answered), source, untranslated);
  const back = (packets: Node): Node => firstOf(view, came, first, moved, packets);
  add(view, way, back(found.stopped), back(found.doubtful));
  const where = { what: 'reply', hook, state: 'established', tcpFlags: SYN_ACK, untranslated } as const;
  const isChosen = takesOneOf(source) ? ({ choice: true } as const) : {};
  const shown = (packets: Node): Node =>
    packets === NONE ? NONE : diagram.and(found.asTheyArrive, view.project(packets, ['dst', 'dport']));
  note(way, { ...where, ...isChosen }, shown(found.stopped), shown(found.doubtful));
}

/** First packets that are answered so. */
function firstOf(
  view: FamilyView,
  came: FlowHook,
  first: Node,
  moved: Flow | undefined,
  answers: Node,
): Node {
  if (answers === NONE) return NONE;
  const answered = mirrored(view, answers);
  return view.diagram.and(first, moved === undefined ? answered : arrivedAs(view, came, moved, answered));
}

/** The reply leaves by the interface through which the first packet came, and the other way round. */
function reply(
  view: FamilyView,
  result: Way,
  { packets: first, mark }: Marking,
  arriving: Node,
  [came, hook]: readonly [FlowHook, FlowHook],
  state: ConnectionState,
  moved: Flow | undefined,
  source: Translation | undefined,
): void {
  const { diagram } = view;
  const untranslated = moved === undefined;
  const seen = source === undefined ? view : behindTranslation(view);
  const analysis = seen.analysis(hook, state, SYN_ACK, false, untranslated);
  if (takesEverything(analysis) && concernsBoxesOnly(view, arriving)) return;
  const answers = mirrored(view, arriving);
  const marked = mark === undefined ? ALL : view.field('ctmark', [mark, mark]);
  const entry = diagram.and(analysis.entry(), diagram.and(answers, marked));
  const { must, may } = boundsOf(diagram, analysis.pass(entry));
  const all = visible(diagram, view.project(diagram.and(answers, entry), ['state']));
  const known = hook === 'forward' ? diagram.and(all, view.offLoopback('in')) : all;
  // Which interface a translated packet leaves by only the host's routes tell, and which of its addresses a redirected one gets
  // nobody: one that works both ways is enough.
  const unknown: readonly DiagramField[] = hook === 'forward' ? ['in'] : ['src'];
  const some = (packets: Node): Node =>
    untranslated ? packets : view.project(diagram.and(packets, known), unknown);
  const stopped = diagram.difference(known, some(may));
  const doubtful = diagram.difference(diagram.and(known, some(may)), some(must));
  const back = (packets: Node): Node => firstOf(view, came, first, moved, packets);
  const stops = back(stopped);
  // A translation that takes one of several addresses or ports may take one from which replies pass.
  const isChosen = moved !== undefined && stops !== NONE && chooses(moved);
  const surely = isChosen ? diagram.difference(stops, back(diagram.difference(known, stopped))) : stops;
  add(view, result, surely, diagram.or(back(doubtful), stops));
  const where = {
    what: 'reply',
    hook,
    state,
    tcpFlags: SYN_ACK,
    untranslated,
    ...(source === undefined ? {} : { behindTranslation: true as const }),
  } as const;
  if (surely !== stops) note(result, { ...where, choice: true }, NONE, diagram.and(stopped, marked));
  note(result, where, surely === NONE ? NONE : diagram.and(stopped, marked), diagram.and(doubtful, marked));
}

/** First packets of a flow, as they arrive, that are in the set once their destination is translated. */
function arrivedAs(view: FamilyView, hook: FlowHook, { transform, set }: Flow, translated: Node): Node {
  const { diagram } = view;
  const { destination } = transform;
  const only = destination === undefined ? IDENTITY : { ...IDENTITY, destination };
  const before = view.hook(hook, 'new').analysis.pre(translated, only);
  return view.project(visible(diagram, diagram.and(set, before)), hook === 'forward' ? ['out'] : []);
}

/** Whether the kernel takes one of several addresses or ports for the destination. */
function chooses({ transform: { destination } }: Flow): boolean {
  return destination !== undefined && takesOneOf(destination);
}

function takesOneOf({ address, port }: Translation): boolean {
  const isOne = address?.kind !== 'range' || address.lo === address.hi;
  return !isOne || (port !== undefined && port.lo !== port.hi);
}

function third(
  view: FamilyView,
  result: Way,
  first: Node,
  hook: FlowHook,
  state: ConnectionState,
  moved: Flow | undefined,
): void {
  const { diagram } = view;
  const untranslated = moved === undefined;
  const analysis = view.analysis(hook, state, ACK, true, untranslated);
  if (state !== 'new' && takesEverything(analysis) && concernsBoxesOnly(view, first)) return;
  const passage = analysis.pass(diagram.and(analysis.entry(), first));
  const { must, may } = untranslated
    ? boundsOf(diagram, state === 'new' ? untranslatedOnly(diagram, passage) : passage)
    : translatedBounds(diagram, passage);
  // Of a packet that a rule sends on nobody knows the interface: one is enough.
  const some = (packets: Node): Node => {
    if (untranslated) return packets;
    return hook === 'forward' ? view.sentOn(packets) : view.project(packets, ['out']);
  };
  const whole = diagram.and(first, some(visible(diagram, analysis.entry())));
  const stopped = diagram.difference(whole, some(may));
  const doubtful = diagram.difference(diagram.and(whole, some(may)), some(must));
  add(view, result, stopped, doubtful);
  const where = { what: 'third packet', hook, state, tcpFlags: ACK, untranslated } as const;
  note(result, moved !== undefined && chooses(moved) ? { ...where, choice: true } : where, stopped, doubtful);
}

/** A later packet that nat chains send elsewhere does not reach whom the first one reached. */
function untranslatedOnly(
  diagram: Diagram,
  { accept, deny }: Pick<Passage, 'accept' | 'deny'>,
): Pick<Passage, 'accept' | 'deny'> {
  const isMoved = ({ transform }: Flow): boolean => transform.destination !== undefined;
  const moved = accept.filter(isMoved).map(({ set }) => set);
  return { accept: accept.filter((flow) => !isMoved(flow)), deny: diagram.orAll([deny, ...moved]) };
}

/**
 * Whether every packet of the analysis's scope passes, whatever the unmodelled matches do: then so do those of each row, and no
 * row needs to be looked at. Most rule sets accept what is established before anything else.
 */
export function takesEverything(analysis: Analysis): boolean {
  let known = TAKING.get(analysis);
  if (known === undefined) {
    known = seenToTakeAll(analysis) || sendsAll(analysis);
    TAKING.set(analysis, known);
  }
  return known;
}

function sendsAll(analysis: Analysis): boolean {
  const entry = analysis.entry();
  const { accept, deny } = analysis.pass(entry);
  return deny === NONE && analysis.diagram.orAll(accept.map(({ set }) => set)) === entry;
}

const TAKING = new WeakMap<Analysis, boolean>();

/** Whether the packets are of the family and told apart by fields of boxes alone, so that no other field makes one of them pass or stop. */
export function concernsBoxesOnly(view: FamilyView, packets: Node): boolean {
  return visible(view.diagram, packets) === packets && within(view.diagram, packets, view.familyNode);
}

/** Keeps which packets stop, surely or perhaps. */
export function note(
  result: { stopped: Stopped[] },
  packet: Omit<Stopped, 'packets' | 'definite'>,
  stopped: Node,
  doubtful: Node,
): void {
  if (stopped !== NONE) result.stopped.push({ ...packet, packets: stopped, definite: true });
  if (doubtful !== NONE) result.stopped.push({ ...packet, packets: doubtful, definite: false });
}

/** Counts first packets whose connections stop so, surely or perhaps. */
export function add(view: FamilyView, way: Way, definite: Node, possible: Node): void {
  way.definite = view.diagram.or(way.definite, definite);
  way.possible = view.diagram.difference(view.diagram.or(way.possible, possible), way.definite);
}
