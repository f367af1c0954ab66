import { NONE } from '../../packet/diagram.ts';
import type { Action } from '../../rule/action.ts';
import type { Chain, Rule } from '../../rule/ruleset.ts';
import type { Analysis } from '../analysis.ts';
import { NESTING_LIMIT } from '../chains/call-order.ts';
import { after, concerns, type Out, together } from '../chains/flow-steps.ts';
import { HitNotes, type Hit } from './hits.ts';
import { placeIn } from '../translation/place-in.ts';
import { RunWalk } from './run-walk.ts';
import { PlainRun, type Segment } from './segment.ts';
import type { Place } from '../scope.ts';
import type { Stage } from '../stages.ts';
import { connectionNode } from '../states.ts';
import { isTelling, tells } from '../translation/telling.ts';
import type { Flow, Summary } from '../chains/summary.ts';
import { preparedBy } from '../prepared.ts';
import { compose } from '../translation/compose.ts';
import { IDENTITY, type Transform } from '../translation/transform.ts';
import { assigned, forgot, TRACKED, UNTRACKED } from '../translation/transforms.ts';

export type { Hit } from './hits.ts';

/**
 * Which rules of one base chain decide given packets. Runs of rules that do not decide any of them are skipped by their
 * summaries, so this costs little where few rules matter.
 */
export function hitsOf(
  analysis: Analysis,
  stage: Stage,
  flows: readonly Flow[],
  { withoutDenials = false, linesOnly = false }: WalkOptions = {},
): Hit[] {
  return new Walk(analysis, stage.chain, withoutDenials, linesOnly).base(stage, flows);
}

/** What somebody wants to know of a walk. */
interface WalkOptions {
  /** Rules that drop or reject are passed over, which shows what would have accepted packets. */
  readonly withoutDenials?: boolean;
  /** Nobody asks which packets each line decides: its set may have others of the given packets too. */
  readonly linesOnly?: boolean;
}

/**
 * How many calls a walk follows. Chains that each call the next one twice make 2^n of them; what is called later counts as
 * decided by the rule that calls.
 */
const CALL_LIMIT = 20_000;

/** A segment that changes packets in more ways is looked at rule by rule: most of them may have nothing to do with a flow. */
const FEW_CHANGES = 256;

class Walk {
  private readonly notes: HitNotes;
  private readonly runs: RunWalk;
  private nesting = 0;
  private calls = 0;

  constructor(
    private readonly analysis: Analysis,
    base: Chain,
    private readonly withoutDenials: boolean,
    linesOnly: boolean,
  ) {
    this.notes = new HitNotes(analysis.diagram);
    this.runs = new RunWalk(analysis, analysis.labelsOf(withoutDenials), base, this.notes, linesOnly);
  }

  base(stage: Stage, flows: readonly Flow[]): Hit[] {
    for (const flow of flows) {
      const place = placeIn(stage, flow.transform);
      const set = this.analysis.seenBy(stage, flow);
      if (set === NONE) continue;
      const verdict = stage.chain.base?.policy === 'drop' ? 'deny' : 'accept';
      const body = this.analysis.chains.body(stage.chain, place, this.withoutDenials);
      if (this.isSilent(body, stage.chain)) {
        this.notes.add(stage.chain, stage.chain, verdict, set);
        continue;
      }
      const out = this.segment(body, { transform: flow.transform, set }, stage.chain, place);
      for (const rest of [...out.through, ...out.back])
        this.notes.add(stage.chain, stage.chain, verdict, rest.set);
    }
    return this.notes.hits();
  }

  private chain(chain: Chain, flow: Flow, place: Place): Out {
    return this.segment(this.analysis.chains.body(chain, place, this.withoutDenials), flow, chain, place);
  }

  private segment(segment: Segment, flow: Flow, chain: Chain, place: Place): Out {
    const out = segment instanceof PlainRun ? this.run(segment, flow, chain, place) : undefined;
    if (out !== undefined) return out;
    if (segment.halves === undefined) return this.leaf(segment, flow, chain, place);
    if (segment.summary.moved.length <= FEW_CHANGES && this.isSilent(segment, chain))
      return { through: after(this.analysis, segment.summary, flow), back: [] };
    if (!this.withoutDenials && !concerns(this.analysis, segment, flow)) return { through: [flow], back: [] };
    const first = this.segment(segment.halves[0], flow, chain, place);
    const through: Flow[] = [];
    const back = first.back;
    for (const rest of first.through) {
      const second = this.segment(segment.halves[1], rest, chain, place);
      through.push(...second.through);
      back.push(...second.back);
    }
    return { through: this.analysis.algebra.unite(through), back };
  }

