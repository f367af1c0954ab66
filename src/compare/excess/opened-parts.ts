import type { Opening } from '../../finding/report.ts';
import type { PacketBox } from '../../packet/boxes.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import { pairsOf } from '../../packet/ranges.ts';
import { SharedLists, unitedBox } from '../../packet/united-box.ts';
import type { Chain, Rule } from '../../rule/ruleset.ts';
import { Analysis } from '../../symbolic/analysis.ts';
import { usualPackets, visibleWithRule } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { filters, isMainFilter } from './filters.ts';
import { boxNode } from '../half-open/mirror.ts';
import type { HookView } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/** Boxes that the same lines open. */
export interface OpenedPart {
  readonly packets: readonly PacketBox[];
  readonly rules: Opening['rules'];
}

/** Says of accepted packets which rules, or which policy, accept them. */
export interface LabelledOpeners {
  /**
   * @param flows the accepted flows that the set is part of
   * @param definite the set surely passes: lines that accept only other packets than the usual ones (with a mark, …) are left out
   */
  parts(set: Node, flows: readonly Flow[], definite: boolean): OpenedPart[];
}

/**
 * The hook analysed once more with each rule's number as a field of the packets that it accepts, which costs little more than
 * without and asks no rule for its packets one by one. Only where one chain filters the hook: of several, each packet needs all.
 */
export function labelledOpeners(view: FamilyView, hook: HookView): LabelledOpeners | undefined {
  const filtering = hook.passage.stages.filter(({ stage }) => filters(stage, hook.hook));
  const main = filtering.filter(({ stage }) => isMainFilter(stage));
  const chosen = main.length === 1 ? main : filtering.length === 1 ? filtering : [];
  const chain = chosen[0]?.stage.chain;
  if (chain === undefined) return undefined;
  const lines: (Rule | Chain)[] = [
    chain,
    ...view.ruleset.chains.flatMap((one) =>
      one.layer === chain.layer && one.table === chain.table ? one.rules : [],
    ),
  ];
  const labels = { chain: chain.id, of: numbersByLine(lines) };
  const { analysis } = hook;
  const labelled = new Analysis(view.space, view.ruleset, analysis.scope, false, analysis.predicates, labels);
  const accepted = labelled.pass(labelled.entry()).accept;
  return {
    parts(set, flows, definite) {
      const { diagram } = view;
      const some = definite ? usualPackets(diagram) : ALL;
      const keys = new Set(flows.map((flow) => flow.transform.key));
      const own = accepted.filter((flow) => keys.has(flow.transform.key));
      const packets = diagram.orAll(own.map((flow) => visibleWithRule(diagram, diagram.and(flow.set, some))));
      return group(view, lines, diagram.and(set, packets));
    },
  };
}

/**
 * A number for each line; rules that one line of a file stands for (`-s a,b -d c,d`) share the first one's. Rules of exports stand
 * where the group does that they are of, as do rules that nobody wrote: each is its own.
 */
function numbersByLine(lines: readonly (Rule | Chain)[]): Map<Rule | Chain, number> {
  const numbers = new Map<Rule | Chain, number>();
  let before: Rule | Chain | undefined;
  let number = 0;
  for (const [index, line] of lines.entries()) {
    if (before === undefined || !isSameLine(before, line)) number = index;
    numbers.set(line, number);
    before = line;
  }
  return numbers;
}

/** Whether two that follow one another stand for one line of a file. */
export function isSameLine(one: Rule | Chain, other: Rule | Chain): boolean {
  const [a, b] = [one.origin, other.origin];
  return a.start === b.start && a.file === b.file && isWritten(one) && isWritten(other);
}

/** Whether it is a rule that the file has in these words. */
function isWritten(line: Rule | Chain): boolean {
  return 'actions' in line && line.implied === undefined && line.origin.label === undefined;
}

/** Boxes by the lines that open them, in the order in which those stand. */
function group(view: FamilyView, lines: readonly (Rule | Chain)[], packets: Node): OpenedPart[] {
  if (packets === NONE) return [];
  const groups = new Map<string, { numbers: number[]; boxes: PacketBox[] }>();
  for (const { rule: numbers = [], ...box } of view.space.of(packets).boxes()) {
    const key = numbers.join();
    const known = groups.get(key);
    if (known !== undefined) known.boxes.push(box);
    else groups.set(key, { numbers: numbersOf(numbers), boxes: [box] });
  }
  // What a provider lets through whatever the config says is no opening of the config's.
  const told = [...groups.values()].filter(
    ({ numbers }) => !explicit(numbers).every((n) => isImplied(lines[n])),
  );
  const sorted = told.sort((a, b) => rank(a.numbers) - rank(b.numbers));
  const lists = new SharedLists();
  return sorted.map(({ numbers, boxes }) => ({
    packets: merged(view, boxes, lists),
    rules: placesOf(numbers.map((number) => lines[number] as Rule | Chain)),
  }));
}

/** Whether it is what the kernel or the provider does by itself. */
export function isImplied(line: Rule | Chain | undefined): boolean {
  return line !== undefined && 'implied' in line && line.implied !== undefined;
}

/** Boxes that other rules' numbers had split, put together again. */
function merged(view: FamilyView, boxes: readonly PacketBox[], lists: SharedLists): readonly PacketBox[] {
  if (boxes.length === 1) return boxes;
  const one = unitedBox(boxes, lists);
  if (one !== undefined) return [one];
  return view.space.of(view.diagram.orAll(boxes.map((box) => boxNode(view, box)))).boxes();
}

/** What of the lines is no policy, where there is any: a policy stands beside rules that leave packets to it. */
const explicit = (numbers: readonly number[]): readonly number[] =>
  numbers.length > 1 ? numbers.filter((n) => n !== 0) : numbers;

/** Rules as they stand, the policy last. */
const rank = (numbers: readonly number[]): number => explicit(numbers)[0] || Number.POSITIVE_INFINITY;

function numbersOf(ranges: readonly bigint[]): number[] {
  return pairsOf(ranges).flatMap(([lo, hi]) =>
    Array.from({ length: Number(hi - lo) + 1 }, (_, i) => Number(lo) + i),
  );
}

/** Where rules and chains stand, each place once, sorted: exports of JSON often have all of their rules on one line. */
export function placesOf(lines: readonly (Rule | Chain)[]): Opening['rules'] {
  const found = new Map<string, Opening['rules'][number]>();
  for (const { origin } of lines) {
    const { line, column } = origin.file.position(origin.start);
    found.set(`${line} ${column} ${origin.file.path}`, { file: origin.file.path, line, column });
  }
  return [...found.values()].sort((a, b) =>
    a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column,
  );
}
