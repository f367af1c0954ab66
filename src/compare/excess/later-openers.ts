import { OPENS_THEN, POLICY_OPENS } from '../../finding/notes.ts';
import type { Evidence } from '../../finding/report.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { meets } from '../../packet/relations.ts';
import type { Chain, Rule } from '../../rule/ruleset.ts';
import { type Halved, halved, itemsAbout } from '../finding/halved.ts';
import { quoted } from '../finding/quoted.ts';
import { PlainRun } from '../../symbolic/deciding/segment.ts';
import { placeIn } from '../../symbolic/translation/place-in.ts';
import { IDENTITY } from '../../symbolic/translation/transform.ts';
import type { FlowHook, HookView } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';
import type { Excess } from './excess.ts';
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
  const gone = new Set<Rule>();
  const found: Later[] = [];
  const concerned = opened.length <= FEW_EXCESS ? rulesAbout(view, view.hook(hook), opened) : undefined;
  let lines: readonly (Rule | Chain | undefined)[] = opened.map(({ opener }) => opener);
  let about: readonly Excess[] | undefined;
  let packets: Node = NONE;
  for (let look = 0; look < MOST_LOOKS && lines.length > 0; look++) {
    for (const line of lines) if (isRemovable(line)) gone.add(line);
    const rest = view
      .withoutRules((chain) => concerning(chain, without(chain.rules, gone), concerned))
      .hook(hook);
    const still = rest.bounds.may;
    // Mostly nothing: that costs less to see than putting thousands of small sets together.
    if (about === undefined) {
      about = opened.filter((one) => meets(diagram, one.packets, still));
      packets = diagram.orAll(about.map((one) => one.packets));
    }
    const next = openedIn(view, rest, diagram.and(packets, still));
    for (const one of next) found.push(one);
    lines = next.map(({ opener }) => opener).filter(isRemovable);
  }
  if (found.length === 0) return undefined;
  return { lines: halved(diagram, found, 1, (one) => one.packets), about: new Set(about) };
}

/** Of more excess it takes longer to see which rules are about it than to look at all rules. */
const FEW_EXCESS = 64;

/**
 * The rules of base chains that are about some of the excess, by their chains, where that is quickly told: nothing changes packets on their
 * way, and each rule decides for certain. What becomes of these packets hangs on no others, whatever rules are gone.
 */
function rulesAbout(
  { diagram }: FamilyView,
  { analysis, passage }: HookView,
  excess: readonly Excess[],
): ReadonlyMap<Chain, ReadonlySet<Rule>> {
  const found = new Map<Chain, ReadonlySet<Rule>>();
  if (!passage.stages.every(({ entered }) => entered.every(({ transform }) => transform === IDENTITY)))
    return found;
  const packets = diagram.orAll(excess.map((one) => one.packets));
  for (const { stage } of passage.stages) {
    const body = stage.nat ? undefined : analysis.chains.body(stage.chain, placeIn(stage, IDENTITY), true);
    if (body instanceof PlainRun) found.set(stage.chain, new Set(body.rulesAbout(packets)));
  }
  return found;
}

/** The rules without those that are about other packets alone. */
function concerning(
  chain: Chain,
  rules: readonly Rule[],
  concerned: ReadonlyMap<Chain, ReadonlySet<Rule>> | undefined,
): readonly Rule[] {
  const about = concerned?.get(chain);
  return about === undefined ? rules : rules.filter((rule) => about.has(rule));
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

/** Rules that stand for one line of a file follow one another, and go together. */
function without(rules: readonly Rule[], gone: ReadonlySet<Rule>): readonly Rule[] {
  let last: Rule | undefined;
  const rest = rules.filter((rule) => {
    if (!gone.has(rule) && (last === undefined || !isSameLine(last, rule))) return true;
    last = rule;
    return false;
  });
  return rest.length === rules.length ? rules : rest;
}

/** Whether it is a rule that somebody wrote. */
const isRemovable = (line: Rule | Chain | undefined): line is Rule =>
  line !== undefined && 'match' in line && !isImplied(line);

/** Where no chain filters there is nothing to quote, and what the kernel or the provider does by itself is no excess. */
const isLater = (one: Opened): one is Opened & Later => one.opener !== undefined && !isImplied(one.opener);
