import { decidedPackets, type Outcome } from '../../packet/decision.ts';
import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { hasMoreNodes } from '../../packet/diagram-size.ts';
import { neighboursOf, overlapsOf } from '../../packet/overlaps.ts';
import type { Rule, Ruleset } from '../../rule/ruleset.ts';
import type { ChainSummaries } from '../chains/chains.ts';
import type { ConditionCompiler } from '../conditions/compile.ts';
import type { Place } from '../scope.ts';
import { PlainRun } from './segment.ts';

/** How much a diagram may grow for the shares of one run, in bytes. */
const BYTE_LIMIT = 150e6;
/** A run of more nodes is large. */
const MANY_NODES = 20_000;
/** So many times as many shares as rules: chains that are called from many places have as many of each rule. */
const MOST_COPIES = 2;
const FEW_SHARES = 1_000;

/** The packets that one rule of a run decides. */
export interface Share {
  readonly rule: Rule;
  readonly outcome: Outcome;
  readonly set: Node;
}

/** What one rule asks for where its chain is called. */
export interface Asked extends Pick<Share, 'rule' | 'outcome'> {
  /** What it decides of the packets that come to it. */
  readonly decided: Node;
  readonly call: Node;
}

/** Where rules are gathered. */
interface Where {
  readonly place: Place;
  /** With the rules that nothing can reach. */
  readonly whole: boolean;
  readonly isCalled: boolean;
}

/**
 * What each rule of a run of certain rules decides, where most of them are about packets that no other is about: then a rule
 * decides what it asks for, and only the few that share packets with earlier ones cost more. Where rules share much,
 * labels tell them apart (labels.ts).
 */
export class Shares {
  private readonly known = new Map<PlainRun, readonly Share[] | undefined>();
  private readonly most: number;
  private readonly small = new Set<PlainRun>();

  constructor(
    private readonly diagram: Diagram,
    private readonly chains: ChainSummaries,
    private readonly compiler: ConditionCompiler,
    ruleset: Ruleset,
  ) {
    const rules = ruleset.chains.reduce((sum, chain) => sum + chain.rules.length, 0);
    this.most = MOST_COPIES * rules + FEW_SHARES;
  }

  /** Whether a run that nobody has asked for is large: of another it is cheaper to see first which packets it decides. */
  isNewAndLarge(run: PlainRun): boolean {
    if (this.known.has(run) || this.small.has(run)) return false;
    const isLarge = hasMoreNodes(this.diagram, run.decision, MANY_NODES);
    if (!isLarge) this.small.add(run);
    return isLarge;
  }

  /** In the order in which packets come to the rules; undefined where labels are better. */
  of(run: PlainRun, place: Place): readonly Share[] | undefined {
    if (!this.known.has(run))
      this.known.set(
        run,
        this.diagram.within(BYTE_LIMIT, () => this.make(run, place)),
      );
    return this.known.get(run);
  }

  /**
   * What each rule of a run, and of the chains that it calls, asks for; undefined where that is not all there is to them.
   *
   * @param whole with the rules that nothing can reach
   */
  asked(run: PlainRun, place: Place, whole: boolean): readonly Asked[] | undefined {
    const asked: Asked[] = [];
    return this.gather(run, { place, whole, isCalled: false }, ALL, asked) ? asked : undefined;
  }

  /** The packets that a rule asks for. */
  packetsOf({ call, decided }: Asked): Node {
    return call === ALL ? decidedPackets(this.diagram, decided) : this.diagram.inside(call, decided);
  }

  private make(run: PlainRun, place: Place): readonly Share[] | undefined {
    const { diagram } = this;
    const asked = this.asked(run, place, false);
    if (asked === undefined) return undefined;
    const neighbours = neighboursOf(
      diagram,
      asked.map(({ decided }) => decided),
    );
    if (neighbours === undefined) return undefined;
    const sets = asked.map((one) => this.packetsOf(one));
    const overlaps = overlapsOf(diagram, sets, neighbours);
    return (
      overlaps &&
      asked.map(({ rule, outcome }, i) => {
        const taken = (overlaps.get(i) ?? []).map((j) => sets[j] as Node);
        return { rule, outcome, set: diagram.difference(sets[i] as Node, diagram.orAll(taken)) };
      })
    );
  }

  /**
   * Adds what the run's rules ask for.
   *
   * @param call the packets for which the run's chain is called
   * @returns whether that is all there is to them
   */
  private gather(run: PlainRun, where: Where, call: Node, found: Asked[]): boolean {
    for (const [rule, decided] of run.entries()) {
      if (decided === NONE) continue;
      if (found.length > this.most) return false;
      const [action, ...others] = rule.actions.filter(({ kind }) => kind !== 'note');
      if (action === undefined || others.length > 0) return false;
      if (action.kind === 'jump') {
        if (!this.called(rule, action.chain, where, call, found)) return false;
        continue;
      }
      const outcome = outcomeOf(action);
      // What returns from a called chain comes to the rules after the call.
      if (outcome === undefined || (outcome === 'back' && where.isCalled)) return false;
      found.push({ rule, outcome, decided, call });
    }
    return true;
  }

  private called(rule: Rule, id: string, where: Where, call: Node, found: Asked[]): boolean {
    const { place, whole } = where;
    const body = this.chains.body(this.chains.chain(id), place, whole);
    if (!(body instanceof PlainRun)) return body.decision === NONE;
    const asked = this.diagram.and(call, this.compiler.compile(rule.match, place).may);
    return asked === NONE || this.gather(body, { place, whole, isCalled: true }, asked, found);
  }
}

function outcomeOf(action: Rule['actions'][number]): Outcome | undefined {
  if (action.kind === 'return') return 'back';
  if (action.kind !== 'verdict') return undefined;
  return action.verdict === 'accept' ? 'accept' : 'deny';
}
