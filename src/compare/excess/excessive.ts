import type { ResolvedHost } from '../../baseline/model.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import type { Bounds } from '../../symbolic/bounds.ts';
import { isTranslated } from '../../symbolic/chains/summary.ts';
import { SERVED_ELSEWHERE } from '../required/astray.ts';
import { doubtfulMembers, unfilteredPeers } from './group-doubt.ts';
import {
  areForTheHost,
  judgedPackets,
  NOTHING_PUBLISHED,
  OWN_ADDRESS,
  publishedPackets,
  toEveryAddress,
  toListedAddresses,
  areToItself,
  withItself,
  withoutOthers,
} from './judged-packets.ts';
import { DocumentedWays } from './documented-ways.ts';
import { type Documented, type Excess, NOTHING_DOCUMENTED } from './excess.ts';
import { ExcessKinds } from './kinds.ts';
import { isImplied } from './opened-parts.ts';
import { openedBy } from './openers.ts';
import { inOrSentOn, surelySentOn } from './sent-on.ts';
import { within } from '../../packet/relations.ts';
import { Landings } from '../rows/landings.ts';
import { areApart, CHOSEN, staysHere, translatedParts } from '../rows/translated-parts.ts';
import type { RowSets } from '../rows/row-sets.ts';
import { DIRECTION, UntrackedPackets } from '../view/untracked.ts';
import type { FlowHook, HookView, Part } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/** One of the ways that packets of a hook go, and what is documented of those that go it. */
interface Way {
  readonly part: Part;
  readonly documented: Documented;
}

/** Compares what a hook lets through with what rows document. */
export class ExcessFinder {
  private readonly untracked: UntrackedPackets;
  private readonly kinds: ExcessKinds;
  private readonly landings: Landings;
  private eitherHook: Node | undefined;
  private readonly ways: DocumentedWays;

  constructor(
    private readonly view: FamilyView,
    sets: RowSets,
    private readonly host: ResolvedHost,
  ) {
    const documenting = host.baselines
      .flatMap((baseline) => baseline.rows)
      .filter((row) => row.level !== 'prohibited' && row.status !== 'not-applicable')
      .filter((row) => row.families.includes(view.family));
    const rows = documenting.filter((row) => row.states.includes('new'));
    this.untracked = new UntrackedPackets(view, sets, documenting);
    this.kinds = new ExcessKinds(view, sets, host, rows);
    this.ways = new DocumentedWays(view, sets, host, rows, (some) => this.kinds.portsOf(some));
    this.landings = new Landings(view, (directions, flows) => this.ways.of(directions, flows).all);
  }

  /**
   * @param prohibited packets that are reported as prohibited, and so not again
   */
  *find(hook: FlowHook, prohibited: Node): Iterable<Excess> {
    const itself = withItself(this.view, this.host, hook);
    for (const one of this.each(hook, prohibited)) {
      if (areToItself(this.view, one.packets, itself)) continue;
      if (hook === 'forward' && areForTheHost(this.view, one.packets, one.flows)) continue;
      if (withoutOthers(this.view, this.host, hook, one.packets) === NONE) continue;
      yield this.landings.isBeside(one) ? { beside: true, ...one } : one;
    }
  }

