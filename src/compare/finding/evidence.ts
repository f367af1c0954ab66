import {
  CLOSES,
  MAY_CLOSE,
  MAY_OPEN,
  OPENS_BY_ITSELF,
  POLICY_CLOSES,
  POLICY_OPENS,
  TRANSLATES,
  UNTRACKS,
} from '../../finding/notes.ts';
import type { Evidence } from '../../finding/report.ts';
import { type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import type { Analysis } from '../../symbolic/analysis.ts';
import type { TranslateAction } from '../../rule/action.ts';
import type { Rule } from '../../rule/ruleset.ts';
import { visible } from '../../symbolic/bounds.ts';
import { type Hit, hitsOf } from '../../symbolic/deciding/walk.ts';
import type { Stage } from '../../symbolic/stages.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { sameEnd } from '../../symbolic/translation/ends.ts';
import { tells } from '../../symbolic/translation/telling.ts';
import { kept } from '../../text/kept.ts';
import { filters, isMainFilter } from '../excess/filters.ts';
import { asksUnmodelled, isCalledUnsure } from '../unsure.ts';
import { type Halved, halved, itemsAbout } from './halved.ts';
import { type Quote, quoted } from './quoted.ts';
import type { FlowHook, HookView } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/** What one base chain does with the packets that somebody asked about. */
export interface StageHits {
  readonly stage: Stage;
  readonly hits: readonly Hit[];
}

interface DeciderOptions {
  /** Only these base chains. */
  readonly at?: (stage: Stage) => boolean;
  /** Nobody asks which of the packets each line decides: evidence names lines. */
  readonly linesOnly?: boolean;
}

/** Which rules and policies, on the way through the hook, decide the packets of a set. */
export function decidersOf(
  view: FamilyView,
  hook: HookView,
  packets: Node,
  { at = () => true, linesOnly = false }: DeciderOptions = {},
): StageHits[] {
  return hook.passage.stages
    .filter(({ stage }) => at(stage))
    .map(({ stage, entered }) => {
      const flows = isSilent(hook.analysis, stage)
        ? []
        : telling(hook.analysis, stage, narrowed(view, entered, packets));
      return { stage, hits: flows.length === 0 ? [] : hitsOf(hook.analysis, stage, flows, { linesOnly }) };
    });
}

/**
 * Whether a base chain can only be asked what it denies. Which rule gives packets another source nobody asks, only what such a chain
 * denies and what it changes besides; a host with hundreds of networks has a rule for each of them.
 */
function givesSources({ ruleset }: Analysis, stage: Stage): boolean {
  return (
    stage.nat && (stage.hook === 'postrouting' || stage.hook === 'input') && !tells(ruleset, stage.chain)
  );
}

/** Whether a base chain has nothing to say about any packets. */
function isSilent(analysis: Analysis, stage: Stage): boolean {
  return givesSources(analysis, stage) && analysis.deniesNothing(stage);
}

/** The flows about which a base chain has something to say. */
function telling(analysis: Analysis, stage: Stage, flows: readonly Flow[]): readonly Flow[] {
  return givesSources(analysis, stage) ? flows.filter((flow) => analysis.denies(stage, flow)) : flows;
}

/** The flows, as far as they are about the packets. */
export function narrowed({ diagram }: FamilyView, flows: readonly Flow[], packets: Node): Flow[] {
  const found: Flow[] = [];
  for (const { transform, set } of flows.length > FEW_FLOWS ? about(diagram, flows, packets) : flows) {
    const inside = diagram.and(set, packets);
    if (inside !== NONE) found.push({ transform, set: inside });
  }
  return found;
}

/** Of fewer flows each is looked at. */
const FEW_FLOWS = 16;

const HALVED = new WeakMap<readonly Flow[], Halved<Flow>>();

/** Those of the flows that may be about the packets, in their order: of the thousand translations of a host a finding is about one. */
function about(diagram: Diagram, flows: readonly Flow[], packets: Node): Flow[] {
  const whole = kept(HALVED, flows, () =>
    halved(diagram, flows, FEW_FLOWS, ({ set }) => sameEnd(diagram, set)),
  );
  return itemsAbout(diagram, whole, sameEnd(diagram, packets));
}

/** The lines that deny packets of the set, the first stage first. */
export function closingLines(view: FamilyView, stages: readonly StageHits[], packets: Node): Evidence[] {
  const closing = lines(view, stages, packets, 'deny', ({ rule, chain }) => {
    if (rule === undefined) return POLICY_CLOSES;
    const isUnsure = asksUnmodelled(rule) || isCalledUnsure(view.ruleset, chain);
    const closes = isUnsure ? MAY_CLOSE : CLOSES;
    return rule.implied === undefined ? closes : `${closes}, as ${rule.implied}`;
  });
  // What no line closes routing does, because of a TTL that a rule gave.
  const hops =
    closing.length > 0 ? [] : lines(view, stages, packets, 'changes', (hit) => changed(hit, 'ttl'));
  return [...closing, ...hops, ...untrackingLines(view, stages, packets)];
}

/** The lines that keep packets of the set out of connection tracking. */
export function untrackingLines(view: FamilyView, stages: readonly StageHits[], packets: Node): Evidence[] {
  return lines(view, stages, packets, 'changes', (hit) => changed(hit, 'notrack'));
}

/** The lines that send packets of the set elsewhere, or give them another source. */
export function translatingLines(
  view: FamilyView,
  stages: readonly StageHits[],
  packets: Node,
  what: TranslateAction['what'] = 'dnat',
): Evidence[] {
  const translating = stages.filter(({ stage }) => stage.nat);
  return lines(view, translating, packets, 'accept', (hit) =>
    translates(hit, what) ? TRANSLATES : undefined,
  );
}

function changed({ rule }: Hit, what: 'ttl' | 'notrack'): string | undefined {
  for (const action of rule?.actions ?? []) {
    if (what === 'notrack' && action.kind === 'notrack') return UNTRACKS;
    if (what === 'ttl' && action.kind === 'assign' && action.field === 'ttl') return 'sets the TTL';
  }
  return undefined;
}

/**
 * The lines that let packets of the set through in filtering chains, and those that translate them. Several may let the same packets
 * through, each in other circumstances: where a match is not modelled, or asks for a mark.
 */
export function openingLines(view: FamilyView, stages: readonly StageHits[], packets: Node): Evidence[] {
  const filtering = stages.filter(({ stage }) => !stage.nat);
  const explicit = lines(view, filtering, packets, 'accept', (hit) =>
    hit.rule === undefined || hit.rule.implied !== undefined ? undefined : opensNote(hit.rule),
  );
  const nat = translatingLines(view, stages, packets);
  const before = [...nat, ...untrackingLines(view, filtering, packets)];
  const main = filtering.filter(({ stage }) => stage.hook !== 'prerouting' && stage.hook !== 'postrouting');
  const last = main.filter(({ stage }) => isMainFilter(stage));
  // What no rule of the main filter lets through its policy does, whatever other tables accept.
  if (explicit.length > 0)
    return [
      ...explicit,
      ...lines(view, last, packets, 'accept', ({ rule }) => (rule === undefined ? POLICY_OPENS : undefined)),
      ...before,
    ];
  const policies = last.length > 0 ? last : main;
  return [...lines(view, policies, packets, 'accept', () => POLICY_OPENS), ...before];
}

/** What a rule does that lets packets through. */
export const opensNote = ({ standard }: Rule): string => (standard === true ? OPENS_BY_ITSELF : 'opens');

/** The rules of the hook's filtering chains that may let packets of the set through, where it is not sure that they pass. */
export function mayOpenLines(
  view: FamilyView,
  hook: FlowHook,
  stages: readonly StageHits[],
  packets: Node,
): Evidence[] {
  const filtering = stages.filter(({ stage }) => !stage.nat && filters(stage, hook));
  return lines(view, filtering, packets, 'accept', ({ rule }) =>
    rule === undefined || rule.implied !== undefined ? undefined : MAY_OPEN,
  );
}

function translates(hit: Hit, what: TranslateAction['what']): boolean {
  return hit.rule?.actions.some((action) => action.kind === 'translate' && action.what === what) ?? false;
}

/** Of hits with the verdict, the lines that there is something to say of, where they are about some of the packets. */
export function lines(
  view: FamilyView,
  stages: readonly StageHits[],
  packets: Node,
  verdict: Hit['verdict'],
  note: (hit: Hit) => string | undefined,
): Evidence[] {
  const found: Quote[] = [];
  for (const { hits } of stages)
    for (const hit of hits) {
      const text = note(hit);
      if (hit.verdict !== verdict || text === undefined) continue;
      if (view.diagram.and(visible(view.diagram, hit.set), packets) === NONE) continue;
      found.push({ origin: (hit.rule ?? hit.chain).origin, note: text });
    }
  return quoted(found);
}
