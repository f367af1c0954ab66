import { type Node, NONE } from '../../packet/diagram.ts';
import type { Action, AssignAction } from '../../rule/action.ts';
import type { Chain, Rule } from '../../rule/ruleset.ts';
import type { Analysis } from '../analysis.ts';
import { NESTING_LIMIT } from '../chains/call-order.ts';
import { after, type Out, together } from '../chains/flow-steps.ts';
import type { Flow, Summary } from '../chains/summary.ts';
import { preparedBy } from '../prepared.ts';
import type { Place } from '../scope.ts';
import { connectionNode } from '../states.ts';
import { compose } from '../translation/compose.ts';
import { isTelling } from '../translation/telling.ts';
import { IDENTITY, type Transform } from '../translation/transform.ts';
import { sameBytes } from '../translation/same-bytes.ts';
import { assigned, forgot, TRACKED, UNTRACKED } from '../translation/transforms.ts';
import type { HitNotes } from './hits.ts';

/** A rule where a walk comes to it: the chain that it stands in, at a place of the packets' way. */
export interface Site {
  readonly rule: Rule;
  readonly chain: Chain;
  readonly place: Place;
}

/** What walks through the chains that rules call. */
interface ChainWalk {
  chain(chain: Chain, flow: Flow, place: Place): Out;
}

/**
 * How many calls a walk follows. Chains that each call the next one twice make 2^n of them; what is called later counts as
 * decided by the rule that calls.
 */
const CALL_LIMIT = 20_000;

/** Notes what single rules do to flows, and says where these go. */
export class RuleWalk {
  private nesting = 0;
  private calls = 0;

  constructor(
    private readonly analysis: Analysis,
    private readonly notes: HitNotes,
    private readonly chains: ChainWalk,
    private readonly withoutDenials: boolean,
  ) {}

  rule(summary: Summary, site: Site, flow: Flow): Out {
    const { rule } = site;
    const calls = rule.actions.some((action) => action.kind === 'jump' || action.kind === 'goto');
    if (!calls) return this.simple(summary, site, flow);
    const out = this.where(rule.match, site, 0, flow);
    return { through: this.analysis.algebra.unite(out.through), back: out.back };
  }

  /** A rule that calls no other chain: its summary already says what becomes of which packets. */
  private simple(summary: Summary, { rule, chain }: Site, flow: Flow): Out {
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

  /** The rule's actions from one on, for packets that may meet the condition; those that may not go on to the next rule. */
  private where(condition: Rule['match'], site: Site, index: number, flow: Flow): Out {
    const { analysis } = this;
    const { may, must } = analysis.compiler.compile(condition, site.place);
    const { transform } = flow;
    const inside = analysis.following(flow.set, may, transform);
    if (inside === NONE) return { through: [flow], back: [] };
    const outside = analysis.diagram.and(flow.set, analysis.pre(analysis.diagram.not(must), transform));
    const out = this.actions(site, index, { transform, set: inside });
    if (outside !== NONE) out.through.push({ transform, set: outside });
    return out;
  }

  private actions(site: Site, index: number, flow: Flow): Out {
    const { rule, chain, place } = site;
    const action = rule.actions[index];
    if (action === undefined) return { through: [flow], back: [] };
    const changed = (by: Transform): Out =>
      this.actions(site, index + 1, { transform: compose(flow.transform, by), set: flow.set });
    switch (action.kind) {
      case 'note': {
        const tracks = preparedBy(action, place, this.analysis.surroundings);
        return changed(tracks === undefined ? IDENTITY : TRACKED[tracks]);
      }
      case 'assign':
        return this.assign(action, site, index, flow);
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
        return this.verdict(action.verdict === 'accept' ? 'accept' : 'deny', site, flow);
      case 'unknown':
        return this.unknown(action, site, index, flow);
      default:
        return this.branch(action, site, index, flow);
    }
  }

  private assign(action: AssignAction, site: Site, index: number, flow: Flow): Out {
    if (isTelling(action)) this.notes.add(site.rule, site.chain, 'changes', flow.set);
    if (action.field === 'ctmark' || action.from === 'ctmark')
      return this.marked(assigned(action, 0), site, index, flow);
    const { diagram, predicates } = this.analysis;
    const by = assigned(action, Number(predicates.asksBytesAgain));
    if (predicates.asksBytesAgain)
      return this.changed(diagram.not(sameBytes(diagram, by)), by, site, index, flow);
    return this.actions(site, index + 1, { transform: compose(flow.transform, by), set: flow.set });
  }

  /** A connection's mark needs a connection (net/netfilter/xt_connmark.c); without one the rest of the rule sees the packet as it was. */
  private marked(by: Transform, site: Site, index: number, flow: Flow): Out {
    const { diagram, scope, surroundings } = this.analysis;
    return this.changed(connectionNode(diagram, scope, site.place, surroundings), by, site, index, flow);
  }

  /** The rest of the rule, for the packets of `node` changed and for the others as they are. */
  private changed(node: Node, by: Transform, site: Site, index: number, flow: Flow): Out {
    const { analysis } = this;
    const ways = [
      [node, by],
      [analysis.diagram.not(node), IDENTITY],
    ] as const;
    const parts = ways.map(([where, done]) => ({
      transform: compose(flow.transform, done),
      set: analysis.following(flow.set, where, flow.transform),
    }));
    const some = parts.filter(({ set }) => set !== NONE);
    return together(some.map((rest) => this.actions(site, index + 1, rest)));
  }

  private verdict(verdict: 'accept' | 'deny', { rule, chain }: Site, flow: Flow): Out {
    if (verdict === 'deny' && this.withoutDenials) return { through: [flow], back: [] };
    this.notes.add(rule, chain, verdict, flow.set);
    return { through: [], back: [] };
  }

  private unknown(
    { outcomes }: Extract<Action, { kind: 'unknown' }>,
    site: Site,
    index: number,
    flow: Flow,
  ): Out {
    const { rule, chain } = site;
    if (outcomes.includes('accept')) this.notes.add(rule, chain, 'accept', flow.set);
    if (outcomes.includes('drop')) this.notes.add(rule, chain, 'deny', flow.set);
    if (!outcomes.includes('continue')) return { through: [], back: [] };
    return this.actions(site, index + 1, flow);
  }

  private branch(
    action: Extract<Action, { kind: 'jump' | 'goto' | 'require' }>,
    site: Site,
    index: number,
    flow: Flow,
  ): Out {
    if (action.kind === 'require') return this.where(action.match, site, index + 1, flow);
    const returned = this.called(this.analysis.chains.chain(action.chain), site, flow);
    if (action.kind === 'goto') return { through: [], back: returned };
    return together(returned.map((rest) => this.actions(site, index + 1, rest)));
  }

  /**
   * What comes back from a called chain. Of a chain that is called too deep the calling rule counts as what decides: it is
   * the deepest that a walk gets to.
   */
  private called(target: Chain, site: Site, flow: Flow): Flow[] {
    const { algebra, chains } = this.analysis;
    if (this.nesting >= NESTING_LIMIT || ++this.calls > CALL_LIMIT)
      return this.simple(algebra.called(chains.body(target, site.place).summary), site, flow).through;
    this.nesting++;
    const { through, back } = this.chains.chain(target, flow, site.place);
    this.nesting--;
    return algebra.unite([...through, ...back]);
  }
}

/** Whether the rule has changed what is told: what keeps packets out of connection tracking does nothing to those that are to be tracked. */
function tellsOf({ actions }: Rule, { tracks }: Transform): boolean {
  return actions.some((action) => isTelling(action) && (action.kind !== 'notrack' || tracks === undefined));
}