  private *each(hook: FlowHook, prohibited: Node): Iterable<Excess> {
    const direction = DIRECTION[hook];
    const judged = judgedPackets(this.view, this.host.baselines, direction);
    const published = hook === 'forward' ? publishedPackets(this.view, this.host) : NOTHING_PUBLISHED;
    if (judged === NONE && published.packets === NONE) return;
    const view = this.view.hook(hook);
    if (hook !== 'forward') {
      yield* this.anywhere(view, direction, prohibited, judged);
      return;
    }
    const { diagram } = this.view;
    const plain = judged === NONE ? NOTHING_DOCUMENTED : this.ways.of([direction], []);
    // What a translation publishes is documented by rows about the host, or by rows about where it goes.
    const parts = translatedParts(this.view, view);
    const apart = areApart(diagram, parts);
    const ways = parts.map((part) => ({ part, documented: this.ways.of(['in', 'forward'], part.flows) }));
    const both = diagram.and(judged, this.eitherWay(view, plain, ways));
    const { flows, bounds } = view.plain;
    const asItIs = { flows, bounds: { must: diagram.or(bounds.must, both), may: bounds.may } };
    yield* this.part(view, asItIs, plain, prohibited, judged);
    const elsewhere = apart ? NONE : this.documentedSomewhere(ways);
    const atInput = published.known ? diagram.and(published.packets, this.inOrOn()) : NONE;
    let told = diagram.orAll([prohibited, both, atInput]);
    for (const { part, documented } of ways) {
      const moved = this.ways.asTheyArrived(hook, judged, part.flows);
      const own = published.known ? ALL : toEveryAddress(this.view, part.bounds.must);
      const sure = diagram.orAll([judged, moved, diagram.and(published.packets, own)]);
      yield* this.way(view, part, documented, told, sure, elsewhere);
      if (!published.known) {
        const perhaps = diagram.difference(published.packets, sure);
        yield* this.part(view, part, documented, told, perhaps, OWN_ADDRESS);
      }
      // What a rule sends here or there by chance is told once.
      if (!apart) told = diagram.or(told, diagram.difference(part.bounds.may, documented.all));
    }
  }

  /**
   * Packets that may be translated or not, pass in either case, and are documented in none: they surely pass, and are told once, as they
   * are. A host of Docker's may have a way for each published port and each network. What is for the host passes translated alone.
   */
  private eitherWay({ plain, bounds }: HookView, documented: Documented, ways: readonly Way[]): Node {
    const { diagram } = this.view;
    const moved = diagram.orAll(ways.map(({ part }) => part.bounds.may));
    const asTheyAre = diagram.difference(plain.bounds.may, toListedAddresses(this.view));
    const passing = this.view.all(bounds.must, asTheyAre, moved);
    if (passing === NONE) return NONE;
    const rows = [documented, ...ways.map((way) => way.documented)];
    return diagram.difference(passing, diagram.orAll(rows.flatMap(({ all, undecided }) => [all, undecided])));
  }

  /** At input and output a packet is judged as it is at first, wherever a translation sends it; each is told once. */
  private *anywhere(
    view: HookView,
    direction: 'in' | 'out' | 'forward',
    prohibited: Node,
    judged: Node,
  ): Iterable<Excess> {
    const { diagram } = this.view;
    const asItIs = this.ways.of([direction], []);
    const must = direction === 'in' ? diagram.or(view.bounds.must, this.inOrOn()) : view.bounds.must;
    const ways = [view.plain, ...translatedParts(this.view, view)].flatMap(
      ({ flows, bounds: { may } }): Way[] => {
        const leaves = direction === 'out' ? flows.filter(isTranslated) : [];
        if (leaves.length > 0 && leaves.every(staysHere)) return [];
        // What leaves is documented by where it really goes, too.
        const documented = leaves.length === 0 ? asItIs : this.ways.of([direction], leaves);
        return [{ part: { flows, bounds: { must: diagram.and(must, may), may } }, documented }];
      },
    );
    // With one way nothing is told twice, and nothing goes another: mostly nothing is translated.
    const several = ways.length > 1;
    const elsewhere = several && direction === 'out' ? this.documentedSomewhere(ways) : NONE;
    const sentOn = several && direction === 'in' ? surelySentOn(this.view, this.host) : NONE;
    let told = diagram.or(prohibited, diagram.difference(sentOn, view.bounds.must));
    for (const { part, documented } of ways) {
      yield* this.way(view, part, documented, told, judged, elsewhere);
      if (several) told = diagram.or(told, diagram.difference(part.bounds.may, documented.all));
    }
  }

