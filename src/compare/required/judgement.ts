import type { ResolvedRow, Traffic } from '../../baseline/model.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import {
  type Bounds,
  boundsOf,
  boundsOfNeeds,
  translatedBounds,
  usualPackets,
  visibleOf,
} from '../../symbolic/bounds.ts';
import { perhapsRouted } from '../addresses/by-links.ts';
import { SubnetPeers } from './inside-subnet.ts';
import { lostByChance, offTheirLinks } from '../addresses/links.ts';
import { loopbackBounds } from '../loopback/loopback.ts';
import { neededIn, neededStates } from '../rows/needed-states.ts';
import type { Need } from '../rows/need.ts';
import type { RowSets } from '../rows/row-sets.ts';
import { castOf } from '../rows/targets.ts';
import type { HookView, Part } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/** How one need stands in one family. */
export interface NeedJudgement {
  /** Needed packets that cannot pass; where one address is enough and none passes, those of all addresses. */
  readonly missing: Node;
  /** Needed packets that pass only for some behaviour of the unmodelled matches. */
  readonly uncertain: Node;
  /** Needed packets that pass definitely. */
  readonly open: Node;
  /** Nothing of what is needed can pass. */
  readonly closed: boolean;
  /** See {@link Need}. */
  readonly key: string;
  /** Fields of which one value is enough. */
  readonly free: readonly DiagramField[];
}

/** How one required or optional row stands in one family. */
export interface RowJudgement {
  readonly row: ResolvedRow;
  readonly needs: readonly NeedJudgement[];
}

/** Whether nothing of what the row needs can pass. */
export function isClosed({ needs }: RowJudgement): boolean {
  return needs.length > 0 && needs.every((need) => need.closed);
}

/** Whether everything that the row needs passes definitely. */
export function isOpen({ needs }: RowJudgement): boolean {
  return needs.every((need) => need.missing === NONE && need.uncertain === NONE);
}

/**
 * The hop limit that all of the row's packets have when they arrive; undefined where any will do. What arrives behind a firewall with
 * one hop left had more before it: nobody forwards the last one.
 */
export function hopLimitOf(row: ResolvedRow): number | undefined {
  const first = (row.all[0] ?? row.choices.find((choice) => choice.length > 0)?.[0])?.hopLimit;
  if (first === undefined || (first === 1 && row.direction === 'forward')) return undefined;
  const alike = (traffic: Traffic): boolean => traffic.hopLimit === first;
  return row.all.every(alike) && row.choices.every((choice) => choice.every(alike)) ? first : undefined;
}

/** Judges rows against what the hooks let through. */
export class Judge {
  private readonly subnetPeers: SubnetPeers;

  constructor(
    private readonly view: FamilyView,
    private readonly rows: RowSets,
  ) {
    this.subnetPeers = new SubnetPeers(view);
  }

  /** Undefined where the row says nothing about the family. */
  judge(row: ResolvedRow): RowJudgement | undefined {
    if (!this.rows.concerns(row)) return undefined;
    const bounds = this.bounds(row);
    const needs = this.rows.needs(row).map((need) => this.subnetPeers.need(row, need, bounds.may));
    return { row, needs: needs.map((need) => this.cover(row, need, bounds)) };
  }

  /** What passes in the row's direction, on its whole way. */
  bounds(row: ResolvedRow): Bounds {
    const { diagram } = this.view;
    const all = neededStates(row, this.view.family).map((state): Bounds => {
      const { must, may } = this.stateBounds(row, state);
      const elsewhere = diagram.not(neededIn(this.view, row, state));
      return { must: diagram.or(must, elsewhere), may: diagram.or(may, elsewhere) };
    });
    return all.reduce((a, b) => ({ must: diagram.and(a.must, b.must), may: diagram.and(a.may, b.may) }));
  }

  /** The same in one of the row's states. */
  stateBounds(row: ResolvedRow, state: ResolvedRow['states'][number]): Bounds {
    const { must, may } = this.hookBounds(row, state);
    return { must, may: perhapsRouted(this.view, row, may) };
  }

  /** Of packets those that pass by other interfaces than those of their links alone, where somebody routes them so. */
  passingElsewhere(row: ResolvedRow, state: ResolvedRow['states'][number], packets: Node): Node {
    const { may } = this.hookBounds(row, state);
    const { diagram } = this.view;
    return diagram.difference(diagram.and(packets, perhapsRouted(this.view, row, may)), may);
  }

