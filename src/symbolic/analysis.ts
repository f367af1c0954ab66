import { type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { meets } from '../packet/relations.ts';
import type { PacketSpace } from '../packet/set.ts';
import type { TranslateAction } from '../rule/action.ts';
import type { NetfilterHook, Ruleset } from '../rule/ruleset.ts';
import { kept } from '../text/kept.ts';
import { ChainSummaries } from './chains/chains.ts';
import { chainsIn, predicatesOf } from './chains/common.ts';
import type { RuleLabels } from './chains/rule-summaries.ts';
import { ConditionCompiler } from './conditions/compile.ts';
import { entryOf } from './entry.ts';
import { Labels } from './deciding/labels.ts';
import { placeIn } from './translation/place-in.ts';
import { type Place, placeKey, type Scope, type Surroundings } from './scope.ts';
import { surroundingsOf } from './surroundings.ts';
import { SegmentPackets } from './deciding/segment-packets.ts';
import { type Stage, type Stop, stopsOf } from './stages.ts';
import { onLoopback } from './states.ts';
import { ACCEPT, type Flow, type Summary, SummaryAlgebra } from './chains/summary.ts';
import { type Passage, Way } from './passage.ts';
import { Preimages } from './translation/preimages.ts';
import { Shares } from './deciding/shares.ts';
import { Router } from './routing.ts';
import { type Change, changesOnly, deniesNothing } from './deciding/silent.ts';
import { IDENTITY, type Transform } from './translation/transform.ts';
import { withoutAddress } from './translation/translation.ts';
import { connectionNode, firstPacketNode } from './states.ts';

export type { Passage } from './passage.ts';

/**
 * One rule set, one scope: translates chains once and answers for any set of packets. Memory grows with the rule set's
 * diagram; a DiagramLimit is thrown where it outgrows its bound.
 */
export class Analysis {
  readonly diagram: Diagram;
  readonly algebra: SummaryAlgebra;
  readonly compiler: ConditionCompiler;
  readonly chains: ChainSummaries;
  private readonly natChains: ChainSummaries;
  private readonly labelledChains: ChainSummaries | undefined;
  readonly surroundings: Surroundings;
  readonly shares: Shares;
  private readonly ruleLabels: [Labels | undefined, Labels | undefined] = [undefined, undefined];
  readonly router: Router;
  private readonly preimages: Preimages;
  readonly segments: SegmentPackets;
  /** Whether base chains deny nothing, by their names. */
  private readonly silent = new Map<string, boolean>();
  /** What base chains for NAT do, by where they stand and by their names. */
  private readonly translations = new Map<string, Summary>();
  private knownStops: readonly Stop[] | undefined;
  private knownUntold: ReadonlySet<Stage> | undefined;

  /**
   * @param followTranslation packets of an established connection in its first direction are translated as the
   *   connection's first packet was (for the half-open check); else rules translate only what is new or related
   */
  constructor(
    readonly space: PacketSpace,
    readonly ruleset: Ruleset,
    readonly scope: Scope,
    private readonly followTranslation = false,
    readonly predicates = predicatesOf(space.diagram, ruleset),
    private readonly labels?: RuleLabels,
  ) {
    this.diagram = space.diagram;
    this.segments = new SegmentPackets(this.diagram);
    this.surroundings = surroundingsOf(ruleset);
    this.preimages = new Preimages(this.diagram, scope, ruleset.host, this.surroundings, predicates);
    this.algebra = new SummaryAlgebra(
      this.diagram,
      (node, transform) => this.pre(node, transform),
      (set, node, transform) => this.following(set, node, transform),
    );
    this.router = new Router(this);
    this.compiler = this.compilerOf(scope);
    this.chains = chainsIn(this, scope, this.compiler);
    this.shares = new Shares(this.diagram, this.chains, this.compiler, ruleset);
    this.labelledChains = labels === undefined ? undefined : this.chainsWith(labels);
    this.natChains = followTranslation ? this.chainsForFirstPacket() : this.chains;
  }

  /** See {@link entryOf}. */
  entry(): Node {
    return entryOf(this.diagram, this.scope, this.surroundings);
  }

  /** Sends the packets of `entry` through every hook of their way. */
  pass(entry: Node): Passage {
    const way = new Way(this.diagram, this.algebra, entry);
    for (const { hook, stages } of this.stops) {
      const translatedHere = new Set<Transform>();
      for (const stage of stages) {
        if (this.untold.has(stage)) {
          way.past(stage);
          continue;
        }
        way.through(stage, (transform) => this.stageSummary(stage, transform, translatedHere));
        if (stage.nat)
          for (const flow of way.flows)
            if (translates(flow.transform, hook)) translatedHere.add(flow.transform);
      }
      if (hook === 'prerouting') way.route(this.router.routed(way.flows));
      if (hook === 'output') way.flows = this.router.routedAgain(way.flows);
    }
    return way.passage();
  }

  /** The base chains on the way, hook by hook. */
  get stops(): readonly Stop[] {
    this.knownStops ??= stopsOf(this.ruleset, this.scope.hook, this.scope.family);
    return this.knownStops;
  }

  /**
   * The last base chains for NAT, where all that they do is to give packets another source, or a mark. Nobody looks at either
   * afterwards, and on a host with hundreds of networks that each have a rule for it every published port would go on in as many ways.
   * What leaves by the loopback interface comes in again, with its mark.
   */
  private get untold(): ReadonlySet<Stage> {
    const { ruleset, scope } = this;
    if (this.knownUntold !== undefined) return this.knownUntold;
    const found = new Set<Stage>();
    const changes: readonly Change[] = scope.hook === 'output' ? ['source'] : ['source', 'mark'];
    for (const stage of this.stops.flatMap(({ stages }) => stages).reverse()) {
      const isEmpty = stage.chain.rules.length === 0 && stage.chain.base?.policy !== 'drop';
      if (isEmpty && !stage.nat) continue;
      if (!stage.nat || !this.deniesNothing(stage) || !changesOnly(ruleset, stage, changes)) break;
      found.add(stage);
    }
    this.knownUntold = found;
    return found;
  }

  /** Whether no condition need be looked at to see that the base chain denies nothing. */
  deniesNothing(stage: Stage): boolean {
    const { diagram, ruleset, scope, surroundings } = this;
    return kept(this.silent, stage.chain.id, () => {
      const place = placeIn(stage, IDENTITY);
      const hasAddress = (action: TranslateAction): boolean =>
        withoutAddress(diagram, action, place, scope, surroundings) === NONE;
      return deniesNothing(ruleset, stage, hasAddress);
    });
  }

  /** What a base chain does with packets that came with the transform. */
  stageSummary(
    stage: Stage,
    transform: Transform,
    alreadyTranslated: ReadonlySet<Transform> = new Set(),
  ): Summary {
    const place = placeIn(stage, transform);
    if (!stage.nat) return this.chainsOf(stage).base(stage.chain, place);
    if (alreadyTranslated.has(transform)) return ACCEPT;
    return kept(this.translations, `${placeKey(place)} ${stage.chain.id}`, () => {
      const first = this.translatable(place);
      // What is no first packet passes nat chains by; thousands of translations need not be read for it.
      if (first === NONE) return ACCEPT;
      return this.algebra.choose(first, this.natChains.base(stage.chain, place), ACCEPT);
    });
  }

  /** Packets of a flow that the base chain sees: nat chains see only what is still to be translated. */
  seenBy(stage: Stage, flow: Flow): Node {
    if (!stage.nat) return flow.set;
    if (translates(flow.transform, stage.hook)) return NONE;
    const untranslated = this.translatable(placeIn(stage, flow.transform));
    return this.diagram.and(flow.set, this.pre(untranslated, flow.transform));
  }

  /** Whether the base chain can deny packets of the flow. */
  denies(stage: Stage, flow: Flow): boolean {
    if (this.deniesNothing(stage)) return false;
    const set = this.seenBy(stage, flow);
    if (set === NONE) return false;
    const { deny } = this.stageSummary(stage, flow.transform);
    return deny.some((denied) => meets(this.diagram, set, this.pre(denied.set, flow.transform)));
  }

  private chainsOf(stage: Stage): ChainSummaries {
    return stage.chain.id === this.labels?.chain && this.labelledChains !== undefined
      ? this.labelledChains
      : this.chains;
  }

  /** Rules told apart by the packets that they decide, for walks; made when first needed. */
  labelsOf(withoutDenials: boolean): Labels {
    const at = Number(withoutDenials);
    const { diagram, chains, compiler, ruleset } = this;
    this.ruleLabels[at] ??= new Labels(diagram, chains, compiler, ruleset, withoutDenials);
    return this.ruleLabels[at];
  }

  /** See {@link Preimages.of}. */
  pre(node: Node, transform: Transform): Node {
    return this.preimages.of(node, transform);
  }

  /** See {@link Preimages.following}. */
  following(set: Node, node: Node, transform: Transform): Node {
    return this.preimages.following(set, node, transform);
  }

  /** See {@link Preimages.leavesAlone}. */
  leavesAlone(transform: Transform, fields: number): boolean {
    return this.preimages.leavesAlone(transform, fields);
  }

  /**
   * Packets that pass nat chains: the first of a tracked connection, and on the loopback interface only on the way out
   * (net/netfilter/nf_nat_core.c, nf_nat_inet_fn).
   */
  private translatable(place: Place): Node {
    const { diagram, surroundings } = this;
    const scope = this.followTranslation ? { ...this.scope, state: 'new' as const } : this.scope;
    const first = diagram.and(
      firstPacketNode(diagram, scope),
      connectionNode(diagram, scope, place, surroundings),
    );
    const arriving = place.hook === 'prerouting' || place.hook === 'input';
    return arriving ? diagram.difference(first, onLoopback(diagram, surroundings)) : first;
  }

  /** Nat chains have seen the first packet, of TCP a SYN (RFC 9293, section 3.5). Where rules keep that out of conntrack, it may be another. */
  private chainsForFirstPacket(): ChainSummaries {
    const isSyn =
      this.scope.state === 'established' &&
      this.scope.tcpFlags !== undefined &&
      !this.surroundings.hasNotrack;
    const scope = { ...this.scope, state: 'new' as const, ...(isSyn ? { tcpFlags: SYN } : {}) };
    return chainsIn(this, scope, this.compilerOf(scope));
  }

  private chainsWith(labels: RuleLabels): ChainSummaries {
    const { diagram, algebra, scope, surroundings, ruleset } = this;
    return new ChainSummaries(diagram, this.compilerOf(scope), algebra, scope, surroundings, ruleset, labels);
  }

  private compilerOf(scope: Scope): ConditionCompiler {
    return new ConditionCompiler(this.diagram, scope, this.surroundings, this.predicates);
  }
}

const SYN = 0x02;

/** Whether the transform translates what nat chains of the hook translate. */
function translates(transform: Transform, hook: NetfilterHook): boolean {
  return (
    (hook === 'prerouting' || hook === 'output' ? transform.destination : transform.source) !== undefined
  );
}
