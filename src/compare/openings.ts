import type { Certainty, Opening, OpeningsReport } from '../finding/report.ts';
import { ALL, type Node, NONE } from '../packet/diagram.ts';
import type { HookName } from '../packet/packet.ts';
import type { CoverageEntry, Ruleset } from '../rule/ruleset.ts';
import { usualPackets, visibleOf } from '../symbolic/bounds.ts';
import type { Translation } from '../symbolic/translation/transform.ts';
import { approximatedRules } from './approximated.ts';
import { shownBoxes } from './finding/boxes.ts';
import { sentPackets } from './rows/destinations.ts';
import { decidersOf } from './finding/evidence.ts';
import { filters } from './excess/filters.ts';
import { labelledOpeners, type OpenedPart, placesOf } from './excess/opened-parts.ts';
import { translatedOf } from './finding/translated.ts';
import type { FlowHook, HookView } from './view/hook-view.ts';
import { flowHooks } from './view/clouds.ts';
import { FamilyView } from './view/view.ts';

/** What comes into an instance of a cloud goes to it, and what leaves it comes from it. */
const INNER: Partial<Record<HookName, FlowHook>> = { ingress: 'input', egress: 'output' };

/**
 * Everything that new connections can pass, with the rules (or, where no rule accepts, the chains whose policy does) that
 * let it through. By hook, definite before possible, IPv4 before IPv6, then in the order in which rules are met. The boxes
 * of one hook, family and certainty are disjoint. The hooks of clouds have nothing where the rule set is a host's.
 *
 * @param only one hook; undefined: all
 * @param tell called with the rules that the analysis took less than exactly
 */
export function openingsOf(
  ruleset: Ruleset,
  only: HookName | undefined,
  tell: (approximated: readonly CoverageEntry[]) => void,
): Opening[] {
  const families = ([4, 6] as const).filter((family) => ruleset.families.has(family));
  const views = families.map((family) => new FamilyView(ruleset, family));
  const hooks = hooksAsked(ruleset, only);
  const found: Opening[] = [];
  for (const hook of hooks)
    for (const certainty of ['definite', 'possible'] as const)
      for (const view of views) found.push(...hookOpenings(view, view.hook(hook), certainty));
  tell(approximatedRules(ruleset, views));
  return found;
}

/** The hooks that stand for the one that is asked for: none where the rule set has no such hook. */
export function hooksAsked(ruleset: Ruleset, only: HookName | undefined): readonly FlowHook[] {
  return flowHooks(ruleset).filter(
    (hook) => only === undefined || hook === only || (ruleset.cloud !== undefined && hook === INNER[only]),
  );
}

/** Which families a rule set speaks for. */
export function familiesOf(ruleset: Ruleset): OpeningsReport['families'] {
  const status = (family: 4 | 6) => (ruleset.families.has(family) ? 'assessed' : 'not-assessed');
  return { ipv4: status(4), ipv6: status(6) };
}

function hookOpenings(view: FamilyView, hook: HookView, certainty: Certainty): Opening[] {
  const openers = labelledOpeners(view, hook);
  return sentPackets(view, hook)[certainty].flatMap(({ packets: sent, translations, flows }) => {
    const set = view.diagram.and(sent, view.familyNode);
    const to = translatedShapes(view, translations);
    const parts =
      openers === undefined
        ? walkedParts(view, hook, set, certainty)
        : openers.parts(set, flows, certainty === 'definite');
    return parts.flatMap(({ packets, rules }) =>
      shownBoxes(view, packets, hook.hook).map(
        (box): Opening => ({ hook: view.shownHook(hook.hook), certainty, box, ...to, rules }),
      ),
    );
  });
}

/** Where packets go that may go to one of several places. */
function translatedShapes(
  { family }: FamilyView,
  [first, ...others]: readonly (Translation | undefined)[],
): Pick<Opening, 'translated' | 'otherTranslations'> {
  const shape = (to: Translation | undefined) => (to === undefined ? null : translatedOf(family, to));
  return {
    ...(first === undefined ? {} : { translated: translatedOf(family, first) }),
    ...(others.length === 0 ? {} : { otherTranslations: others.map(shape) }),
  };
}

/** Packets of the set with the lines that open them, found by walking the chains: where several chains filter the hook. */
function walkedParts(view: FamilyView, hook: HookView, set: Node, certainty: Certainty): OpenedPart[] {
  const some = certainty === 'definite' ? usualPackets(view.diagram) : ALL;
  return partsOf(view, hook, set, some).map((part) => ({
    packets: view.space.of(part).boxes(),
    rules: openersOf(view, hook, part, some),
  }));
}

/**
 * The set, divided by which line of the hook's own chains opens a packet first: rules before policies.
 *
 * @param some lines that accept only others are passed over
 */
function partsOf(view: FamilyView, hook: HookView, set: Node, some: Node): Node[] {
  if (set === NONE) return [];
  const hits = decidersOf(view, hook, set)
    .filter(({ stage }) => filters(stage, hook.hook))
    .flatMap((stage) => stage.hits.filter(({ verdict }) => verdict === 'accept'));
  const ordered = [
    ...hits.filter(({ rule }) => rule !== undefined && rule.implied === undefined),
    ...hits.filter(({ rule }) => rule?.implied !== undefined),
    ...hits.filter(({ rule }) => rule === undefined),
  ];
  const parts: Node[] = [];
  let rest = set;
  for (const hit of ordered) {
    const part = view.diagram.and(rest, visibleOf(view.diagram, hit.set, some));
    if (part === NONE) continue;
    parts.push(part);
    rest = view.diagram.difference(rest, part);
  }
  return rest === NONE ? parts : [...parts, rest];
}

function openersOf(view: FamilyView, hook: HookView, packets: Node, some: Node): Opening['rules'] {
  const stages = decidersOf(view, hook, packets).filter(({ stage }) => !stage.nat);
  const accepting = stages.flatMap(({ hits }) =>
    hits.filter(
      ({ verdict, set }) =>
        verdict === 'accept' && view.diagram.and(visibleOf(view.diagram, set, some), packets) !== NONE,
    ),
  );
  const rules = accepting.filter(({ rule }) => rule !== undefined);
  return placesOf((rules.length > 0 ? rules : accepting).map(({ rule, chain }) => rule ?? chain));
}