  private hookBounds(row: ResolvedRow, state: ResolvedRow['states'][number]): Bounds {
    const { view } = this;
    const { diagram } = view;
    const hopLimit = hopLimitOf(row);
    const cast = castOf(row);
    switch (row.direction) {
      case 'in': {
        // After a translation the connection goes through the host instead of to it.
        const inputView = view.hook('input', state, hopLimit, cast);
        const input = boundsOfNeeds(inputView.bounds);
        const { translated } = view.hook('forward', state, hopLimit, cast);
        const forward = boundsOfNeeds(translated.bounds);
        const sent = this.byTheirLinks(translated, forward.must);
        const either = this.eitherWay(row, state, inputView);
        return {
          must: diagram.orAll([input.must, view.sentOn(sent), either]),
          may: diagram.or(input.may, view.sentOn(forward.may)),
        };
      }
      case 'out':
        return this.reaching(row, view.hook('output', state, hopLimit, cast));
      case 'forward':
        return this.wherever(view.hook('forward', state, hopLimit), row);
      case 'loopback':
        return loopbackBounds(view, state);
    }
  }

  /** Of what rules send on and forward lets pass, what does so by the interfaces of the links to which it goes. */
  private byTheirLinks(translated: Part, passing: Node): Node {
    const { diagram } = this.view;
    const off = offTheirLinks(this.view, translated);
    return diagram.difference(passing, diagram.or(off, lostByChance(this.view, translated, passing)));
  }

  /** What is forwarded, wherever chance sends it. */
  private wherever(hook: HookView, row: ResolvedRow): Bounds {
    const { must, may } = this.reaching(row, hook);
    return { must: this.view.diagram.difference(must, lostByChance(this.view, hook.translated, must)), may };
  }

  /** What the hook lets through of what goes to the row's destination, and to nobody else in its place. */
  private reaching(row: ResolvedRow, hook: HookView): Bounds {
    return this.rows.astray.reaching(row, hook, boundsOfNeeds(hook.bounds));
  }

  /**
   * Packets that chance sends on or lets come in, or of which nobody knows which of the two, and that pass both ways: forwarded, by
   * one interface at least.
   */
  private eitherWay(row: ResolvedRow, state: ResolvedRow['states'][number], input: HookView): Node {
    const { view } = this;
    const { diagram } = view;
    const { passage, unsure } = input;
    // What the link sends to groups and to everybody is not forwarded.
    if (castOf(row) !== 'unicast' || (passage.gone === NONE && unsure === NONE)) return NONE;
    const forward = view.hook('forward', state, hopLimitOf(row));
    const through = this.byTheirLinks(forward.translated, translatedBounds(diagram, forward.passage).must);
    const sent = visibleOf(diagram, diagram.or(passage.gone, unsure), usualPackets(diagram));
    return view.all(boundsOf(diagram, passage).must, sent, view.sentOn(through));
  }

  private cover(row: ResolvedRow, need: Need, bounds: Bounds): NeedJudgement {
    const { view } = this;
    const { diagram } = view;
    const there = diagram.and(need.within, need.existing);
    const may = view.projectAnd(bounds.may, there, [...need.project, ...need.unknown]);
    const possible = diagram.and(need.set, may);
    const must = possible === NONE ? NONE : view.projectAnd(bounds.must, there, need.project);
    const doubtful = diagram.difference(possible, must);
    // Members of a group may have any address that a machine can have, and no others.
    const isReal =
      doubtful !== NONE &&
      view.all(doubtful, need.within, view.project(need.existing, need.project)) !== NONE;
    // What passes by interfaces alone that the host does not have is nothing, and not missing there.
    const lift = (node: Node, passing: Node): Node => {
      const lifted = diagram.and(node, need.within);
      return need.existing === ALL || lifted === NONE
        ? lifted
        : diagram.or(diagram.and(lifted, need.existing), diagram.difference(lifted, passing));
    };
    const unable = diagram.difference(need.set, may);
    const served = diagram.and(unable, need.perhaps.served);
    const lacking = diagram.difference(unable, served);
    const isMissed = lacking !== NONE && !this.rows.isNobodys(row, need.set, lacking);
    const unsure = isReal ? lift(doubtful, bounds.must) : NONE;
    return {
      missing: isMissed ? lift(lacking, bounds.may) : NONE,
      uncertain: served === NONE ? unsure : diagram.or(unsure, lift(served, bounds.may)),
      open: diagram.and(bounds.must, diagram.and(need.within, need.set)),
      closed: possible === NONE && served === NONE,
      key: need.key,
      free: need.project,
    };
  }
}
