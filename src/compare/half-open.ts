import type { ResolvedRow } from '../baseline/model.ts';
import { ALL, type Node, NONE } from '../packet/diagram.ts';
import type { DiagramField } from '../packet/layout.ts';
import type { ConnectionState } from '../packet/packet.ts';
import { boundsOf, visible } from '../symbolic/bounds.ts';
import type { Flow } from '../symbolic/summary.ts';
import type { Analysis } from '../symbolic/analysis.ts';
import { byConnectionMark, type Marking } from './connection-mark.ts';
import { mirrored, translatedSet } from './mirror.ts';
import { within } from '../packet/relations.ts';
import { ACK, type FamilyView, type FlowHook, SYN_ACK } from './view.ts';

/** Packets whose connection begins and then stops. */
export interface HalfOpen {
  /** First packets (as they arrive) whose reply or third packet is surely denied, and those for which it can be. */
  readonly definite: Node;
  readonly possible: Node;
  /** The packets that stop: at which hook, in which state, and which of them. */
  readonly stopped: readonly Stopped[];
}

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
}

const HOOKS: Readonly<Record<Exclude<ResolvedRow['direction'], 'loopback'>, readonly [FlowHook, FlowHook]>> =
  {
    in: ['input', 'output'],
    out: ['output', 'input'],
    forward: ['forward', 'forward'],
  };

/**
 * Looks at the second and the third packet of the connections whose first packet passes (RFC 9293, section 3.5: SYN,
 * SYN-ACK, ACK). Conntrack calls both established; where a rule keeps the first packet out of conntrack, the reply is
 * the first that conntrack sees, which makes it invalid for TCP (tcp_new() takes no SYN-ACK) and new for others.
 */
export function halfOpen(view: FamilyView, row: ResolvedRow, open: Node): HalfOpen {
  const result = { definite: NONE as Node, possible: NONE as Node, stopped: [] as Stopped[] };
  if (open === NONE || !row.states.includes('new')) return result;
  if (row.direction === 'loopback') {
    onLoopback(view, result, open);
    return result;
  }
  const [hook, back] = HOOKS[row.direction];
  const first = view.hook(hook, 'new');
  const plain = view.diagram.and(
    open,
    visible(view.diagram, view.diagram.orAll(first.plain.flows.map((f) => f.set))),
  );
  follow(view, result, plain, first.plain.flows, hook, back, undefined);
  if (row.direction !== 'in') return result;
  // What a rule redirects stays here, and its reply leaves as any other.
  for (const flow of first.translated.flows) {
    const redirected = view.diagram.and(open, visible(view.diagram, flow.set));
    if (redirected !== NONE) follow(view, result, redirected, [flow], hook, back, flow);
  }
  for (const flow of view.hook('forward', 'new').translated.flows) {
    // A box of an inbound row has no outgoing interface; the forwarded packet has some.
    const moved = view.diagram.and(open, view.project(visible(view.diagram, flow.set), ['out']));
    if (moved !== NONE) follow(view, result, moved, [flow], 'forward', 'forward', flow);
  }
  return result;
}

/** Packets of a loopback connection leave by `lo` and come in by it, in both directions. */
function onLoopback(
  view: FamilyView,
  result: { definite: Node; possible: Node; stopped: Stopped[] },
  open: Node,
): void {
  const { diagram } = view;
  for (const what of ['reply', 'third packet'] as const) {
    const turn = (packets: Node): Node => (what === 'reply' ? mirrored(view, packets) : packets);
    let sent: Node | undefined;
    for (const [hook, field] of [
      ['output', 'out'],
      ['input', 'in'],
    ] as const) {
      const tcpFlags = what === 'reply' ? SYN_ACK : ACK;
      const analysis = view.analysis(hook, 'established', tcpFlags, what === 'third packet');
      if (takesLoopback(view, analysis, field) && concernsBoxesOnly(view, open)) continue;
      sent ??= turn(open);
      const packets = diagram.and(sent, view.loopback(field));
      const { must, may } = boundsOf(diagram, analysis.pass(diagram.and(analysis.entry(), packets)));
      const stopped = diagram.difference(packets, may);
      const doubtful = diagram.difference(diagram.and(packets, may), must);
      const first = (set: Node): Node => diagram.and(open, turn(view.project(set, [field])));
      add(view, result, first(stopped), first(doubtful));
      note(result, { what, hook, state: 'established', tcpFlags, untranslated: false }, stopped, doubtful);
    }
  }
}

function follow(
  view: FamilyView,
  result: { definite: Node; possible: Node; stopped: Stopped[] },
  open: Node,
  flows: readonly Flow[],
  hook: FlowHook,
  back: FlowHook,
  moved: Flow | undefined,
): void {
  const { diagram } = view;
  const untracked = diagram.orAll(flows.filter((flow) => flow.transform.notrack).map((flow) => flow.set));
  const loose = untracked === NONE ? NONE : diagram.and(open, visible(diagram, untracked));
  const tcp = view.field('protocol', [6, 6]);
  const parts: readonly [Node, ConnectionState][] = [
    [diagram.difference(open, loose), 'established'],
    [diagram.and(loose, tcp), 'invalid'],
    [diagram.difference(loose, tcp), 'new'],
  ];
  for (const [packets, state] of parts) {
    if (packets === NONE) continue;
    // Its reply comes in by the interface by which it left.
    const leaving = moved === undefined ? packets : diagram.and(packets, visible(diagram, moved.set));
    const arriving =
      moved?.transform.destination === undefined
        ? packets
        : translatedSet(view, leaving, moved.transform.destination);
    const isMoved = moved !== undefined;
    if (arriving !== undefined && (isMoved || state !== 'established'))
      reply(view, result, { packets, mark: undefined }, arriving, back, state, isMoved);
    else if (arriving !== undefined)
      for (const one of byConnectionMark(view, hook, flows, packets))
        reply(view, result, one, one.packets, back, state, isMoved);
    third(view, result, packets, hook, state, moved === undefined);
  }
}

