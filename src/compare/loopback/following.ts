import { compose } from '../../symbolic/translation/compose.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import type { Analysis } from '../../symbolic/analysis.ts';
import { type Bounds, boundsOf, usualPackets, visible, visibleOf } from '../../symbolic/bounds.ts';
import { IDENTITY, type Transform } from '../../symbolic/translation/transform.ts';
import { kept } from '../../text/kept.ts';
import { sentElsewhere } from '../half-open/lost.ts';
import {
  add,
  concernsBoxesOnly,
  goesOn,
  keptOut,
  note,
  takesEverything,
  type Way,
} from '../half-open/way.ts';
import { type Moved, movedSet } from './loopback.ts';
import type { Rest } from './rest.ts';
import { beforeLoopback, boundsCarrying, carriedOf, carrying } from './carried.ts';
import { mirrored } from '../half-open/mirror.ts';
import { staysOnLoopback, toDestination } from '../rows/translated-parts.ts';
import { ACK, DATA, type FamilyView, SYN_ACK } from '../view/view.ts';

/** Packets that come to a hook, as they left, and which of them pass it. */
interface Coming {
  readonly state: ConnectionState;
  readonly packets: Node;
  readonly bounds: Bounds;
  readonly carried: Node;
  readonly destination?: Moved['destination'];
  /** The nat chains send them where their first packet did not go. */
  readonly isAstray: boolean;
}

/** Follows a reply or a third packet out by the loopback interface and in again. */
export class Following {
  private readonly sent: Node;
  private readonly marks: Node;

  constructor(
    private readonly view: FamilyView,
    private readonly rest: Rest,
  ) {
    this.sent = goesOn(rest) ? rest.first : mirrored(view, rest.first);
    this.marks = rest.mark === undefined ? ALL : view.field('ctmark', [rest.mark, rest.mark]);
  }

  add(result: Way): void {
    const { state } = this.rest;
    const output = analysisOf(this.view, 'output', this.rest, state);
    if (!this.allPass(output, 'out')) {
      const packets = this.leaving();
      const bounds = this.bounds(output, 'out', packets);
      this.stop(result, 'output', { state, packets, bounds, carried: ALL, isAstray: false }, NONE);
    }
    const coming = departures(this.view, this.rest).flatMap((departure) => this.coming(departure) ?? []);
    // A packet may go several ways: which one, fields decide that boxes do not have.
    const { diagram } = this.view;
    const passing = diagram.orAll(coming.map(({ packets, bounds }) => diagram.and(packets, bounds.may)));
    for (const one of coming) this.stop(result, 'input', one, passing);
  }

  /** See lostAnswers(): what conntrack does not see is not translated back where it leaves. */
  addLost(result: Way): void {
    const { view, rest } = this;
    const { destination } = rest;
    if (destination === undefined || rest.isChance === true) return;
    const unseen = this.unseen();
    if (unseen === NONE) return;
    const [surely, perhaps] = sentElsewhere(view, unseen, destination, 'output');
    add(view, result, surely, perhaps);
    const answers = (packets: Node): Node =>
      packets === NONE
        ? NONE
        : view.diagram.and(mirrored(view, movedSet(view, packets, destination)), view.loopback('out'));
    const where = { what: rest.what, hook: 'output', state: rest.state, tcpFlags: SYN_ACK } as const;
    note(result, { ...where, changed: 'maybe', choice: true }, answers(surely), answers(perhaps));
  }

  /** First packets whose replies pass and are kept out of connection tracking where they leave. */
  unseen(): Node {
    const { view, rest } = this;
    const output = analysisOf(view, 'output', rest, rest.state);
    if (!output.surroundings.hasNotrack) return NONE;
    const some = view.all(output.entry(), this.leaving(), this.marks, view.loopback('out'));
    const { accept } = output.pass(some);
    return this.first('output', view.project(keptOut(view.diagram, accept), ['out']));
  }

  /** Packets as they leave: a reply from where the first packet was sent to, which only nat's postrouting hides again. */
  private leaving(): Node {
    const { view, rest } = this;
    return rest.destination === undefined
      ? this.sent
      : mirrored(view, movedSet(view, rest.first, rest.destination));
  }

  /** Packets that leave so where they come in. */
  private coming({ set, transform, arriving }: Departure): Coming | undefined {
    const { view, rest } = this;
    const { diagram } = view;
    const input = analysisOf(view, 'input', rest, arriving);
    const some = visibleOf(diagram, diagram.and(set, this.marks), usualPackets(diagram));
    const packets =
      rest.destination === undefined
        ? diagram.and(this.sent, some)
        : mirrored(view, this.first('output', diagram.and(this.leaving(), some)));
    if (packets === NONE) return undefined;
    // What is new to conntrack goes through the nat chains, and not where its first packet went.
    const { destination } = transform;
    const isAstray = rest.state === 'new' && destination !== undefined && destination.changed !== 'no';
    const bounds = isAstray ? { must: NONE, may: NONE } : this.boundsBehind(input, transform);
    const carried = carrying(view, transform, rest.mark);
    return {
      state: arriving,
      packets,
      bounds,
      carried,
      isAstray,
      ...(destination === undefined ? {} : { destination }),
    };
  }

