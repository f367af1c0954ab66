import { ALL, type Node, NONE } from '../packet/diagram.ts';
import type { ConnectionState } from '../packet/packet.ts';
import type { Analysis } from '../symbolic/analysis.ts';
import {
  type Bounds,
  boundsOf,
  unmarkedPackets,
  usualPackets,
  visible,
  visibleOf,
} from '../symbolic/bounds.ts';
import { compose, IDENTITY, type Transform, transformKey } from '../symbolic/transform.ts';
import { kept } from '../text/kept.ts';
import { divided, type Marking, markLeft } from './connection-mark.ts';
import { add, concernsBoxesOnly, note, type Stopped, takesEverything, type Way } from './half-open-ways.ts';
import { keptUntracked } from './loopback.ts';
import { arrivalsOf, beforeLoopback, boundsCarrying, carriedOf, carrying } from './loopback-carried.ts';
import { mirrored } from './mirror.ts';
import { ACK, type FamilyView, SYN_ACK } from './view.ts';

/** A later packet of loopback connections, and the first packets of these. */
interface Rest {
  readonly what: Stopped['what'];
  readonly state: ConnectionState;
  readonly first: Node;
  /** The mark of their connections; undefined: nobody knows. */
  readonly mark: number | undefined;
}

/**
 * Packets of a loopback connection leave by `lo` and come in by it, in both directions. Where a rule has kept the first packet
 * out of connection tracking, the reply is the first that it sees.
 */
export function onLoopback(view: FamilyView, result: Way, open: Node): void {
  const { diagram } = view;
  const kept = diagram.and(open, keptUntracked(view, view.hook('output', 'new').passage.accept));
  const tcp = view.field('protocol', [6, 6]);
  const parts: readonly [Node, ConnectionState][] = [
    [diagram.and(kept, tcp), 'invalid'],
    [diagram.difference(kept, tcp), 'new'],
  ];
  const tracked = marked(view, diagram.difference(open, kept)).map(({ packets: first, mark }) => ({
    first,
    mark,
    state: 'established' as const,
  }));
  const untracked = parts.map(([first, state]) => ({ first, state, mark: state === 'new' ? 0 : undefined }));
  for (const part of [...tracked, ...untracked]) {
    if (part.first === NONE) continue;
    const reply: Rest = { ...part, what: 'reply' };
    new Following(view, reply).add(result);
    const mark = remarks(view, reply) ? undefined : part.mark;
    new Following(view, { ...part, mark, what: 'third packet' }).add(result);
  }
}

/** First packets by the mark that rules leave on their connection, on their way out and in. */
function marked(view: FamilyView, packets: Node): readonly Marking[] {
  const { analysis, passage } = view.hook('output');
  if (!analysis.surroundings.usesConnectionMark) return [{ packets, mark: undefined }];
  const { diagram } = view;
  const unmarked = unmarkedPackets(diagram);
  const arriving = arrivalsOf(view, view.hook('input').analysis).passage.accept;
  const ways = passage.accept.flatMap((out) =>
    arriving.map((come): readonly [number | undefined, Node] => {
      const before = beforeLoopback(view, come.set, marksOf(out.transform));
      const set = diagram.and(view.project(out.set, ['out']), view.project(before, ['in']));
      return [markLeft(compose(out.transform, come.transform)), visibleOf(diagram, set, unmarked)];
    }),
  );
  return divided(diagram, packets, ways);
}

/** Whether rules may give the connection another mark because of such a packet. */
function remarks(view: FamilyView, { what, state, mark }: Rest): boolean {
  if (mark === undefined) return false;
  return (['output', 'input'] as const).some((hook) => {
    const analysis = analysisOf(view, hook, { what }, state);
    const passing = view.diagram.and(analysis.entry(), view.loopback(hook === 'output' ? 'out' : 'in'));
    return analysis
      .pass(passing)
      .accept.some(({ transform }) => transform.ctmark !== undefined || transform.forgotten.has('ctmark'));
  });
}

const marksOf = ({ mark, ctmark, forgotten }: Transform): Transform => ({
  ...IDENTITY,
  ...(mark === undefined ? {} : { mark }),
  ...(ctmark === undefined ? {} : { ctmark }),
  forgotten,
});

