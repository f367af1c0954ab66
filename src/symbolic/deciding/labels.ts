import { leafOf, NUMBER_LIMIT } from '../../packet/decision.ts';
import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { firstOf } from '../../packet/first-of.ts';
import { edgesOf } from '../../packet/diagram-size.ts';
import type { Rule, Ruleset } from '../../rule/ruleset.ts';
import { callOrderOf, NESTING_LIMIT } from '../chains/call-order.ts';
import type { ChainSummaries } from '../chains/chains.ts';
import type { ConditionCompiler } from '../conditions/compile.ts';
import { RuleDecisions } from './rule-decisions.ts';
import { numbersOf, type RuleNumbers } from './rule-numbers.ts';
import type { Place } from '../scope.ts';
import { PlainRun, type Segment } from './segment.ts';

/** How much a diagram may grow for the labels of one run: every rule's packets are told apart, which can be much. */
const BYTE_LIMIT = 150e6;
/** So many times a run is labelled for some packets only: the whole of it costs about as much as that. */
const MOST_PARTS = 4;
/** Of an edge, with its part of the node. */
const BYTES_OF_EDGE = 8;
/** After a run that was too much only smaller ones are tried. */
const LESS = 8;

/** Which packets runs are labelled for, and what of them has been. */
interface Task {
  readonly packets: Node;
  readonly known: Map<Segment, Node>;
}

/** Decisions whose leaves are the numbers of the rules that decide. */
export class Labels {
  readonly numbers: RuleNumbers;
  private readonly known = new Map<Segment, Node>();
  private readonly asked = new Map<Segment, number>();
  private task: Task = { packets: ALL, known: this.known };
  private readonly refused = new Set<Segment>();
  /** Runs that call a chain with other than plain rules, where denials are passed over: such rules stand behind one. */
  private readonly calling = new Set<Segment>();
  private readonly edges = new Map<Node, number>();
  private readonly dependences = new Map<Segment, number>();
  private readonly decisions: RuleDecisions;
  private bytes = BYTE_LIMIT;
  private readonly order: ReturnType<typeof callOrderOf>;

  /** @param withoutDenials rules that drop or reject are passed over */
  constructor(
    private readonly diagram: Diagram,
    private readonly chains: ChainSummaries,
    compiler: ConditionCompiler,
    ruleset: Ruleset,
    private readonly withoutDenials: boolean,
  ) {
    this.numbers = numbersOf(ruleset);
    this.order = callOrderOf(ruleset);
    this.decisions = new RuleDecisions(diagram, compiler, {
      leaf: (rule, outcome) =>
        withoutDenials && outcome === 'deny' ? NONE : leafOf(outcome, this.numbers.of(rule)),
      chain: (id, place) => this.chain(id, place),
    });
  }

  /** Whether the run's labels have been made. */
  has(run: Segment): boolean {
    return this.known.has(run);
  }

  /**
   * A run as far as it decides some packets: other rules are left out, which costs far less where the packets are few.
   * Undefined where it is too much, or where so much has been asked of the run that it is better labelled as a whole.
   */
  part(run: PlainRun, place: Place, packets: Node): Node | undefined {
    const asked = (this.asked.get(run) ?? 0) + 1;
    this.asked.set(run, asked);
    if (asked > MOST_PARTS || this.numbers.count >= NUMBER_LIMIT || this.known.has(run)) return undefined;
    if (this.calling.has(run)) return undefined;
    const { task } = this;
    this.task = { packets, known: new Map() };
    try {
      return this.diagram.within(this.bytes, () => this.make(run, place));
    } finally {
      this.task = task;
    }
  }

  /** A run of rules that decide for certain, labelled; undefined where that is too much, or takes too deep a recursion. */
  run(run: PlainRun, place: Place): Node | undefined {
    const known = this.known.get(run);
    if (known !== undefined) return known;
    if (this.numbers.count >= NUMBER_LIMIT || this.refused.has(run) || this.calling.has(run))
      return undefined;
    const labelled = this.isTooLarge(run)
      ? undefined
      : this.diagram.within(this.bytes, () => this.make(run, place));
    if (labelled === undefined && !this.calling.has(run)) {
      this.refused.add(run);
      this.bytes /= LESS;
    }
    return labelled;
  }

  /** Whether the labels of a run's own rules would be too much: what these share without numbers, they share no more. */
  private isTooLarge(run: PlainRun): boolean {
    const counted = new Set<Node>();
    let bytes = 0;
    for (const [, decided] of run.entries()) {
      // Of rules that ask for the same only the first decides anything.
      if (counted.has(decided)) continue;
      counted.add(decided);
      bytes += BYTES_OF_EDGE * edgesOf(this.diagram, decided, this.edges);
      if (bytes > this.bytes) return true;
    }
    return false;
  }

  /**
   * The fields (bits, see `Layout.fieldBit`) that decide which rule of a run decides a packet. They are more than the run's own decision
   * depends on, where two rules do the same.
   */
  fields(run: PlainRun, place: Place): number {
    let fields = this.dependences.get(run);
    if (fields !== undefined) return fields;
    fields = 0;
    for (const [rule, decided] of run.entries()) {
      fields |= this.diagram.fields(decided);
      for (const id of decided === NONE ? [] : calledBy(rule)) fields |= this.chainFields(id, place);
    }
    this.dependences.set(run, fields);
    return fields;
  }

  private chainFields(id: string, place: Place): number {
    const chain = this.chains.chain(id);
    if (this.order.height(chain) >= NESTING_LIMIT) return EVERY_FIELD;
    const body = this.chains.body(chain, place, this.withoutDenials);
    return body instanceof PlainRun ? this.fields(body, place) : 0;
  }

  private make(run: PlainRun, place: Place): Node | undefined {
    const { packets, known } = this.task;
    let labelled = known.get(run);
    if (labelled !== undefined || this.calling.has(run)) return labelled;
    this.calleesFirst(run, place);
    const decisions: Node[] = [];
    for (const [rule, decided] of run.entries()) {
      const here = this.diagram.restrict(decided, packets);
      const own = here === NONE ? NONE : this.decisions.again(rule, place, here);
      if (own === undefined) {
        this.calling.add(run);
        return undefined;
      }
      if (own !== NONE) decisions.push(own);
    }
    labelled = firstOf(this.diagram, decisions);
    known.set(run, labelled);
    return labelled;
  }

  private chain(id: string, place: Place): Node | undefined {
    const body = this.chains.body(this.chains.chain(id), place, this.withoutDenials);
    return body instanceof PlainRun ? this.make(body, place) : body.decision;
  }

  /** Where calls nest deep, the innermost chains come first, so that no recursion goes deep. */
  private calleesFirst(run: PlainRun, place: Place): void {
    const deep = new Set<string>();
    for (const [rule, decided] of run.entries()) {
      for (const id of decided === NONE ? [] : calledBy(rule)) if (this.isDeep(id, place)) deep.add(id);
    }
    for (const id of this.order.below([...deep])) this.chain(id, place);
  }

  private isDeep(id: string, place: Place): boolean {
    const chain = this.chains.chain(id);
    return (
      this.order.height(chain) >= NESTING_LIMIT &&
      !this.task.known.has(this.chains.body(chain, place, this.withoutDenials))
    );
  }
}

const EVERY_FIELD = 0xffffffff;

/** The chains that a rule calls. */
export function calledBy({ actions }: Rule): readonly string[] {
  return actions.flatMap((action) =>
    action.kind === 'jump' || action.kind === 'goto' ? [action.chain] : [],
  );
}