  /** Rules that decide for certain, and that ask for nothing that the packets were given on their way. */
  private run(run: PlainRun, flow: Flow, chain: Chain, place: Place): Out | undefined {
    const { transform } = flow;
    if (transform !== IDENTITY && !this.analysis.leavesAlone(transform, this.runs.fields(run, place)))
      return undefined;
    const left = this.runs.run(run, flow.set, chain, place, this.withoutDenials);
    if (left === undefined) return undefined;
    return {
      through: left.through === NONE ? [] : [{ transform, set: left.through }],
      back: left.back === NONE ? [] : [{ transform, set: left.back }],
    };
  }

  /**
   * Whether there is nothing to note of a segment: it decides nothing, and what it changes nobody is told. Then its summary says
   * what comes out of it. Rules that each change some of the packets that a match may have would double the flows, one by one.
   */
  private isSilent({ decision, summary }: Segment, chain: Chain): boolean {
    if (tells(this.analysis.ruleset, chain)) return false;
    if (decision !== undefined) return decision === NONE;
    const { accept, deny, back } = summary;
    return accept.length + deny.length + back.length === 0;
  }

  private leaf(segment: Segment, flow: Flow, chain: Chain, place: Place): Out {
    const { rule } = segment;
    if (rule === undefined) return { through: [flow], back: [] };
    const calls = rule.actions.some((action) => action.kind === 'jump' || action.kind === 'goto');
    return calls ? this.rule(rule, flow, chain, place) : this.simple(segment.summary, rule, flow, chain);
  }

  /** A rule that calls no other chain: its summary already says what becomes of which packets. */
  private simple(summary: Summary, rule: Rule, flow: Flow, chain: Chain): Out {
    const { algebra } = this.analysis;
    const reach = (flows: readonly Flow[]): Flow[] =>
      flows.length === 0 ? [] : algebra.follow([flow], flows);
    for (const { set } of reach(summary.accept)) this.notes.add(rule, chain, 'accept', set);
    // A rule that may deny is passed over as if it did not; what else it may do still counts.
    if (this.withoutDenials && summary.deny.length > 0) return { through: [flow], back: [] };
    for (const { set } of reach(summary.deny)) this.notes.add(rule, chain, 'deny', set);
    if (rule.actions.some(isTelling))
      for (const { transform, set } of reach(summary.moved))
        if (tellsOf(rule, transform)) this.notes.add(rule, chain, 'changes', set);
    return { through: after(this.analysis, summary, flow), back: reach(summary.back) };
  }

  private rule(rule: Rule, flow: Flow, chain: Chain, place: Place): Out {
    if (rule.actions.length === 0) return { through: [flow], back: [] };
    const out = this.where(rule.match, rule, 0, flow, chain, place);
    return { through: this.analysis.algebra.unite(out.through), back: out.back };
  }

  /** The rule's actions from one on, for packets that may meet the condition; those that may not go on to the next rule. */
  private where(
    condition: Rule['match'],
    rule: Rule,
    index: number,
    flow: Flow,
    chain: Chain,
    place: Place,
  ): Out {
    const { analysis } = this;
    const { may, must } = analysis.compiler.compile(condition, place);
    const { transform } = flow;
    const inside = analysis.following(flow.set, may, transform);
    if (inside === NONE) return { through: [flow], back: [] };
    const outside = analysis.diagram.and(flow.set, analysis.pre(analysis.diagram.not(must), transform));
    const out = this.actions(rule, index, { transform, set: inside }, chain, place);
    if (outside !== NONE) out.through.push({ transform, set: outside });
    return out;
  }

