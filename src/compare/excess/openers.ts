import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { meets } from '../../packet/relations.ts';
import type { Chain, Rule } from '../../rule/ruleset.ts';
import { usualPackets, visibleOf } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import type { Stage } from '../../symbolic/stages.ts';
import { type Hit, hitsOf } from '../../symbolic/deciding/walk.ts';
import { groupBy } from '../../text/group-by.ts';
import { narrowed } from '../finding/evidence.ts';
import { type Acceptors, acceptorsOf } from './acceptors.ts';
import { filters, isMainFilter } from './filters.ts';
import { isSameLine } from './opened-parts.ts';
import { isPlain } from './plain-sets.ts';
import type { HookView, Part } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/** Packets that one line opens. */
export interface Opened {
  readonly packets: Node;
  /** The rule, or the base chain for its policy; undefined where no chain of the hook filters the packets. */
  readonly opener: Rule | Chain | undefined;
  /** Base chains in which other lines accept some of the packets too: in other circumstances, of which boxes say nothing. */
  readonly shared?: readonly Chain[];
  /** Who accepts the packets, among others, in each of the chains that filter them. */
  readonly acceptors?: Acceptors | undefined;
}

/** What one chain accepts of some packets: the flows in which they come to it, and who accepts them. */
interface StageHits {
  readonly stage: Stage;
  readonly chain: Chain;
  readonly main: boolean;
  readonly flows: readonly Flow[];
  readonly hits: readonly Hit[];
}

/**
 * Divides packets of a part of the hook's packets by who opens them: filtering chains of the hook itself, explicit rules of all
 * of them before policies, each packet by the first.
 *
 * @param definite the packets surely pass: by whom, those say that are as packets usually are (without a mark, …)
 */
export function openedBy(
  view: FamilyView,
  hook: HookView,
  part: Part,
  packets: Node,
  definite = false,
): Opened[] {
  const { diagram } = view;
  const destinations = new Set(part.flows.map(destinationOf));
  const stages = hook.passage.stages
    .filter(({ stage }) => filters(stage, hook.hook))
    .map(({ stage, entered }): StageHits => {
      const flows = narrowed(view, flowsTo(entered, destinations), packets);
      return {
        stage,
        chain: stage.chain,
        main: isMainFilter(stage),
        flows,
        hits: hitsOf(hook.analysis, stage, flows),
      };
    });
  const hits = orderedHits(stages);
  const sets = byLine(diagram, hits, definite ? usualPackets(diagram) : ALL);
  const certain = hook.passage.certain === true && stages.length === 1;
  if (certain && stages.every((stage) => isDivision(diagram, stage))) return sets;
  const own = new Int32Array(sets.length);
  const rest = divide(diagram, sets, 0, sets.length, packets, own);
  const acceptors = acceptorsOf(hook, stages);
  const found = sets.flatMap(({ opener }, i): Opened[] =>
    own[i] === NONE ? [] : [{ packets: own[i] as Node, opener, acceptors }],
  );
  if (rest !== NONE) found.push({ packets: rest, opener: undefined });
  if (hook.passage.certain === true && hits.every(({ set }) => isPlain(diagram, set))) return found;
  const shared = sharedPackets(diagram, stages, own);
  return found.map((one) => {
    const chains = shared.filter((of) => meets(diagram, one.packets, of.packets)).map(({ chain }) => chain);
    return chains.length === 0
      ? one
      : { packets: one.packets, opener: one.opener, shared: chains, acceptors };
  });
}

/**
 * Packets that more than one line of a chain accepts, chain by chain.
 *
 * @param own what each line was given of them, where there is one chain
 */
function sharedPackets(
  diagram: Diagram,
  stages: readonly StageHits[],
  own: Int32Array,
): readonly { readonly chain: Chain; readonly packets: Node }[] {
  const linesOf = (stage: StageHits): Opened[] => byLine(diagram, orderedHits([stage]), ALL);
  const [only] = stages;
  if (only === undefined || stages.length > 1)
    return stages.map((stage) => ({
      chain: stage.chain,
      packets: acceptedTwice(diagram, linesOf(stage)).twice,
    }));
  // Each packet was given to one line, so what another accepts of it two do.
  const others = linesOf(only).map((line, i) => diagram.difference(line.packets, own[i] as Node));
  return [{ chain: only.chain, packets: diagram.orAll(others) }];
}

