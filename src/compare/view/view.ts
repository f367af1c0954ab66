import type { Cast } from '../../baseline/delivery.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import { spaceFor } from '../../symbolic/layout/space.ts';
import {
  CONNECTION_STATES,
  type ConnectionState,
  GROUP_DESTINATIONS,
  type HookName,
  PACKET_TYPES,
} from '../../packet/packet.ts';
import type { Ranges } from '../../packet/ranges.ts';
import type { PacketSpace } from '../../packet/set.ts';
import { interfacesOfIp } from '../../rule/ip-interfaces.ts';
import { withKnownHost } from '../../rule/known-host.ts';
import type { Chain, Rule, Ruleset } from '../../rule/ruleset.ts';
import { Analysis } from '../../symbolic/analysis.ts';
import type { Changed, Scope } from '../../symbolic/scope.ts';
import { usualOf } from '../../symbolic/bounds.ts';
import { isBehindCloud, isCloudOnly } from './clouds.ts';
import { FamilySets } from './family-sets.ts';
import { type FlowHook, type HookView, hookView } from './hook-view.ts';
import type { Link } from '../../symbolic/own-links.ts';
import { Told } from './told.ts';
import { type Ways, waysByOwnAddresses } from '../required/own-ways.ts';
import { isCloud } from '../../symbolic/stages.ts';
import { surroundingsOf } from '../../symbolic/surroundings.ts';

/** TCP's flag byte of a connection's first packet, of its reply and of what follows (RFC 9293, section 3.5). */
export const SYN = 0x02;
export const SYN_ACK = 0x12;
/** ACK and PSH: what the other side sends when the connection stands. */
export const DATA = 0x18;
export const ACK = 0x10;

/** The flags of a packet of the state, where nobody says which it has. */
export const flagsIn = (state: ConnectionState): number => (state === 'new' ? SYN : ACK);

/** The addresses that the deployment gives the host; none, where it gives it none. */
export interface OwnAddresses {
  readonly addresses: Ranges<number> | Ranges<bigint>;
  /** Addresses of roles that it binds to interfaces, see {@link roleLinks}; asked where something is translated. */
  readonly links?: () => readonly Link[];
}

/** One host in one address family: every analysis that the comparison asks for, made once and when first needed. */
export class FamilyView extends FamilySets {
  /** Packets of the family. */
  readonly familyNode: Node;
  /** Whether only a cloud's hooks filter: then packets have no interfaces, and their hooks are `ingress` and `egress`. */
  readonly isCloudOnly: boolean;
  private readonly hooks = new Map<number, HookView>();
  private readonly analyses = new Map<number, Analysis>();
  private link: FamilyView | undefined;
  /** How much a report is to show of the host. */
  readonly told = new Told();

  /** The host's rules, with what is known of the host in the family. */
  readonly ruleset: Ruleset;
  /** The host's interfaces by which IP sees packets, of whichever family its addresses are; undefined where nobody lists them. */
  readonly interfaces: readonly string[] | undefined;
  private readonly firsts: Ruleset | undefined;

  /** @param firsts what first packets meet, and what follows them, where that is asked of other rules than the host's */
  constructor(
    ruleset: Ruleset,
    family: 4 | 6,
    readonly space: PacketSpace = spaceFor(ruleset),
    readonly own?: OwnAddresses,
    firsts?: Ruleset,
  ) {
    super(space.diagram, family);
    this.ruleset = withKnownHost(ruleset, family);
    this.interfaces = ruleset.host && interfacesOfIp(ruleset.host);
    this.firsts = firsts && withKnownHost(firsts, family);
    this.isCloudOnly = isCloudOnly(ruleset);
    this.familyNode = this.field('family', family === 4 ? [0, 0] : [1, 1]);
  }

  /** The same host with other rules for first packets and what follows them: what is sent back meets its own. */
  withFirsts(firsts: Ruleset): FamilyView {
    return new FamilyView(this.ruleset, this.family, this.space, this.own, firsts);
  }

  /** The same host with other chains; whose its addresses are nobody says. */
  withChains(map: (chains: Ruleset['chains']) => Ruleset['chains']): FamilyView {
    const of = (ruleset: Ruleset): Ruleset => ({ ...ruleset, chains: map(ruleset.chains) });
    const firsts = this.firsts && of(this.firsts);
    return new FamilyView(of(this.ruleset), this.family, this.space, undefined, firsts);
  }

  /** The same host with some of its rules only. */
  withRules(stays: (rule: Rule) => boolean): FamilyView {
    const chains = this.ruleset.chains.map((chain): Chain => {
      const rules = chain.rules.filter(stays);
      return rules.length === chain.rules.length ? chain : { ...chain, rules };
    });
    return new FamilyView({ ...this.ruleset, chains }, this.family, this.space, this.own);
  }

  /** The hook as reports and `trace` name it. */
  shownHook(hook: FlowHook): HookName {
    if (!this.isCloudOnly || hook === 'forward') return hook;
    return hook === 'input' ? 'ingress' : 'egress';
  }

