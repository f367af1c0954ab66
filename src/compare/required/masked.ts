import { OPENS_IN_ANOTHER_TABLE, OPENS_LATER, WOULD_OPEN } from '../../finding/notes.ts';
import type { Evidence } from '../../finding/report.ts';
import { type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { meets } from '../../packet/relations.ts';
import { visible } from '../../symbolic/bounds.ts';
import { type Hit, hitsOf } from '../../symbolic/deciding/walk.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { groupBy } from '../../text/group-by.ts';
import { narrowed, openingLines, type StageHits } from '../finding/evidence.ts';
import type { HookView } from '../view/hook-view.ts';
import { Undenied } from '../excess/undenied.ts';
import type { FamilyView } from '../view/view.ts';

/** Packets that a rule denies though a later rule of the same layer would accept them. */
export interface Masked {
  readonly packets: Node;
  /** The accepting rules that never see them. */
  readonly opening: readonly StageHits[];
}

/**
 * Finds what was meant to be open: packets that a rule (not a policy) denies, and that a later accept rule of the same layer
 * would take if no rule denied them. What the kernel drops because of where a rule sends it no other rule would save.
 *
 * @param closing what really denies them, stage by stage
 * @param come packets as they come, with the fields that boxes do not have
 * @param counts whether packets count with what was done to them on their way
 */
export function maskedPackets(
  view: FamilyView,
  hook: HookView,
  missing: Node,
  closing: readonly StageHits[],
  come: Node,
  counts: (flow: Flow) => boolean = () => true,
): Masked {
  const { diagram } = view;
  const opening: StageHits[] = [];
  const denied = new Map<string, Node>();
  let packets: Node = NONE;
  for (const [index, { stage }] of hook.passage.stages.entries()) {
    const { layer } = stage.chain;
    const byRule = (closing[index]?.hits ?? []).filter(
      (hit) => hit.verdict === 'deny' && hit.rule !== undefined && hit.rule.implied === undefined,
    );
    const before = denied.get(layer) ?? NONE;
    const here = diagram.orAll(byRule.map((hit) => visible(diagram, hit.set)));
    denied.set(layer, diagram.or(before, here));
    const taken = diagram.and(missing, denied.get(layer) as Node);
    if (taken === NONE || stage.nat) continue;
    const free = new Undenied(hook, layer);
    const all = undeniedFlows(view, free, hook, index, diagram.and(taken, come)).filter(counts);
    // A rule whose verdict is not known (NFQUEUE) does not mask itself.
    const really = closing[index]?.hits ?? [];
    const meant = hitsOf(hook.analysis, stage, all, { withoutDenials: true }).filter(
      (hit) => isAcceptRule(hit) && !byRule.some(({ rule }) => rule === hit.rule),
    );
    if (meant.length === 0) continue;
    const behind = behindDenials(diagram, meant, before, really);
    const hits = meant.filter((_, at) => behind[at] !== NONE);
    if (hits.length === 0) continue;
    const accepted = diagram.and(taken, diagram.orAll(behind));
    // An accept ends a base chain alone: what the next ones refuse nobody meant to be open.
    const open = decides(hook, index) ? accepted : free.passing(accepted);
    if (open === NONE) continue;
    opening.push({ stage, hits });
    packets = diagram.or(packets, open);
  }
  return { packets, opening };
}

/** The accepting lines, and whether they stand in a base chain that packets reach only behind the one that takes them. */
export function wouldOpen(
  view: FamilyView,
  { opening, packets }: Masked,
  closing: readonly StageHits[],
): readonly Evidence[] {
  const takes = ({ verdict, rule, set }: Hit): boolean =>
    verdict === 'deny' && rule !== undefined && meets(view.diagram, visible(view.diagram, set), packets);
  const taking = closing.filter(({ hits }) => hits.some(takes)).map(({ stage }) => stage.chain);
  const groups = groupBy(opening, ({ stage: { chain } }) => {
    if (taking.includes(chain)) return WOULD_OPEN;
    return taking.some(({ table }) => table === chain.table) ? OPENS_LATER : OPENS_IN_ANOTHER_TABLE;
  });
  return [...groups].flatMap(([note, stages]) =>
    openingLines(view, stages, packets).map((line): Evidence => ({ ...line, note })),
  );
}

/**
 * Whether some rule would accept any of the packets if none were denied. Mostly none would, and which of many rules deny them need
 * not be known for that.
 *
 * @param packets with the fields that boxes do not have, as packets come
 */
export function someWouldAccept(
  view: FamilyView,
  hook: HookView,
  packets: Node,
  counts: (flow: Flow) => boolean = () => true,
): boolean {
  return hook.passage.stages.some(({ stage }, index) => {
    if (stage.nat) return false;
    const free = new Undenied(hook, stage.chain.layer);
    const all = undeniedFlows(view, free, hook, index, packets).filter(counts);
    return hitsOf(hook.analysis, stage, all, { withoutDenials: true, linesOnly: true }).some(isAcceptRule);
  });
}

/** The packets as they come to a base chain of the hook, or would if nothing in its layer denied them. */
function undeniedFlows(
  view: FamilyView,
  free: Undenied,
  hook: HookView,
  index: number,
  packets: Node,
): readonly Flow[] {
  const { diagram } = view;
  const flows = narrowed(view, hook.passage.stages[index]?.entered ?? [], packets);
  const lost = diagram.difference(
    diagram.and(hook.passage.entry, packets),
    diagram.orAll(flows.map((f) => f.set)),
  );
  return [...flows, ...free.flows(index, lost)];
}

/**
 * Of each rule the packets that something before it denies. A rule with a match that is not modelled may let through what a later one
 * denies: that one takes nothing from it.
 *
 * @param before what earlier chains of the layer deny
 * @param really the chain's own hits, in the order in which packets meet the lines
 */
function behindDenials(
  diagram: Diagram,
  hits: readonly Hit[],
  before: Node,
  really: readonly Hit[],
): readonly Node[] {
  const deniedBefore = new Map<Hit['rule'], Node>();
  let denied = before;
  for (const { rule, verdict, set } of really) {
    if (rule === undefined) continue;
    if (verdict === 'deny') denied = diagram.or(denied, visible(diagram, set));
    else if (verdict === 'accept' && !deniedBefore.has(rule)) deniedBefore.set(rule, denied);
  }
  return hits.map(({ rule, set }) => {
    const own = visible(diagram, set);
    const known = deniedBefore.get(rule);
    return known === undefined ? own : diagram.and(own, known);
  });
}

/** Whether what the base chain at the index accepts passes the layer, where no rule before it denies anything. */
function decides({ passage: { stages } }: HookView, index: number): boolean {
  const layer = stages[index]?.stage.chain.layer;
  return stages.every(({ stage: { chain, nat } }, at) => {
    if (nat || at === index || chain.layer !== layer) return true;
    return chain.base?.policy !== 'drop' && (at < index || chain.rules.length === 0);
  });
}

/** A rule that somebody wrote to let packets through. */
const isAcceptRule = ({ verdict, rule }: Hit): boolean =>
  verdict === 'accept' && rule !== undefined && rule.implied === undefined && rule.standard !== true;