/** What some line accepts, and what more than one does; put together in halves, so that large sets are met seldom. */
function acceptedTwice(diagram: Diagram, sets: readonly Opened[]): { once: Node; twice: Node } {
  const [only] = sets;
  if (sets.length < 2 || only === undefined) return { once: only?.packets ?? NONE, twice: NONE };
  const middle = sets.length >> 1;
  const [a, b] = [acceptedTwice(diagram, sets.slice(0, middle)), acceptedTwice(diagram, sets.slice(middle))];
  return {
    once: diagram.or(a.once, b.once),
    twice: diagram.orAll([a.twice, b.twice, diagram.and(a.once, b.once)]),
  };
}

/** What each line opens: rules that stand for one line (`-s a,b -d c,d`) follow one another, and open it together. */
function byLine(diagram: Diagram, hits: readonly Hit[], usual: Node): Opened[] {
  const lines: { packets: Node; opener: Rule | Chain }[] = [];
  for (const hit of hits) {
    const opener = hit.rule ?? hit.chain;
    const packets = visibleOf(diagram, hit.set, usual);
    const last = lines[lines.length - 1];
    if (last === undefined || !isSameLine(last.opener, opener)) lines.push({ packets, opener });
    else last.packets = diagram.or(last.packets, packets);
  }
  return lines;
}

/** The main filter is the last word; a mangle chain's policy says little. */
function orderedHits(stages: readonly StageHits[]): Hit[] {
  const pick = (main: boolean, explicit: boolean): Hit[] =>
    stages
      .filter((stage) => stage.main === main)
      .flatMap(({ hits }) =>
        hits.filter((hit) => hit.verdict === 'accept' && (hit.rule !== undefined) === explicit),
      );
  return [...pick(true, true), ...pick(false, true), ...pick(true, false), ...pick(false, false)];
}

/**
 * Whether what one chain accepts of one flow of first packets is already divided, given that all rules decide for certain.
 * Each packet then comes to one verdict, and packets that look alike in boxes to the same, where no field decides that boxes
 * do not have.
 */
function isDivision(diagram: Diagram, { flows, hits }: StageHits): boolean {
  return (
    flows.length === 1 && hits.every(({ verdict, set }) => verdict === 'accept' && isPlain(diagram, set))
  );
}

/** The most sets that are taken out of the rest one by one. */
const FEW = 8;

/**
 * Gives each of the packets to the first of the sets that has it. Of many sets each half gets what concerns it, as taking a
 * small set out of a large one costs an operation on the large one.
 *
 * @param own gets what each of the sets is given
 * @returns what none of the sets has
 */
function divide(
  diagram: Diagram,
  sets: readonly Opened[],
  from: number,
  to: number,
  packets: Node,
  own: Int32Array,
): Node {
  if (packets === NONE) return NONE;
  if (to - from > FEW) {
    const middle = (from + to) >> 1;
    const left = diagram.orAll(sets.slice(from, middle).map((set) => set.packets));
    const rest = divide(diagram, sets, from, middle, diagram.and(packets, left), own);
    return diagram.or(rest, divide(diagram, sets, middle, to, diagram.difference(packets, left), own));
  }
  let rest = packets;
  for (let i = from; i < to; i++) {
    const mine = diagram.and(rest, (sets[i] as Opened).packets);
    rest = diagram.difference(rest, mine);
    own[i] = mine;
  }
  return rest;
}

/** The flows that go to the destinations: mostly to one, of as many as a host publishes. */
function flowsTo(flows: readonly Flow[], destinations: ReadonlySet<string>): readonly Flow[] {
  const [only] = destinations;
  if (destinations.size !== 1 || only === undefined)
    return flows.filter((flow) => destinations.has(destinationOf(flow)));
  let groups = BY_DESTINATION.get(flows);
  if (groups === undefined) {
    groups = groupBy(flows, destinationOf);
    BY_DESTINATION.set(flows, groups);
  }
  return groups.get(only) ?? [];
}

const BY_DESTINATION = new WeakMap<readonly Flow[], Map<string, Flow[]>>();

/** A text that flows to one destination share. */
function destinationOf({ transform: { destination } }: Flow): string {
  if (destination === undefined) return '';
  let text = DESTINATIONS.get(destination);
  if (text === undefined) {
    text = JSON.stringify(destination, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
    DESTINATIONS.set(destination, text);
  }
  return text;
}

const DESTINATIONS = new WeakMap<object, string>();