  private inOrOn(): Node {
    this.eitherHook ??= inOrSentOn(this.view, this.host, this.ways);
    return this.eitherHook;
  }

  /** Packets that one of the ways documents. */
  private documentedSomewhere(ways: readonly Way[]): Node {
    const { diagram } = this.view;
    return diagram.orAll(ways.map(({ part, documented }) => diagram.and(part.bounds.may, documented.all)));
  }

  /**
   * One of the ways that packets go.
   * @param elsewhere packets that a row documents by one of the ways: that they go by another is chance, and no certain excess
   */
  private *way(
    view: HookView,
    part: Part,
    documented: Documented,
    told: Node,
    judged: Node,
    elsewhere: Node,
  ): Iterable<Excess> {
    const { diagram } = this.view;
    const { flows, bounds } = part;
    const chance = diagram.difference(diagram.and(bounds.must, elsewhere), documented.all);
    const away = diagram.difference(diagram.and(bounds.may, documented.sentAway), chance);
    if (chance === NONE && away === NONE) {
      yield* this.part(view, part, documented, told, judged);
      return;
    }
    const doubted = diagram.or(chance, away);
    const [must, may] = [bounds.must, bounds.may].map((set) => diagram.difference(set, doubted));
    yield* this.part(view, { flows, bounds: { must, may } as Bounds }, documented, told, judged);
    const onlyMay = (set: Node): Part => ({ flows, bounds: { must: NONE, may: set } });
    yield* this.part(view, onlyMay(chance), documented, told, judged, CHOSEN);
    yield* this.part(view, onlyMay(away), documented, told, judged, SERVED_ELSEWHERE);
  }

  /** @param doubt on what it depends whether the packets are judged at all: then nothing about them is certain */
  private *part(
    view: HookView,
    part: Part,
    documented: Documented,
    prohibited: Node,
    judged: Node,
    doubt?: string,
  ): Iterable<Excess> {
    if (judged === NONE) return;
    const { diagram } = this.view;
    const beyond = diagram.orAll([
      documented.all,
      prohibited,
      this.onLoopback(view.hook),
      this.untracked.documented(view),
    ]);
    // Inside what an undetermined row might document an opening is no certain excess.
    const open = diagram.and(judged, diagram.difference(part.bounds.must, beyond));
    const members = doubtfulMembers(this.view, view.hook, open, documented.all);
    const undecided = diagram.or(documented.undecided, members);
    const definite = doubt === undefined ? diagram.difference(open, undecided) : NONE;
    const doubtful = diagram.and(judged, diagram.difference(part.bounds.may, part.bounds.must));
    const unsure = diagram.difference(doubtful, beyond);
    const possible = diagram.or(unsure, diagram.difference(open, definite));
    yield* this.byOpener(view, part, definite, true, documented);
    for (const one of this.byOpener(view, part, possible, false, documented)) yield { doubt, ...one };
  }

  /** Loopback traffic is judged only by rows about loopback. */
  private onLoopback(hook: FlowHook): Node {
    const { view } = this;
    const incoming = hook === 'output' ? NONE : view.loopback('in');
    return hook === 'input' ? incoming : view.diagram.or(incoming, view.loopback('out'));
  }

  /** One after the other: there may be a hundred thousand, and each is soon a finding. */
  private *byOpener(
    view: HookView,
    part: Part,
    excess: Node,
    definite: boolean,
    documented: Documented,
  ): Iterable<Excess> {
    if (excess === NONE) return;
    const unfiltered = unfilteredPeers(this.view, view.hook);
    for (const opened of openedBy(this.view, view, part, excess, definite)) {
      const { opener, packets } = opened;
      // What the provider lets through whatever the config says is nobody's excess; a rule that opens more is told whole.
      if (isImplied(opener)) continue;
      if (within(this.view.diagram, packets, unfiltered)) continue;
      yield this.kinds.excess(view.hook, part, opened, definite, documented);
    }
  }
}