/** The reply leaves by the interface through which the first packet came, and the other way round. */
function reply(
  view: FamilyView,
  result: { definite: Node; possible: Node; stopped: Stopped[] },
  { packets: first, mark }: Marking,
  arriving: Node,
  hook: FlowHook,
  state: ConnectionState,
  moved: boolean,
): void {
  const { diagram } = view;
  const analysis = view.analysis(hook, state, SYN_ACK, false, !moved);
  if (takesEverything(analysis) && concernsBoxesOnly(view, arriving)) return;
  const answers = mirrored(view, arriving);
  const marked = mark === undefined ? ALL : view.field('ctmark', [mark, mark]);
  const entry = diagram.and(analysis.entry(), diagram.and(answers, marked));
  const { must, may } = boundsOf(diagram, analysis.pass(entry));
  const known = visible(diagram, view.project(diagram.and(answers, entry), ['state']));
  // Which interface a translated packet leaves by only the host's routes tell, and which of its addresses a redirected one gets
  // nobody: one that works both ways is enough.
  const unknown: readonly DiagramField[] = hook === 'forward' ? ['in'] : ['src'];
  const some = (packets: Node): Node =>
    moved ? view.project(diagram.and(packets, known), unknown) : packets;
  const stopped = diagram.difference(known, some(may));
  const doubtful = diagram.difference(diagram.and(known, some(may)), some(must));
  // Translated replies cannot be turned back packet by packet: the whole flow is then what stops.
  const back = (packets: Node): Node => {
    if (packets === NONE) return NONE;
    return moved ? first : diagram.and(first, mirrored(view, packets));
  };
  add(view, result, back(stopped), back(doubtful));
  const where = { what: 'reply', hook, state, tcpFlags: SYN_ACK, untranslated: !moved } as const;
  note(result, where, diagram.and(stopped, marked), diagram.and(doubtful, marked));
}

function third(
  view: FamilyView,
  result: { definite: Node; possible: Node; stopped: Stopped[] },
  first: Node,
  hook: FlowHook,
  state: ConnectionState,
  untranslated: boolean,
): void {
  const { diagram } = view;
  const analysis = view.analysis(hook, state, ACK, true, untranslated);
  if (takesEverything(analysis) && concernsBoxesOnly(view, first)) return;
  const { must, may } = boundsOf(diagram, analysis.pass(diagram.and(analysis.entry(), first)));
  const whole = diagram.and(first, visible(diagram, analysis.entry()));
  const outgoing = hook === 'forward' ? view.project(may, ['out']) : may;
  const stopped = diagram.difference(whole, outgoing);
  const doubtful = diagram.difference(
    diagram.and(whole, outgoing),
    hook === 'forward' ? view.project(must, ['out']) : must,
  );
  add(view, result, stopped, doubtful);
  note(result, { what: 'third packet', hook, state, tcpFlags: ACK, untranslated }, stopped, doubtful);
}

/**
 * Whether every packet of the analysis's scope passes, whatever the unmodelled matches do: then so do those of each row, and no
 * row needs to be looked at. Most rule sets accept what is established before anything else.
 */
function takesEverything(analysis: Analysis): boolean {
  let known = TAKING.get(analysis);
  if (known === undefined) {
    const entry = analysis.entry();
    const { accept, deny } = analysis.pass(entry);
    known = deny === NONE && analysis.diagram.orAll(accept.map(({ set }) => set)) === entry;
    TAKING.set(analysis, known);
  }
  return known;
}

const TAKING = new WeakMap<Analysis, boolean>();

/** The same of the scope's packets on the loopback interface, all of which are in the scope. */
function takesLoopback(view: FamilyView, analysis: Analysis, field: 'in' | 'out'): boolean {
  if (!takesEverything(analysis)) return false;
  const { diagram } = view;
  const onIt = diagram.and(view.familyNode, view.loopback(field));
  return diagram.difference(onIt, visible(diagram, analysis.entry())) === NONE;
}

/** Whether the packets are of the family and told apart by fields of boxes alone, so that no other field makes one of them pass or stop. */
function concernsBoxesOnly(view: FamilyView, packets: Node): boolean {
  return visible(view.diagram, packets) === packets && within(view.diagram, packets, view.familyNode);
}

/** Keeps which packets stop, surely or perhaps. */
function note(
  result: { stopped: Stopped[] },
  packet: Omit<Stopped, 'packets' | 'definite'>,
  stopped: Node,
  doubtful: Node,
): void {
  if (stopped !== NONE) result.stopped.push({ ...packet, packets: stopped, definite: true });
  if (doubtful !== NONE) result.stopped.push({ ...packet, packets: doubtful, definite: false });
}

function add(
  view: FamilyView,
  result: { definite: Node; possible: Node },
  definite: Node,
  possible: Node,
): void {
  result.definite = view.diagram.or(result.definite, definite);
  result.possible = view.diagram.difference(view.diagram.or(result.possible, possible), result.definite);
}
