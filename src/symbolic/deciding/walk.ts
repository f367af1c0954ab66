import { NONE } from '../../packet/diagram.ts';
import type { Chain } from '../../rule/ruleset.ts';
import type { Analysis } from '../analysis.ts';
import { after, concerns, type Out } from '../chains/flow-steps.ts';
import type { Flow } from '../chains/summary.ts';
import type { Place } from '../scope.ts';
import type { Stage } from '../stages.ts';
import { placeIn } from '../translation/place-in.ts';
import { tells } from '../translation/telling.ts';
import { IDENTITY } from '../translation/transform.ts';
import { type Hit, HitNotes } from './hits.ts';
import { possibleOnes } from './possible-ones.ts';
import { RuleWalk } from './rule-walk.ts';
import { RunWalk } from './run-walk.ts';
import { PlainRun, type Segment } from './segment.ts';

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
  const hits = new Walk(analysis, stage.chain, withoutDenials, linesOnly).base(stage, flows);
  return withoutDenials ? hits : possibleOnes(analysis, stage, flows, hits);
}

/** What somebody wants to know of a walk. */
interface WalkOptions {
  /** Rules that drop or reject are passed over, which shows what would have accepted packets. */
  readonly withoutDenials?: boolean;
  /** Nobody asks which packets each line decides: its set may have others of the given packets too. */
  readonly linesOnly?: boolean;
}

/** A segment that changes packets in more ways is looked at rule by rule: most of them may have nothing to do with a flow. */
const FEW_CHANGES = 256;

class Walk {
  private readonly notes: HitNotes;
  private readonly runs: RunWalk;
  private readonly rules: RuleWalk;

  constructor(
    private readonly analysis: Analysis,
    base: Chain,
    private readonly withoutDenials: boolean,
    linesOnly: boolean,
  ) {
    this.notes = new HitNotes(analysis.diagram);
    this.runs = new RunWalk(analysis, analysis.labelsOf(withoutDenials), base, this.notes, linesOnly);
    this.rules = new RuleWalk(analysis, this.notes, this, withoutDenials);
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

  chain(chain: Chain, flow: Flow, place: Place): Out {
    return this.segment(this.analysis.chains.body(chain, place, this.withoutDenials), flow, chain, place);
  }

  private segment(segment: Segment, flow: Flow, chain: Chain, place: Place): Out {
    const out = segment instanceof PlainRun ? this.run(segment, flow, chain, place) : undefined;
    if (out !== undefined) return out;
    if (segment.halves === undefined) return this.leaf(segment, flow, chain, place);
    if (segment.summary.moved.length <= FEW_CHANGES && this.isSilent(segment, chain))
      return { through: after(this.analysis, segment.summary, flow), back: [] };
    if (!concerns(this.analysis, segment, flow)) return { through: [flow], back: [] };
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

  private leaf({ rule, summary }: Segment, flow: Flow, chain: Chain, place: Place): Out {
    if (rule === undefined || rule.actions.length === 0) return { through: [flow], back: [] };
    return this.rules.rule(summary, { rule, chain, place }, flow);
  }
}
