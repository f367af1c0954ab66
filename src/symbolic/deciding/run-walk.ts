import { packetsWith, readLeaf, withoutReturns } from '../../packet/decision.ts';
import { type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { hasMoreNodes } from '../../packet/diagram-size.ts';
import { leavesOf, partsOf } from '../../packet/parts.ts';
import { within } from '../../packet/relations.ts';
import type { Chain, Rule } from '../../rule/ruleset.ts';
import { NESTING_LIMIT } from '../chains/call-order.ts';
import type { ChainSummaries } from '../chains/chains.ts';
import type { HitNotes } from './hits.ts';
import type { Analysis } from '../analysis.ts';
import type { Labels } from './labels.ts';
import type { Place } from '../scope.ts';
import { PlainRun } from './segment.ts';
import type { Share, Shares } from './shares.ts';

/** A set of more nodes than this is divided by labels at once. */
const FEW_NODES = 2_000;
/** After so many pieces of a run labels are worth their price: they divide any packets in one go. */
const FEW_STEPS = 3_000;

/** What a run leaves of the packets that came to it. */
interface Left {
  /** Those that return from the chain. */
  readonly back: Node;
  /** Those of which it decides nothing. */
  readonly through: Node;
}

/** A leaf of labels, with its packets. */
type Labelled = ReturnType<typeof readLeaf> & { readonly set: Node };

/** What a run of certain rules does with some packets, told to `notes`. */
export class RunWalk {
  private readonly diagram: Diagram;
  private readonly chains: ChainSummaries;
  private readonly shares: Shares;
  private left = Number.POSITIVE_INFINITY;

  constructor(
    analysis: Pick<Analysis, 'diagram' | 'chains' | 'shares'>,
    private readonly labels: Labels,
    private readonly base: Chain,
    private readonly notes: HitNotes,
    private readonly linesOnly: boolean,
  ) {
    this.diagram = analysis.diagram;
    this.chains = analysis.chains;
    this.shares = analysis.shares;
  }

  /**
   * @param packets in terms of the place; what is decided of them is noted
   * @returns undefined where the rules are too entangled, and nothing was noted
   */
  run(run: PlainRun, packets: Node, chain: Chain, place: Place, withoutDenials: boolean): Left | undefined {
    const { diagram } = this;
    const through = (back: Node | undefined): Left | undefined =>
      back === undefined ? undefined : { back, through: diagram.difference(packets, run.decision) };
    const shallow = this.chains.heightOf(chain) <= NESTING_LIMIT;
    if (!withoutDenials && shallow && this.isLarge(run, packets)) {
      const left = through(this.shared(packets, run, place));
      if (left !== undefined) return left;
    }
    const decided = diagram.inside(packets, run.decision);
    if (decided === NONE) return { back: NONE, through: packets };
    const few = !hasMoreNodes(diagram, decided, FEW_NODES);
    if (withoutDenials) return this.labelled(packets, this.withoutDenials(run, place, packets, few));
    // Of a large set much of the run decides something.
    if (shallow && few && !this.labels.has(run)) {
      const left = through(this.divided(run, decided, chain, place, FEW_STEPS));
      if (left !== undefined) return left;
    }
    const shared = shallow && !this.labels.has(run) ? this.shared(packets, run, place) : undefined;
    if (shared !== undefined) return through(shared);
    const left = this.labelled(packets, this.labels.run(run, place), run.decision);
    if (left !== undefined || !shallow) return left;
    return through(this.divided(run, decided, chain, place, Number.POSITIVE_INFINITY));
  }

  /** Whether a run of which nothing is known yet is large, and so many packets come to it that it most likely decides some. */
  private isLarge(run: PlainRun, packets: Node): boolean {
    if (this.labels.has(run) || !this.shares.isNewAndLarge(run)) return false;
    return hasMoreNodes(this.diagram, packets, FEW_NODES);
  }

  /** The fields on which it depends who decides, see {@link Labels.fields}. */
  fields(run: PlainRun, place: Place): number {
    return this.labels.fields(run, place);
  }

  /** What the rules that don't deny decide: of few packets, only those rules that have to do with them are looked at. */
  private withoutDenials(run: PlainRun, place: Place, packets: Node, few: boolean): Node | undefined {
    const part = few ? this.labels.part(run, place, packets) : undefined;
    return part ?? this.labels.run(run, place);
  }

  /** By labels: the packets of all rules in one walk through a diagram. */
  private labelled(packets: Node, labelled: Node | undefined, decided = labelled): Left | undefined {
    if (labelled === undefined || decided === undefined) return undefined;
    const own = this.diagram.restrict(labelled, packets);
    const { numbers } = this.labels;
    const ranks = numbers.ranksFrom(this.base);
    const found = this.linesOnly ? this.linesOf(own, packets) : this.partsOf(own);
    found.sort((a, b) => (ranks[a.number] as number) - (ranks[b.number] as number));
    let back: Node = NONE;
    for (const { number, outcome, set } of found) {
      if (outcome === 'back') {
        back = set;
        continue;
      }
      const { rule, chain } = numbers.line(number);
      this.notes.add(rule, chain, outcome, set);
    }
    return { back, through: this.diagram.difference(packets, decided) };
  }

  private partsOf(labelled: Node): Labelled[] {
    const { leaves, sets } = partsOf(this.diagram, labelled);
    return leaves.map((leaf, i) => {
      const { number, outcome } = readLeaf(leaf);
      return { number, outcome, set: sets[i] as Node };
    });
  }

  /** Without the packets of each line, which would be sets of their own for every line. */
  private linesOf(labelled: Node, packets: Node): Labelled[] {
    return leavesOf(this.diagram, labelled).map((leaf) => {
      const { number, outcome } = readLeaf(leaf);
      const set = outcome === 'back' ? packetsWith(this.diagram, labelled, 'back') : packets;
      return { number, outcome, set };
    });
  }

  /** By shares: where rules hardly overlap, each decides what it asks for. Returns what returns from the chain. */
  private shared(packets: Node, run: PlainRun, place: Place): Node | undefined {
    const shares = this.shares.of(run, place);
    if (shares === undefined) return undefined;
    const { diagram } = this;
    const { numbers } = this.labels;
    const ranks = numbers.ranksFrom(this.base);
    const sets = new Int32Array(shares.length);
    let back: Node = NONE;
    let sorted = true;
    let last = 0;
    for (const [i, { rule, outcome, set: all }] of shares.entries()) {
      const set = within(diagram, all, packets) ? all : diagram.and(all, packets);
      if (outcome === 'back') back = diagram.or(back, set);
      else if (set !== NONE) {
        sets[i] = set;
        const rank = ranks[numbers.of(rule)] as number;
        sorted &&= rank >= last;
        last = rank;
      }
    }
    // A chain that is called twice may get a rule's first packets by the second call.
    const order = shares.keys();
    const rankOf = (i: number): number => ranks[numbers.of((shares[i] as Share).rule)] as number;
    for (const i of sorted ? order : [...order].sort((a, b) => rankOf(a) - rankOf(b))) {
      const { rule, outcome } = shares[i] as Share;
      if (sets[i] !== NONE)
        this.notes.add(
          rule,
          numbers.line(numbers.of(rule)).chain,
          outcome as 'accept' | 'deny',
          sets[i] as Node,
        );
    }
    return back;
  }

  /** Piece by piece, skipping those that decide none of the packets: this costs little where few rules matter. */
  private divided(run: PlainRun, decided: Node, chain: Chain, place: Place, steps: number): Node | undefined {
    this.left = steps;
    const found: Parameters<HitNotes['add']>[] = [];
    const back = this.piece(run, decided, chain, place, found);
    if (this.left < 0) return undefined;
    for (const one of found) this.notes.add(...one);
    return back;
  }

  /** @param decided packets, all of which the run decides */
  private piece(
    run: PlainRun,
    decided: Node,
    chain: Chain,
    place: Place,
    found: Parameters<HitNotes['add']>[],
  ): Node {
    if (decided === NONE || --this.left < 0) return NONE;
    const { rule, halves } = run;
    if (halves === undefined)
      return rule === undefined ? NONE : this.actions(rule, 0, decided, chain, place, found);
    const first = this.diagram.inside(decided, halves[0].decision);
    const back = this.piece(halves[0], first, chain, place, found);
    const second = this.diagram.difference(decided, halves[0].decision);
    return this.diagram.or(back, this.piece(halves[1], second, chain, place, found));
  }

  private actions(
    rule: Rule,
    index: number,
    packets: Node,
    chain: Chain,
    place: Place,
    found: Parameters<HitNotes['add']>[],
  ): Node {
    const action = rule.actions[index];
    if (packets === NONE || action === undefined) return NONE;
    switch (action.kind) {
      case 'verdict':
        found.push([rule, chain, action.verdict === 'accept' ? 'accept' : 'deny', packets]);
        return NONE;
      case 'return':
        return packets;
      case 'jump':
      case 'goto': {
        const [rest, back] = this.called(action.chain, packets, place, action.kind === 'jump', found);
        if (action.kind === 'goto') return this.diagram.or(rest, back);
        return this.actions(rule, index + 1, rest, chain, place, found);
      }
      default:
        // Notes; and what a rule requires further holds for packets that it decides.
        return this.actions(rule, index + 1, packets, chain, place, found);
    }
  }

  /** The packets that a called chain leaves undecided, and those that return from it (which a jump counts as such). */
  private called(
    id: string,
    packets: Node,
    place: Place,
    jump: boolean,
    found: Parameters<HitNotes['add']>[],
  ): [rest: Node, back: Node] {
    const { diagram } = this;
    const target = this.chains.chain(id);
    const body = this.chains.body(target, place);
    if (!(body instanceof PlainRun)) return [packets, NONE];
    const decision = jump ? withoutReturns(diagram, body.decision) : body.decision;
    const back = this.piece(body, diagram.inside(packets, decision), target, place, found);
    return [diagram.difference(packets, decision), back];
  }
}
