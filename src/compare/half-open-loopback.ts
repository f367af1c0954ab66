import { ALL, type Node, NONE } from '../packet/diagram.ts';
import type { ConnectionState } from '../packet/packet.ts';
import type { Analysis } from '../symbolic/analysis.ts';
import { boundsOf, visible } from '../symbolic/bounds.ts';
import { add, concernsBoxesOnly, note, type Stopped, takesEverything, type Way } from './half-open-ways.ts';
import { keptUntracked } from './loopback.ts';
import { mirrored } from './mirror.ts';
import { ACK, type FamilyView, SYN_ACK } from './view.ts';

/**
 * Packets of a loopback connection leave by `lo` and come in by it, in both directions. Where a rule has kept the first packet
 * out of connection tracking, the reply is the first that it sees.
 */
export function onLoopback(view: FamilyView, result: Way, open: Node): void {
  const { diagram } = view;
  const kept = diagram.and(open, keptUntracked(view, view.hook('output', 'new').passage.accept));
  const tcp = view.field('protocol', [6, 6]);
  const parts: readonly [Node, ConnectionState][] = [
    [diagram.difference(open, kept), 'established'],
    [diagram.and(kept, tcp), 'invalid'],
    [diagram.difference(kept, tcp), 'new'],
  ];
  for (const [first, state] of parts)
    if (first !== NONE)
      for (const what of ['reply', 'third packet'] as const) restOnLoopback(view, result, first, what, state);
}

function restOnLoopback(
  view: FamilyView,
  result: Way,
  open: Node,
  what: Stopped['what'],
  state: ConnectionState,
): void {
  const { diagram } = view;
  const turn = (packets: Node): Node => (what === 'reply' ? mirrored(view, packets) : packets);
  const tcpFlags = what === 'reply' ? SYN_ACK : ACK;
  const analysisOf = (hook: 'output' | 'input', own: ConnectionState): Analysis =>
    view.analysis(hook, own, tcpFlags, what === 'third packet');
  let sent: Node | undefined;
  const through = (hook: 'output' | 'input', own: ConnectionState, some: Node): void => {
    const analysis = analysisOf(hook, own);
    const field = hook === 'output' ? 'out' : 'in';
    if (takesLoopback(view, analysis, field) && concernsBoxesOnly(view, open)) return;
    sent ??= turn(open);
    const packets = view.all(sent, some, view.loopback(field));
    const { must, may } = boundsOf(diagram, analysis.pass(diagram.and(analysis.entry(), packets)));
    const stopped = diagram.difference(packets, may);
    const doubtful = diagram.difference(diagram.and(packets, may), must);
    const first = (set: Node): Node => diagram.and(open, turn(view.project(set, [field])));
    add(view, result, first(stopped), first(doubtful));
    note(result, { what, hook, state: own, tcpFlags, untranslated: false }, stopped, doubtful);
  };
  through('output', state, ALL);
  if (state === 'established') {
    through('input', state, ALL);
    return;
  }
  const output = analysisOf('output', state);
  const kept = keptUntracked(view, output.pass(diagram.and(output.entry(), view.loopback('out'))).accept);
  through('input', state, diagram.not(kept));
  through('input', 'untracked', kept);
}

/** The same of the scope's packets on the loopback interface, all of which are in the scope. */
function takesLoopback(view: FamilyView, analysis: Analysis, field: 'in' | 'out'): boolean {
  if (!takesEverything(analysis)) return false;
  const { diagram } = view;
  const onIt = diagram.and(view.familyNode, view.loopback(field));
  return diagram.difference(onIt, visible(diagram, analysis.entry())) === NONE;
}