  /**
   * What the hook does with packets of the state; first packets (`new`) carry SYN, others ACK.
   *
   * @param hopLimit only packets that arrive with this TTL or hop limit
   * @param cast only packets that the link brings so; `unicast`: whatever their type is, with unicast as the usual one. What
   *   goes over the link to a group or to a neighbour meets no cloud's rules
   */
  hook(hook: FlowHook, state: ConnectionState = 'new', hopLimit?: number, cast: Cast = 'unicast'): HookView {
    const link = cast === 'unicast' ? this : this.onLink();
    if (link !== this) return link.hook(hook, state, hopLimit, cast);
    // Where no rule asks for it, it makes no difference.
    const typed = cast === 'sent' || cast === 'neighbour' ? 'unicast' : cast;
    const type = surroundingsOf(this.ruleset).asksPacketType ? PACKET_TYPES.indexOf(typed) : 0;
    const key = (placeKey(hook, state) * 257 + (hopLimit ?? 256)) * PACKET_TYPES.length + type;
    let view = this.hooks.get(key);
    if (view === undefined) {
      const analysis = this.analysis(hook, state, flagsIn(state), false);
      const entry = analysis.entry();
      const some = this.all(
        entry,
        hopLimit === undefined ? ALL : this.field('ttl', [hopLimit, hopLimit]),
        type === 0 ? ALL : this.field('pkttype', [type, type]),
      );
      view = hookView(hook, analysis, this.ways(hook, analysis, some), usualOf(this.diagram, type));
      this.hooks.set(key, view);
    }
    return view;
  }

  /** What becomes of packets; where no hook can be believed and nobody gave the host's addresses, by those of the deployment. */
  private ways(hook: FlowHook, analysis: Analysis, some: Node): Ways {
    const passage = analysis.pass(some);
    if (this.own === undefined || this.ruleset.host !== undefined) return { passage, unsure: NONE };
    const { addresses } = this.own;
    return waysByOwnAddresses(hook, analysis, passage, () => {
      const own = this.field('dst', addresses);
      return { own, kept: this.diagram.or(own, this.field('dst', GROUP_DESTINATIONS[this.family])) };
    });
  }

  /** The same host without what a cloud filters in front of it. */
  private onLink(): FamilyView {
    if (!isBehindCloud(this.ruleset)) return this;
    const chains = this.ruleset.chains.filter(({ base }) => base === undefined || !isCloud(base.hook));
    this.link ??= new FamilyView({ ...this.ruleset, chains }, this.family, this.space, this.own);
    return this.link;
  }

  /**
   * The analysis of packets that follow a first one, for the half-open check.
   *
   * @param changed whether a rule gave the first packet another destination
   */
  analysis(
    hook: FlowHook,
    state: ConnectionState,
    tcpFlags: number,
    follow: boolean,
    changed: Changed = 'maybe',
  ): Analysis {
    const key =
      ((placeKey(hook, state) * 256 + tcpFlags) * 2 + Number(follow)) * 3 + CHANGES.indexOf(changed);
    let analysis = this.analyses.get(key);
    if (analysis === undefined) {
      const scope = {
        family: this.family,
        hook,
        state,
        tcpFlags,
        fragment: 'none',
        ...(changed === 'maybe' ? {} : { destinationChanged: changed }),
        forwardable: true,
        ...directionOf(state, tcpFlags, follow),
        // Groups that let a connection begin know what follows of it.
        ...(follow || isAnswer(tcpFlags) ? { outsideState: 'established' as const } : {}),
      } as const;
      const isSent = follow || (state === 'new' && tcpFlags === SYN);
      analysis = new Analysis(this.space, (isSent ? this.firsts : undefined) ?? this.ruleset, scope, follow);
      this.analyses.set(key, analysis);
    }
    return analysis;
  }

  /** Texts of unmodelled matches that some analysis took for independent at each place; see OpaquePredicates. */
  overflow(): ReadonlySet<string> {
    return new Set([...this.analyses.values()].flatMap(({ predicates }) => [...predicates.overflow]));
  }
}

/** Which way established packets go that are looked at behind a first one: replies, or what follows them. */
function directionOf(state: ConnectionState, tcpFlags: number, follow: boolean): Pick<Scope, 'direction'> {
  if (state !== 'established') return {};
  if (follow) return { direction: 'original' };
  return isAnswer(tcpFlags) ? { direction: 'reply' } : {};
}

const isAnswer = (tcpFlags: number): boolean => tcpFlags === SYN_ACK || tcpFlags === DATA;

/** A number for a hook and a state. Hop limits and TCP's flags, which stand beside it in keys, are bytes. */
function placeKey(hook: FlowHook, state: ConnectionState): number {
  return FLOW_HOOKS.indexOf(hook) * CONNECTION_STATES.length + CONNECTION_STATES.indexOf(state);
}

const CHANGES: readonly Changed[] = ['no', 'yes', 'maybe'];

const FLOW_HOOKS: readonly FlowHook[] = ['input', 'forward', 'output'];
