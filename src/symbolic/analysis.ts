import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { nameRanges, SOME_INTERFACE } from '../packet/interface-names.ts';
import { rangesNode } from '../packet/literals.ts';
import { CONNECTION_STATES, icmpProtocol } from '../packet/packet.ts';
import type { PacketSpace } from '../packet/set.ts';
import type { Action, Chain, NetfilterHook, Ruleset } from '../rule/ruleset.ts';
import { localAddresses, ownAddresses } from './address-types.ts';
import { ChainSummaries } from './chains.ts';
import { ConditionCompiler } from './compile.ts';
import { OpaquePredicates } from './predicates.ts';
import type { Place, Scope, Surroundings } from './scope.ts';
import { HOOK_PATHS, type Stage, stagesOf } from './stages.ts';
import { stateNode } from './states.ts';
import { ACCEPT, type Flow, type Summary, SummaryAlgebra } from './summary.ts';
import { IDENTITY, preimage, type Transform } from './transform.ts';

/** What becomes of the packets of an entry set; all sets are in terms of packets as they arrive, and *may*. */
export interface Passage {
  /** Packets that pass every hook, and what was done to them. */
  readonly accept: readonly Flow[];
  /** Packets that some hook drops or rejects. */
  readonly deny: Node;
  /** The flows that entered each base chain, in order. */
  readonly stages: readonly { readonly stage: Stage; readonly entered: readonly Flow[] }[];
}

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
  private readonly surroundings: Surroundings;
  private readonly preimages = new Map<Transform, Map<Node, Node>>();

  /**
   * @param followTranslation packets of an established connection in its first direction are translated as the
   *   connection's first packet was (for the half-open check); else rules translate only what is new or related
   */
  constructor(
    readonly space: PacketSpace,
    readonly ruleset: Ruleset,
    readonly scope: Scope,
    private readonly followTranslation = false,
    readonly predicates = new OpaquePredicates(space.diagram, ruleset),
  ) {
    this.diagram = space.diagram;
    this.surroundings = surroundingsOf(ruleset);
    this.algebra = new SummaryAlgebra(this.diagram, (node, transform) => this.pre(node, transform));
    this.compiler = new ConditionCompiler(this.diagram, scope, this.surroundings, this.predicates);
    this.chains = new ChainSummaries(this.diagram, this.compiler, this.algebra, ruleset);
    this.natChains = followTranslation ? this.chainsForFirstPacket() : this.chains;
  }

  /** Every packet of the scope: of the family, with the interfaces that the hook has, and no mark of connection tracking's yet. */
  entry(): Node {
    const { family, hook, state } = this.scope;
    const literal = (
      field: 'family' | 'in' | 'out' | 'notrack',
      values: readonly number[] | readonly bigint[],
    ): Node => rangesNode(this.diagram, field, values as readonly number[], ALL);
    const nothing = nameRanges([{ name: '', prefix: false }]);
    let node = literal('family', family === 4 ? [0, 0] : [1, 1]);
    node = this.diagram.and(node, literal('in', hook === 'output' ? nothing : SOME_INTERFACE));
    node = this.diagram.and(node, literal('out', hook === 'input' ? nothing : SOME_INTERFACE));
    node = this.diagram.and(node, literal('notrack', [0, 0]));
    // A new connection's mark is 0 (net/netfilter/nf_conntrack_core.c, init_conntrack).
    if (state === 'new') node = this.diagram.and(node, rangesNode(this.diagram, 'ctmark', [0, 0], ALL));
    return node;
  }

  /** Sends the packets of `entry` through every hook of their way. */
  pass(entry: Node): Passage {
    let flows: readonly Flow[] = entry === NONE ? [] : [{ transform: IDENTITY, set: entry }];
    let deny: Node = NONE;
    const stages: { stage: Stage; entered: readonly Flow[] }[] = [];
    for (const hook of HOOK_PATHS[this.scope.hook]) {
      const translatedHere = new Set<Transform>();
      for (const stage of stagesOf(this.ruleset.chains, hook, this.scope.family)) {
        stages.push({ stage, entered: flows });
        const passed: Flow[] = [];
        for (const flow of flows) {
          const summary = this.stageSummary(stage, flow.transform, translatedHere);
          passed.push(...this.algebra.follow([flow], summary.accept));
          for (const denied of this.algebra.follow([flow], summary.deny))
            deny = this.diagram.or(deny, denied.set);
        }
        flows = this.algebra.unite(passed);
        if (stage.nat)
          for (const flow of flows) if (translates(flow.transform, hook)) translatedHere.add(flow.transform);
      }
      if (hook === 'prerouting') flows = this.routed(flows);
    }
    return { accept: flows, deny, stages };
  }

  /** What a base chain does with packets that came with the transform. */
  stageSummary(
    stage: Stage,
    transform: Transform,
    alreadyTranslated: ReadonlySet<Transform> = new Set(),
  ): Summary {
    const place = this.placeOf(stage, transform);
    if (!stage.nat) return this.chains.base(stage.chain, place);
    if (alreadyTranslated.has(transform)) return ACCEPT;
    return this.algebra.choose(this.translatable(place), this.natChains.base(stage.chain, place), ACCEPT);
  }

  /** Where a condition of the chain is asked. */
  placeOf(stage: Stage, { destination, source }: Transform): Place {
    return {
      hook: stage.hook,
      tracked: stage.tracked,
      translated: {
        destination: destination?.address !== undefined,
        destinationPort: destination?.port !== undefined,
        source: source?.address !== undefined,
        sourcePort: source?.port !== undefined,
      },
    };
  }

  /** The set as packets were before the transform, memoised. */
  pre(node: Node, transform: Transform): Node {
    if (transform === IDENTITY || node < 2) return node;
    let memo = this.preimages.get(transform);
    if (memo === undefined) this.preimages.set(transform, (memo = new Map()));
    let result = memo.get(node);
    if (result === undefined) {
      result = preimage(this.diagram, node, transform, this.scope.family, (field) => this.local(field));
      memo.set(node, result);
    }
    return result;
  }

  /** Which of the translated packets go where the scope's hook says; see docs/pipeline.md, "Where it goes". */
  private routed(flows: readonly Flow[]): readonly Flow[] {
    const toHost = this.scope.hook === 'input';
    const found: Flow[] = [];
    for (const flow of flows) {
      const address = flow.transform.destination?.address;
      if (address === undefined) found.push(flow);
      else if (address.kind === 'local') {
        if (toHost) found.push(flow);
      } else if (this.ruleset.host === undefined) found.push(flow);
      else {
        const width = this.scope.family === 4 ? 4 : 16;
        const own = rangesNode(
          this.diagram,
          'dst',
          localAddresses(this.ruleset.host, this.scope.family),
          ALL,
          width,
        );
        const set = this.diagram.and(
          flow.set,
          this.pre(toHost ? own : this.diagram.not(own), flow.transform),
        );
        if (set !== NONE) found.push({ transform: flow.transform, set });
      }
    }
    return found;
  }

  /** Packets that pass nat chains: new or related ones that are tracked, but no ICMP errors of known connections. */
  private translatable(place: Place): Node {
    const { scope, diagram } = this;
    const fresh = this.followTranslation ? { ...scope, state: 'new' as const } : scope;
    const index = (name: 'new' | 'related'): number => CONNECTION_STATES.indexOf(name);
    const isNew = stateNode(diagram, [index('new'), index('new')], fresh, place, this.surroundings);
    const related = stateNode(diagram, [index('related'), index('related')], fresh, place, this.surroundings);
    const icmp = icmpProtocol(scope.family);
    return diagram.or(isNew, diagram.difference(related, rangesNode(diagram, 'protocol', [icmp, icmp], ALL)));
  }

  /**
   * The address that REDIRECT gives: at output the loopback address, in prerouting the incoming interface's first one
   * (net/netfilter/nf_nat_redirect.c). Without facts it is unknown.
   */
  private local(field: 'src' | 'dst'): Node {
    const { host } = this.ruleset;
    const { family, hook } = this.scope;
    const width = family === 4 ? 4 : 16;
    if (field === 'dst' && hook === 'output')
      return rangesNode(this.diagram, 'dst', family === 4 ? [0x7f000001, 0x7f000001] : [1n, 1n], ALL, width);
    if (host === undefined) return ALL;
    if (field === 'src') return rangesNode(this.diagram, 'src', ownAddresses(host, family), ALL, width);
    const choices = host.interfaces.map((name) => {
      const addresses = host.addresses.filter((a) => a.interface === name && a.family === family);
      const used = family === 4 ? addresses.slice(0, 1) : addresses;
      const node = this.diagram.orAll(
        used.map(({ address }) => {
          const values = family === 4 ? [Number(address), Number(address)] : [address, address];
          return rangesNode(this.diagram, 'dst', values as readonly number[], ALL, width);
        }),
      );
      return rangesNode(this.diagram, 'in', nameRanges([{ name, prefix: false }]), node);
    });
    return this.diagram.orAll(choices);
  }

  private chainsForFirstPacket(): ChainSummaries {
    const first = { ...this.scope, state: 'new' as const };
    const compiler = new ConditionCompiler(this.diagram, first, this.surroundings, this.predicates);
    return new ChainSummaries(this.diagram, compiler, this.algebra, this.ruleset);
  }
}

/** Whether the transform translates what nat chains of the hook translate. */
function translates(transform: Transform, hook: NetfilterHook): boolean {
  return (
    (hook === 'prerouting' || hook === 'output' ? transform.destination : transform.source) !== undefined
  );
}

function surroundingsOf(ruleset: Ruleset): Surroundings {
  const has = (test: (action: Action) => boolean): boolean =>
    ruleset.chains.some((chain: Chain) => chain.rules.some((rule) => rule.actions.some(test)));
  return {
    host: ruleset.host,
    sets: ruleset.sets,
    hasNotrack: has((action) => action.kind === 'notrack'),
    hasForgottenFlags: has((action) => action.kind === 'forget' && action.field === 'tcpFlags'),
  };
}
