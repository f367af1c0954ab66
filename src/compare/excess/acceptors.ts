import type { Evidence } from '../../finding/report.ts';
import type { Diagram, Node } from '../../packet/diagram.ts';
import type { Rule } from '../../rule/ruleset.ts';
import { visible } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { PlainRun } from '../../symbolic/deciding/segment.ts';
import type { Hit } from '../../symbolic/deciding/walk.ts';
import type { Stage } from '../../symbolic/stages.ts';
import { placeIn } from '../../symbolic/translation/place-in.ts';
import { IDENTITY } from '../../symbolic/translation/transform.ts';
import { decidersOf, lines, opensNote } from '../finding/evidence.ts';
import { type Halved, halved, itemsAbout } from '../finding/halved.ts';
import { isSamePlace, type Quote, quoted } from '../finding/quoted.ts';
import type { HookView } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';
import { filters } from './filters.ts';
import { isPlain } from './plain-sets.ts';

/** What one of a hook's filtering chains does with packets that come to it. */
interface Filtered {
  readonly stage: Stage;
  readonly flows: readonly Flow[];
  readonly hits: readonly Hit[];
}

/** A line that accepts packets. */
interface Acceptor extends Quote {
  readonly packets: Node;
}

/** What an opening is to this: its packets, and who accepts those of all openings, where that is known. */
interface Opening {
  readonly packets: Node;
  readonly acceptors: Acceptors | undefined;
}

/** What one chain accepts. */
interface Accepted {
  readonly lines: Halved<Acceptor>;
  /** The rules of which each of the packets is accepted by one alone. */
  readonly apart: ReadonlySet<Rule>;
}

/** Tables of iptables in which an accept is no opening: it ends their chain, and no more. */
const AIDS: ReadonlySet<string> = new Set(['raw', 'mangle']);

/**
 * Who lets packets through in each of a hook's filtering chains, where the packets of all openings have been divided by who accepts them:
 * then it need not be asked anew for each opening.
 */
export class Acceptors {
  private known: readonly Accepted[] | undefined;

  constructor(
    private readonly diagram: Diagram,
    private readonly stages: readonly Filtered[],
  ) {}

  /** Chain by chain, the lines that accept some of the packets; of the opener's own chain they are left out where that is the only one. */
  of(packets: Node, opener: Rule): Evidence[][] {
    this.known ??= this.stages.map((stage) => acceptedBy(this.diagram, stage));
    return this.known.map(({ lines, apart }) =>
      apart.has(opener) ? [] : quoted(itemsAbout(this.diagram, lines, packets)),
    );
  }
}

/**
 * @param stages with who decides the packets that somebody asked about
 * @returns undefined where packets pass one chain alone; and where another question might be answered in another order, or rules are
 *   not certain: then each is asked by itself
 */
export function acceptorsOf(
  { analysis, passage }: HookView,
  stages: readonly Filtered[],
): Acceptors | undefined {
  const asked = stages.filter(({ stage }) => isAsked(stage));
  if (asked.length < 2) return undefined;
  const unchanged = passage.stages.every(({ entered }) =>
    entered.every(({ transform }) => transform === IDENTITY),
  );
  const plain = asked.every(({ stage, flows }) => {
    const body = analysis.chains.body(stage.chain, placeIn(stage, IDENTITY));
    return flows.length < 2 && body instanceof PlainRun && !calls(stage);
  });
  return unchanged && plain ? new Acceptors(analysis.diagram, asked) : undefined;
}

const isAsked = ({ chain }: Stage): boolean => !AIDS.has(chain.table);

const calls = ({ chain }: Stage): boolean =>
  chain.rules.some(({ actions }) => actions.some(({ kind }) => kind === 'jump' || kind === 'goto'));

function acceptedBy(diagram: Diagram, { stage, hits }: Filtered): Accepted {
  const accepting = hits.filter(({ verdict }) => verdict === 'accept');
  const lines = accepting.flatMap((hit) => {
    const note = noteOf(stage, hit);
    const packets = visible(diagram, hit.set);
    return hit.rule === undefined || note === undefined ? [] : [{ origin: hit.rule.origin, note, packets }];
  });
  const rules = accepting.every(({ set }) => isPlain(diagram, set)) ? accepting.map(({ rule }) => rule) : [];
  return {
    lines: halved(diagram, lines, 1, (one) => one.packets),
    apart: new Set(rules.filter((rule) => rule !== undefined)),
  };
}

/** A rule that stands where its chain does nobody wrote: it is there for a question (assemble-layers.ts). */
function noteOf({ chain }: Stage, { rule }: Hit): string | undefined {
  if (rule === undefined || rule.implied !== undefined || rule.origin === chain.origin) return undefined;
  return opensNote(rule);
}

/**
 * The rules of the hook's other filtering chains that let packets of the set through too, where packets pass several (an iptables dump
 * and tables of nftables, groups of a subnet and of an interface, lists of a cloud): who closes one closes all, and who reviews them has to know of each.
 *
 * @param opens the opener as it is quoted
 */
export function openingElsewhere(
  view: FamilyView,
  hook: HookView,
  { packets, acceptors }: Opening,
  opener: Rule,
  opens: Evidence,
): Evidence[] {
  const opening = acceptors?.of(packets, opener) ?? askedAlone(view, hook, packets);
  return opening.filter((some) => !some.some((one) => isSamePlace(one, opens))).flat();
}

function askedAlone(view: FamilyView, hook: HookView, packets: Node): Evidence[][] {
  const at = (stage: Stage): boolean => filters(stage, hook.hook) && isAsked(stage);
  if (hook.passage.stages.filter(({ stage }) => at(stage)).length < 2) return [];
  return decidersOf(view, hook, packets, { at, linesOnly: true }).map((one) =>
    lines(view, [one], packets, 'accept', (hit) => noteOf(one.stage, hit)),
  );
}