/** Follows a reply or a third packet out by the loopback interface and in again. */
class Following {
  private readonly sent: Node;
  private readonly marks: Node;

  constructor(
    private readonly view: FamilyView,
    private readonly rest: Rest,
  ) {
    this.sent = rest.what === 'reply' ? mirrored(view, rest.first) : rest.first;
    this.marks = rest.mark === undefined ? ALL : view.field('ctmark', [rest.mark, rest.mark]);
  }

  add(result: Way): void {
    const { state } = this.rest;
    const output = analysisOf(this.view, 'output', this.rest, state);
    if (!this.allPass(output, 'out'))
      this.stop(result, 'output', state, this.sent, this.bounds(output, 'out'), ALL);
    for (const { set, transform, arriving } of departures(this.view, this.rest)) {
      const input = analysisOf(this.view, 'input', this.rest, arriving);
      if (transform === IDENTITY && this.allPass(input, 'in')) continue;
      const { diagram } = this.view;
      const some = visibleOf(diagram, diagram.and(set, this.marks), usualPackets(diagram));
      const bounds =
        transform === IDENTITY
          ? this.bounds(input, 'in')
          : boundsCarrying(this.view, input, transform, this.marks);
      const carried = carrying(this.view, transform, this.rest.mark);
      this.stop(result, 'input', arriving, diagram.and(this.sent, some), bounds, carried);
    }
  }

  private bounds(analysis: Analysis, field: 'in' | 'out'): Bounds {
    const { view } = this;
    const packets = view.all(this.sent, this.marks, view.loopback(field));
    const found = boundsOf(view.diagram, analysis.pass(view.diagram.and(analysis.entry(), packets)));
    return { must: view.project(found.must, [field]), may: view.project(found.may, [field]) };
  }

  private stop(
    result: Way,
    hook: 'input' | 'output',
    state: ConnectionState,
    packets: Node,
    { must, may }: Bounds,
    carried: Node,
  ): void {
    const { view, rest } = this;
    const { diagram } = view;
    const stopped = diagram.difference(packets, may);
    const doubtful = diagram.difference(diagram.and(packets, may), must);
    const first = (set: Node): Node =>
      diagram.and(rest.first, rest.what === 'reply' ? mirrored(view, set) : set);
    add(view, result, first(stopped), first(doubtful));
    const on = view.loopback(hook === 'output' ? 'out' : 'in');
    const shown = (set: Node): Node => view.all(set, on, carried === ALL ? this.marks : carried);
    const tcpFlags = flagsOf(rest);
    note(
      result,
      { what: rest.what, hook, state, tcpFlags, untranslated: false },
      shown(stopped),
      shown(doubtful),
    );
  }

  /** Whether all packets of the scope on the loopback interface pass, whatever the unmodelled matches do. */
  private allPass(analysis: Analysis, field: 'in' | 'out'): boolean {
    const { view, rest } = this;
    if (!takesEverything(analysis) || !concernsBoxesOnly(view, rest.first)) return false;
    const onIt = view.diagram.and(view.familyNode, view.loopback(field));
    return view.diagram.difference(onIt, visible(view.diagram, analysis.entry())) === NONE;
  }
}

const flagsOf = ({ what }: Pick<Rest, 'what'>): number => (what === 'reply' ? SYN_ACK : ACK);

function analysisOf(
  view: FamilyView,
  hook: 'output' | 'input',
  rest: Pick<Rest, 'what'>,
  state: ConnectionState,
): Analysis {
  return view.analysis(hook, state, flagsOf(rest), rest.what === 'third packet');
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
    for (const { set, transform } of accept) {
      const arriving = transform.notrack ? 'untracked' : state;
      const carried = carriedOf(view, analysisOf(view, 'input', { what }, arriving), transform);
      const key = `${arriving} ${transformKey(carried)}`;
      const before = found.get(key)?.set ?? NONE;
      const all = view.diagram.or(before, view.project(set, ['out']));
      found.set(key, { set: all, transform: carried, arriving });
    }
    return [...found.values()];
  });
}

const DEPARTURES = new WeakMap<Analysis, readonly Departure[]>();
