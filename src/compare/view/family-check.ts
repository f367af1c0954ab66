import type { ResolvedHost, ResolvedRow } from '../../baseline/model.ts';
import type { Finding } from '../../finding/report.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import { within } from '../../packet/relations.ts';
import type { PacketSpace } from '../../packet/set.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { type Bounds, visible } from '../../symbolic/bounds.ts';
import { isTranslated } from '../../symbolic/chains/summary.ts';
import { BESIDE, type Excess } from '../excess/excess.ts';
import { ExcessLines } from '../excess/excess-lines.ts';
import { type LaterLines, laterOpeners, MOST_EXCESS } from '../excess/later-openers.ts';
import { ExcessFinder } from '../excess/excessive.ts';
import { FindingMaker } from '../finding/maker.ts';
import { hopLimitOf, Judge, type RowJudgement } from '../required/judgement.ts';
import { Layers } from '../required/layers.ts';
import { loopbackStops } from '../loopback/loopback.ts';
import type { Carried } from '../loopback/carried.ts';
import { offTheirLinks } from '../addresses/links.ts';
import { roleLinks } from '../addresses/role-links.ts';
import { hostAddresses } from '../rows/parties.ts';
import { NearRows } from '../excess/near-rows.ts';
import { Prohibitions } from '../excess/prohibited.ts';
import { RowSets } from '../rows/row-sets.ts';
import { translatedText } from '../finding/translated.ts';
import { CHOSEN, TRANSLATED } from '../rows/translated-parts.ts';
import { castOf } from '../rows/targets.ts';
import { passingIfItIsTheHost, sentToNobodysAddress } from '../required/unknown-ways.ts';
import type { FlowHook, HookView } from './hook-view.ts';
import { flowHooks } from './clouds.ts';
import { FamilyView } from './view.ts';

/** Packets and the hook at which they are judged. */
export interface Place {
  readonly hook: FlowHook;
  readonly packets: Node;
  /** Where it is another than the packets began with. */
  readonly state?: ConnectionState;
  /** What packets of the loopback interface come in with. */
  readonly carried?: Carried;
}

/** One host in one family: every kind of finding, each about packets that no other finding has. */
export class FamilyCheck {
  readonly view: FamilyView;
  readonly sets: RowSets;
  readonly make: FindingMaker;
  readonly layers: Layers;
  private readonly judge: Judge;
  private readonly arrivals = new Map<HookView, Node>();
  private readonly prohibitions: Prohibitions;
  private readonly near: NearRows;
  private readonly excessLines: ExcessLines;

  constructor(
    readonly host: ResolvedHost,
    readonly ruleset: Ruleset,
    readonly family: 4 | 6,
    space: PacketSpace,
  ) {
    const addresses = hostAddresses(ruleset, host.own, family) ?? [];
    this.view = new FamilyView(ruleset, family, space, {
      addresses,
      links: roleLinks(ruleset, host, family),
    });
    this.sets = new RowSets(this.view, host);
    this.judge = new Judge(this.view, this.sets);
    this.layers = new Layers(this.view);
    this.make = new FindingMaker(host, this.view, ruleset, this.sets.astray);
    this.excessLines = new ExcessLines(this.view, this.make);
    this.near = new NearRows(this.view, this.sets, host);
    this.prohibitions = new Prohibitions(this.view, this.sets, this.make, this.host);
  }

  /** How a required or optional row stands; undefined where it says nothing about the family. */
  judgement(row: ResolvedRow): RowJudgement | undefined {
    return this.judge.judge(row);
  }

  /** What passes in the row's direction, on its whole way, in one state. */
  stateBounds(row: ResolvedRow, state: ConnectionState): Bounds {
    return this.judge.stateBounds(row, state);
  }

  /** See {@link Judge.passingElsewhere}. */
  passingElsewhere(row: ResolvedRow, state: ConnectionState, packets: Node): Node {
    return this.judge.passingElsewhere(row, state, packets);
  }

  /** What a hook does with packets such as the row's. */
  rowView(row: ResolvedRow, hook: FlowHook, state: ConnectionState): HookView {
    return this.view.hook(hook, state, hopLimitOf(row), castOf(row));
  }

  /** What of a prohibited row is open. */
  prohibited(row: ResolvedRow): Finding[] {
    if (!this.sets.concerns(row) || !this.sets.isKnown(row)) return [];
    const hooks: FlowHook[] = row.direction === 'in' ? ['input', 'forward'] : [this.hookOf(row)];
    return hooks.flatMap((hook) => this.prohibitions.findings(row, hook));
  }

  /** The hook at which a row's first packets are judged. */
  hookOf(row: ResolvedRow): FlowHook {
    if (row.direction === 'forward') return 'forward';
    return row.direction === 'out' ? 'output' : 'input';
  }