  private actions(rule: Rule, index: number, flow: Flow, chain: Chain, place: Place): Out {
    const action = rule.actions[index];
    if (action === undefined) return { through: [flow], back: [] };
    const changed = (by: Transform): Out =>
      this.actions(rule, index + 1, { transform: compose(flow.transform, by), set: flow.set }, chain, place);
    switch (action.kind) {
      case 'note': {
        const tracks = preparedBy(action, place, this.analysis.surroundings);
        return changed(tracks === undefined ? IDENTITY : TRACKED[tracks]);
      }
      case 'assign':
        if (isTelling(action)) this.notes.add(rule, chain, 'changes', flow.set);
        if (action.field === 'ctmark' || action.from === 'ctmark')
          return this.marked(rule, index, assigned(action, 0), flow, chain, place);
        return changed(assigned(action, Number(this.analysis.predicates.asksBytesAgain)));
      case 'forget':
        return changed(forgot(action.field));
      case 'notrack':
        if (!place.tracked && flow.transform.tracks === undefined)
          this.notes.add(rule, chain, 'changes', flow.set);
        return changed(place.tracked ? IDENTITY : UNTRACKED);
      case 'translate':
        this.notes.add(rule, chain, 'accept', flow.set);
        return { through: [], back: [] };
      case 'return':
        return { through: [], back: [flow] };
      case 'verdict':
        return this.verdict(rule, action.verdict === 'accept' ? 'accept' : 'deny', flow, chain);
      case 'unknown':
        return this.unknown(rule, index, action, flow, chain, place);
      default:
        return this.branch(rule, index, action, flow, chain, place);
    }
  }

  /** A connection's mark needs a connection (net/netfilter/xt_connmark.c); without one the rest of the rule sees the packet as it was. */
  private marked(rule: Rule, index: number, by: Transform, flow: Flow, chain: Chain, place: Place): Out {
    const { analysis } = this;
    const { diagram, scope, surroundings } = analysis;
    const node = connectionNode(diagram, scope, place, surroundings);
    const ways = [
      [node, by],
      [diagram.not(node), IDENTITY],
    ] as const;
    const parts = ways.map(([where, done]) => ({
      transform: compose(flow.transform, done),
      set: analysis.following(flow.set, where, flow.transform),
    }));
    const some = parts.filter(({ set }) => set !== NONE);
    return together(some.map((rest) => this.actions(rule, index + 1, rest, chain, place)));
  }

  private verdict(rule: Rule, verdict: 'accept' | 'deny', flow: Flow, chain: Chain): Out {
    if (verdict === 'deny' && this.withoutDenials) return { through: [flow], back: [] };
    this.notes.add(rule, chain, verdict, flow.set);
    return { through: [], back: [] };
  }

  private unknown(
    rule: Rule,
    index: number,
    action: Extract<Action, { kind: 'unknown' }>,
    flow: Flow,
    chain: Chain,
    place: Place,
  ): Out {
    if (action.outcomes.includes('accept')) this.notes.add(rule, chain, 'accept', flow.set);
    if (action.outcomes.includes('drop')) this.notes.add(rule, chain, 'deny', flow.set);
    if (!action.outcomes.includes('continue')) return { through: [], back: [] };
    return this.actions(rule, index + 1, flow, chain, place);
  }

  private branch(
    rule: Rule,
    index: number,
    action: Extract<Action, { kind: 'jump' | 'goto' | 'require' }>,
    flow: Flow,
    chain: Chain,
    place: Place,
  ): Out {
    if (action.kind === 'require') return this.where(action.match, rule, index + 1, flow, chain, place);
    const returned = this.called(rule, this.analysis.chains.chain(action.chain), flow, chain, place);
    if (action.kind === 'goto') return { through: [], back: returned };
    return together(returned.map((rest) => this.actions(rule, index + 1, rest, chain, place)));
  }

  /**
   * What comes back from a called chain. Of a chain that is called too deep the calling rule counts as what decides: it is
   * the deepest that a walk gets to.
   */
  private called(rule: Rule, target: Chain, flow: Flow, chain: Chain, place: Place): Flow[] {
    const { algebra, chains } = this.analysis;
    if (this.nesting >= NESTING_LIMIT || ++this.calls > CALL_LIMIT)
      return this.simple(algebra.called(chains.body(target, place).summary), rule, flow, chain).through;
    this.nesting++;
    const { through, back } = this.chain(target, flow, place);
    this.nesting--;
    return algebra.unite([...through, ...back]);
  }
}

/** Whether the rule has changed what is told: what keeps packets out of connection tracking does nothing to those that are to be tracked. */
function tellsOf({ actions }: Rule, { tracks }: Transform): boolean {
  return actions.some((action) => isTelling(action) && (action.kind !== 'notrack' || tracks === undefined));
}
