import { OPENS_THEN, POLICY_OPENS } from '../../finding/notes.ts';
import type { Evidence } from '../../finding/report.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { meets } from '../../packet/relations.ts';
import type { Chain, Rule } from '../../rule/ruleset.ts';
import { type Halved, halved, itemsAbout } from '../finding/halved.ts';
import { quoted } from '../finding/quoted.ts';
import type { FlowHook, HookView } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';
import type { Excess } from './excess.ts';
import { LeftRules } from './left-rules.ts';
import { type Opened, openedBy } from './openers.ts';
import { isImplied, isSameLine } from './opened-parts.ts';

/** A line that would let packets through if those before it did not. */
interface Later {
  readonly packets: Node;
  readonly opener: Rule | Chain;
}

/** So often the lines found are left out, too, to see what stands behind them: of as many equal rules each would need a look of its own. */
const MOST_LOOKS = 8;

/** What would open a hook's excess again, and which of it that is about. */
export interface LaterLines {
  readonly lines: Halved<Later>;
  readonly about: ReadonlySet<Excess>;
}

/** Of more openings of a hook nobody is told what stands behind each: it would take a tenth of the time. */
export const MOST_EXCESS = 2_000;

/**
 * What lets a hook's excess through when the rules are gone that open it now: who follows the advice to remove one would find the
 * packets open by the next rule, or by the policy. Groups of clouds mostly have no order, and who looks at one looks at all of its rules.
 */
export function laterOpeners(
  view: FamilyView,
  hook: FlowHook,
  excess: readonly Excess[],
): LaterLines | undefined {
  if (view.isCloudOnly) return undefined;
  const { diagram } = view;
  const opened = excess.filter(isOpenedByRule);
  if (opened.length === 0) return undefined;
  const gone = new Set<Rule>();
  add(
    view,
    gone,
    opened.map(({ opener }) => opener),
  );
  const left = LeftRules.of(view.hook(hook));
  const sets = left?.passable(gone) ?? [];
  const about = opened.filter((one) => sets.every((set) => meets(diagram, one.packets, set)));
  if (about.length === 0) return undefined;
  const packets = diagram.orAll(about.map((one) => one.packets));
  const concerned = left?.about(packets);
  const stays = (rule: Rule): boolean => !gone.has(rule) && (concerned?.has(rule) ?? true);
  const found: Later[] = [];
  for (let look = 0, before = 0; look < MOST_LOOKS && gone.size > before; look++) {
    before = gone.size;
    const rest = view.withRules(stays).hook(hook);
    const next = openedIn(view, rest, diagram.and(packets, rest.bounds.may));
    for (const one of next) found.push(one);
    add(
      view,
      gone,
      next.map(({ opener }) => opener),
    );
  }
  if (found.length === 0) return undefined;
  return { lines: halved(diagram, found, 1, (one) => one.packets), about: new Set(about) };
}

/** Of what is possible the lines that may open it are quoted as it is. */
const isOpenedByRule = ({ definite, opener }: Excess): boolean =>
  definite && opener !== undefined && 'match' in opener;

/** The later lines that are about some of the excess. */
export function laterLines({ diagram }: FamilyView, later: LaterLines, excess: Excess): Evidence[] {
  if (!later.about.has(excess)) return [];
  const about = itemsAbout(diagram, later.lines, excess.packets);
  return quoted(
    about.map(({ opener: { origin }, opener }) => ({
      origin,
      note: 'match' in opener ? OPENS_THEN : POLICY_OPENS,
    })),
  );
}

function openedIn(view: FamilyView, rest: HookView, packets: Node): (Opened & Later)[] {
  if (packets === NONE) return [];
  return openedBy(view, rest, { flows: rest.passage.accept, bounds: rest.bounds }, packets).filter(isLater);
}

/** Adds the lines that can be removed. Rules that stand for one line of a file follow one another, and go together. */
function add({ ruleset }: FamilyView, gone: Set<Rule>, lines: readonly Opened['opener'][]): void {
  for (const line of lines) if (isRemovable(line)) gone.add(line);
  for (const { rules } of ruleset.chains) {
    let last: Rule | undefined;
    for (const rule of rules) {
      if (!gone.has(rule) && (last === undefined || !isSameLine(last, rule))) continue;
      gone.add(rule);
      last = rule;
    }
  }
}

/** Whether it is a rule that somebody wrote. */
const isRemovable = (line: Rule | Chain | undefined): line is Rule =>
  line !== undefined && 'match' in line && !isImplied(line);

/** Where no chain filters there is nothing to quote, and what the kernel or the provider does by itself is no excess. */
const isLater = (one: Opened): one is Opened & Later => one.opener !== undefined && !isImplied(one.opener);