  /**
   * Where packets of the row go, or would if nothing stopped them: inbound ones that a rule translates to another
   * machine are forwarded, and a loopback connection may leave and still not come in.
   */
  places(row: ResolvedRow, state: ConnectionState, packets: Node, definite: boolean): Place[] {
    const { diagram } = this.view;
    const parts = (first: FlowHook, here: Node, second: FlowHook): Place[] =>
      [
        { hook: first, packets: diagram.and(packets, here) },
        { hook: second, packets: diagram.difference(packets, here) },
      ].filter((place) => place.packets !== NONE);
    if (row.direction === 'in') {
      const input = this.rowView(row, 'input', state);
      const there = definite
        ? sentToNobodysAddress(this.view, state, packets)
        : diagram.or(passingIfItIsTheHost(this.view, input, packets), this.astrayByLink(row, state));
      return parts('input', diagram.difference(this.arriving(input), there), 'forward').map((place) =>
        place.hook === 'input'
          ? place
          : { ...place, packets: diagram.and(place.packets, this.view.offLoopback('out')) },
      );
    }
    if (row.direction === 'loopback') return this.loopbackPlaces(state, packets, definite);
    return packets === NONE ? [] : [{ hook: this.hookOf(row), packets }];
  }

  /** What rules send on and what passes then by other interfaces than that of its link alone. */
  private astrayByLink(row: ResolvedRow, state: ConnectionState): Node {
    const { view } = this;
    const { translated } = this.rowView(row, 'forward', state);
    const off = offTheirLinks(view, translated);
    const byLinks = view.diagram.difference(translated.bounds.may, off);
    return view.diagram.difference(view.project(off, ['out']), view.project(byLinks, ['out']));
  }

  private loopbackPlaces(state: ConnectionState, packets: Node, definite: boolean): Place[] {
    const { diagram } = this.view;
    const stops = loopbackStops(this.view, state, packets, definite);
    const come = this.view.loopback('in');
    const places: Place[] = [
      { hook: 'output', packets: diagram.and(stops.out, this.view.loopback('out')) },
      ...stops.in.map((one): Place => ({ ...one, hook: 'input', packets: diagram.and(one.packets, come) })),
    ];
    return places.filter((place) => place.packets !== NONE);
  }

  /** Packets that come to the end of a hook, whatever becomes of them there. */
  private arriving(hook: HookView): Node {
    const { diagram } = this.view;
    let known = this.arrivals.get(hook);
    if (known === undefined) {
      const { passage } = hook;
      // Nothing that entered ends otherwise than accepted or denied.
      const ends =
        passage.certain === true
          ? passage.entry
          : diagram.orAll([passage.deny, ...passage.accept.map((flow) => flow.set)]);
      known = visible(diagram, ends);
      this.arrivals.set(hook, known);
    }
    return known;
  }

  /** Everything that the closed directions let through beyond the documents. */
  excess(): Finding[] {
    const finder = new ExcessFinder(this.view, this.sets, this.host);
    const found: Finding[] = [];
    for (const hook of flowHooks(this.ruleset)) {
      const each = finder.find(hook, this.prohibitions.packets(hook))[Symbol.iterator]();
      const first = taken(each, MOST_EXCESS + 1);
      const later = first.length > MOST_EXCESS ? undefined : laterOpeners(this.view, hook, first);
      for (const excess of first) found.push(...this.excessive(excess, later));
      // Tens of thousands need not wait for one another: each is soon a finding.
      for (let next = each.next(); next.done !== true; next = each.next())
        found.push(...this.excessive(next.value, undefined));
    }
    return found;
  }

  private excessive(excess: Excess, later: LaterLines | undefined): Finding[] {
    const { hook, packets, definite, opener } = excess;
    const translated = translatedText(excess.flows, this.family);
    return this.make.finish({
      code: 'excessive',
      rule: excess.rule,
      certainty: definite ? 'definite' : 'possible',
      severity: excess.severity,
      row: excess.row,
      state: 'new',
      document: excess.listed?.document,
      hook,
      packets,
      evidence: this.excessLines.of(excess, later),
      openQuestions: this.openQuestions(excess),
      ...(excess.doubt === CHOSEN ? { witnessCertainty: 'definite' as const } : {}),
      translated,
      message: `${definite ? 'Open' : 'Can be open'}, and no row documents it: ${this.make.text(packets, hook)}.${opener === undefined ? ' No chain of this hook filters it.' : ''}${this.nearRows(hook, packets)}${excess.beside === true ? BESIDE : ''}`,
      passes: true,
    });
  }

  /** Sentences about rows that all but document an excess; see {@link NearRows}. */
  nearRows(hook: FlowHook, packets: Node): string {
    return this.near.text(hook, packets, this.make.boxes(packets, hook));
  }

  /** What else decides whether packets are excess; undefined where nothing does. */
  private openQuestions({
    hook,
    packets,
    definite,
    flows,
    unsure,
    doubt,
  }: Excess): readonly string[] | undefined {
    const undecided = unsure.map(
      (row) => `what the site decides about row ${row.id} (${row.reason ?? row.status})`,
    );
    // Its verdict says nothing of a packet that passes as it is as well.
    const either =
      !definite &&
      flows.some(isTranslated) &&
      within(this.view.diagram, packets, this.view.hook(hook).bounds.must);
    const more = doubt ?? (either && undecided.length === 0 ? TRANSLATED : undefined);
    if (more === undefined) return undecided.length === 0 ? undefined : undecided;
    return [...undecided, more];
  }
}

/** So many of what the iterator gives next, or as many as there are. */
function taken<T>(each: Iterator<T>, most: number): T[] {
  const found: T[] = [];
  while (found.length < most) {
    const next = each.next();
    if (next.done === true) break;
    found.push(next.value);
  }
  return found;
}