  /** What passes of packets that come in with the transform. */
  private boundsBehind(input: Analysis, transform: Transform): Bounds {
    if (transform !== IDENTITY) return boundsCarrying(this.view, input, transform, this.marks);
    return this.allPass(input, 'in') ? { must: ALL, may: ALL } : this.bounds(input, 'in', this.sent);
  }

  private bounds(analysis: Analysis, field: 'in' | 'out', some: Node): Bounds {
    const { view } = this;
    const packets = view.all(some, this.marks, view.loopback(field));
    const found = boundsOf(view.diagram, analysis.pass(view.diagram.and(analysis.entry(), packets)));
    return { must: view.project(found.must, [field]), may: view.project(found.may, [field]) };
  }

  /** @param passing packets that pass in any of several ways */
  private stop(result: Way, hook: 'input' | 'output', coming: Coming, passing: Node): void {
    const { view, rest } = this;
    const { diagram } = view;
    const { packets, bounds, carried, state, destination, isAstray } = coming;
    const closed = diagram.difference(packets, bounds.may);
    const stopped = rest.isChance === true ? NONE : diagram.difference(closed, passing);
    const doubtful = diagram.difference(diagram.difference(packets, bounds.must), stopped);
    const surely = this.first(hook, stopped);
    // Where the translation takes one of several ports it may take one from which replies pass.
    const others =
      rest.destination === undefined ? NONE : this.first(hook, diagram.difference(packets, stopped));
    add(view, result, diagram.difference(surely, others), diagram.or(this.first(hook, doubtful), surely));
    // What goes astray is shown where it leaves: there is the rule that sends it elsewhere.
    const shownAt = isAstray ? 'output' : hook;
    const on = view.loopback(shownAt === 'output' ? 'out' : 'in');
    const moves = destination !== undefined && !isAstray;
    const here = (set: Node): Node => (moves ? movedSet(view, set, destination) : set);
    const carries = carried === ALL || isAstray ? this.marks : carried;
    const shown = (set: Node): Node => view.all(here(set), on, carries);
    const where = {
      what: rest.what,
      hook: shownAt,
      state: isAstray ? rest.state : state,
      tcpFlags: flagsOf(rest),
      changed: 'maybe',
    } as const;
    note(result, where, shown(stopped), shown(doubtful));
  }

  /** First packets to which packets at the hook belong. */
  private first(hook: 'input' | 'output', set: Node): Node {
    const { view, rest } = this;
    if (set === NONE) return NONE;
    if (goesOn(rest)) return view.diagram.and(rest.first, set);
    const answered = mirrored(view, set);
    if (hook === 'input' || rest.destination === undefined) return view.diagram.and(rest.first, answered);
    const before = beforeLoopback(view, answered, toDestination(rest.destination));
    return view.diagram.and(rest.first, visible(view.diagram, before));
  }

  /** Whether all packets of the scope on the loopback interface pass, whatever the unmodelled matches do. */
  private allPass(analysis: Analysis, field: 'in' | 'out'): boolean {
    const { view, rest } = this;
    if (!takesEverything(analysis) || !concernsBoxesOnly(view, rest.first)) return false;
    const onIt = view.diagram.and(view.familyNode, view.loopback(field));
    return view.diagram.difference(onIt, visible(view.diagram, analysis.entry())) === NONE;
  }
}

const FLAGS = {
  reply: SYN_ACK,
  'third packet': ACK,
  'data that comes back': DATA,
  'data that is sent': DATA,
} as const;

const flagsOf = ({ what }: Pick<Rest, 'what'>): number => FLAGS[what];

export function analysisOf(
  view: FamilyView,
  hook: 'output' | 'input',
  rest: Pick<Rest, 'what'>,
  state: ConnectionState,
): Analysis {
  return view.analysis(hook, state, flagsOf(rest), goesOn(rest));
}

/** Later packets that leave by the loopback interface, and with what they come in. */
interface Departure {
  readonly set: Node;
  readonly transform: Transform;
  /** What conntrack calls them where they come in. */
  readonly arriving: ConnectionState;
}

function departures(view: FamilyView, { what, state }: Rest): readonly Departure[] {
  const output = analysisOf(view, 'output', { what }, state);
  return kept(DEPARTURES, output, () => {
    const { accept } = output.pass(view.diagram.and(output.entry(), view.loopback('out')));
    const found = new Map<string, Departure>();
    for (const flow of accept) {
      const { set, transform } = flow;
      const { destination } = transform;
      const arriving = transform.notrack ? 'untracked' : state;
      const plain = carriedOf(view, analysisOf(view, 'input', { what }, arriving), transform);
      const carried = staysOnLoopback(view, flow) ? compose(plain, toDestination(destination)) : plain;
      const key = `${arriving} ${carried.key}`;
      const before = found.get(key)?.set ?? NONE;
      const all = view.diagram.or(before, view.project(set, ['out']));
      found.set(key, { set: all, transform: carried, arriving });
    }
    return [...found.values()];
  });
}

const DEPARTURES = new WeakMap<Analysis, readonly Departure[]>();
