import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import type { Ranges } from '../../packet/ranges.ts';
import { within } from '../../packet/relations.ts';
import { usualOf, usualPackets, visible } from '../../symbolic/bounds.ts';
import type { Astray } from '../required/astray.ts';
import { hopLimitOf } from '../required/judgement.ts';
import { typesByDestination } from '../rows/targets.ts';
import type { HookView } from '../view/hook-view.ts';
import { type FamilyView, flagsIn } from '../view/view.ts';
import { type DraftBase, type DraftRest, isTyped, stateOf } from './draft.ts';
import { plainWitness, type Witness, witnessOf } from './witness.ts';

/** Packets that a hook accepts, with the fields that boxes do not have. */
interface Accepted {
  readonly all: Node;
  readonly usual: Node;
}

/** Thrown where no packet shows a finding: a bug, unless somebody asked for a part of one. */
export class NoWitness extends Error {}

/** Chooses a packet that shows a finding, as usual a one as there is. */
export class WitnessFinder {
  /** What can come to a hook at all, in box fields. */
  private readonly arriving = new Map<string, Node>();
  private readonly accepting = new Map<HookView, Accepted>();
  /** Packets whose end is one of the host's own addresses. */
  private readonly ownEnd: { src?: Node; dst?: Node } = {};

  /** @param own the host's addresses, where they are known */
  constructor(
    private readonly view: FamilyView,
    private readonly astray: Astray,
    private readonly own: Ranges<number> | Ranges<bigint> | undefined,
  ) {}

  /** A packet that shows the finding. A finding without one would be a finding without proof. */
  find(draft: DraftBase & DraftRest): Witness {
    const state = stateOf(draft);
    const asked = { hook: draft.hook, state, tcpFlags: flagsIn(state) };
    if (this.isPlain(draft, state)) return plainWitness(this.view, this.usual(draft, draft.packets), asked);
    const candidates = this.usual(draft, this.candidates(draft));
    const witness = witnessOf(this.view, candidates, asked);
    if (witness === undefined)
      throw new NoWitness(`no packet shows the finding ${draft.rule} at ${draft.hook}`);
    return witness;
  }

  /**
   * Whether any packet of the finding's shows it, whatever the fields that boxes do not have: it is definite, and all
   * its packets can arrive. Most findings are so, and their witnesses cost nothing but the choice.
   */
  private isPlain(draft: DraftBase & DraftRest, state: ConnectionState): boolean {
    const { row, code, hook, packets } = draft;
    if ((draft.witnessCertainty ?? draft.certainty) !== 'definite' || row?.direction === 'loopback')
      return false;
    if (row !== undefined && code !== 'excessive' && hopLimitOf(row) !== undefined) return false;
    if (isTyped(draft)) return false;
    const key = `${hook} ${state}`;
    let arriving = this.arriving.get(key);
    if (arriving === undefined) {
      const { diagram } = this.view;
      const entry = this.view.hook(hook, state).analysis.entry();
      arriving = visible(diagram, diagram.and(entry, usualPackets(diagram)));
      this.arriving.set(key, arriving);
    }
    return packets !== NONE && within(this.view.diagram, packets, arriving);
  }

  /** The finding's packets with the fields that boxes do not have, as they must be for the finding to show. */
  private candidates(draft: DraftBase & DraftRest): Node {
    const { hook, row, packets, passes, carried } = draft;
    const { diagram } = this.view;
    const view = carried?.hook ?? this.view.hook(hook, stateOf(draft));
    const definite = (draft.witnessCertainty ?? draft.certainty) === 'definite';
    const hopLimit = row === undefined || draft.code === 'excessive' ? undefined : hopLimitOf(row);
    const typed = isTyped(draft);
    if (passes && !definite && hopLimit === undefined && row?.direction !== 'loopback' && !typed) {
      const { all, usual } = this.accepted(view);
      const wished = diagram.and(packets, usual);
      return wished === NONE ? diagram.and(packets, all) : wished;
    }
    let entering = this.view.all(view.passage.entry, packets, carried?.values ?? ALL);
    if (typed) entering = diagram.and(entering, typesByDestination(this.view));
    if (hopLimit !== undefined)
      entering = this.preferred(entering, this.view.field('ttl', [hopLimit, hopLimit]));
    if (row?.direction === 'loopback')
      entering = diagram.and(entering, this.view.loopback(hook === 'output' ? 'out' : 'in'));
    if (definite) return this.usualOnes(entering);
    const accepted = this.accepted(view).all;
    const { deny, gone } = view.passage;
    const away = row === undefined || passes ? NONE : this.astray.goneAway(row, view, view.translated.flows);
    // What is stopped shows that it may be; of what is sent on to another hook, or may be, that one tells.
    const wanted = passes
      ? diagram.and(entering, accepted)
      : this.preferred(
          diagram.and(entering, diagram.orAll([deny, gone, away, view.unsure])),
          diagram.or(deny, away),
        );
    // Of a choice's ports, one that is sure to be closed shows nothing of what may be open.
    const doubtful = passes ? wanted : this.preferred(wanted, visible(diagram, accepted));
    return this.usualOnes(doubtful);
  }

  /** Packets as they usually are: unicast ones, else those that the link brings to a group or to everybody. */
  private usualOnes(packets: Node): Node {
    const { diagram } = this.view;
    const wishes = CASTS.map((cast) => diagram.and(packets, usualOf(diagram, cast)));
    return wishes.find((wished) => wished !== NONE) ?? packets;
  }

  /** What a hook accepts of the packets that enter it, and of that what is as packets usually are: many findings ask. */
  private accepted(view: HookView): Accepted {
    let known = this.accepting.get(view);
    if (known === undefined) {
      const { diagram } = this.view;
      const all = diagram.orAll(view.passage.accept.map((flow) => flow.set));
      known = { all, usual: diagram.and(all, usualPackets(diagram)) };
      this.accepting.set(view, known);
    }
    return known;
  }

  /** The host's own address is what a packet to it or from it usually has, and its peer has another. */
  private usual({ hook }: DraftBase, candidates: Node): Node {
    const { own } = this;
    if (own === undefined || own.length === 0 || hook === 'forward') return candidates;
    const ends = [this.ownPackets('src', own), this.ownPackets('dst', own)];
    const [mine, peers] = hook === 'output' ? ends : ends.reverse();
    return this.preferred(this.preferred(candidates, mine as Node), this.view.diagram.not(peers as Node));
  }

  private ownPackets(field: 'src' | 'dst', own: Ranges<number> | Ranges<bigint>): Node {
    this.ownEnd[field] ??= this.view.field(field, own);
    return this.ownEnd[field];
  }

  private preferred(packets: Node, wish: Node): Node {
    const wished = this.view.diagram.and(packets, wish);
    return wished === NONE ? packets : wished;
  }
}

/** Types of packets by their place among the types, the usual one first. */
const CASTS = [0, 2, 1];
