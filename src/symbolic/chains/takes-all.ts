import type { TranslateAction } from '../../rule/action.ts';
import type { Analysis } from '../analysis.ts';
import { placeIn } from '../translation/place-in.ts';
import { placeKey } from '../scope.ts';
import { actionsOf } from '../deciding/silent.ts';
import type { Stage } from '../stages.ts';
import { compose } from '../translation/compose.ts';
import { IDENTITY, type Transform } from '../translation/transform.ts';
import { leavesBy, translated } from '../translation/transforms.ts';

/**
 * Whether every packet of the scope surely passes, as far as that can be seen without sending any: no base chain denies anything,
 * wherever its packets may have been translated to, and routing takes none of them elsewhere. False says nothing. A host with
 * thousands of translations need not be asked for each of them whether established packets pass.
 */
export function seenToTakeAll(analysis: Analysis): boolean {
  const { surroundings, scope, stops } = analysis;
  if (scope.hook === 'forward' && surroundings.asksHops) return false;
  let shapes: readonly Transform[] = [IDENTITY];
  for (const { hook, stages } of stops) {
    const translations: TranslateAction[] = [];
    for (const stage of stages) {
      if (!deniesNone(analysis, stage, shapes)) return false;
      if (!stage.nat) continue;
      const own = actionsOf(analysis.ruleset, stage).filter((action) => action.kind === 'translate');
      translations.push(...own);
      shapes = distinct(stage, [...shapes, ...translatedShapes(analysis, stage, shapes, own)]);
    }
    if (hook === 'prerouting' && !translations.every((action) => staysOnWay(analysis, action))) return false;
    if (hook !== 'output' || behindOutput(analysis).every((stage) => analysis.deniesNothing(stage))) continue;
    const leaving = leavingBy(analysis, translations);
    if (leaving.length > MOST_LEAVING) return false;
    shapes = [...shapes, ...leaving.flatMap((name) => shapes.map((one) => compose(one, leavesBy(name))))];
  }
  return true;
}

/** What may leave by more interfaces than those by which it set out is not looked at here. */
const MOST_LEAVING = 8;

const behindOutput = ({ stops }: Analysis): readonly Stage[] =>
  stops.flatMap(({ hook, stages }) => (hook === 'output' ? [] : stages));

/** The interfaces by which what the host sends may leave that translations send elsewhere. */
function leavingBy({ ruleset: { host } }: Analysis, translations: readonly TranslateAction[]): string[] {
  if (translations.length === 0) return [];
  return [...new Set(['lo', '', ...(host?.interfaces ?? [])])];
}

function staysOnWay({ router }: Analysis, action: TranslateAction): boolean {
  return action.what !== 'dnat' || router.goesThere(translated(action, 'yes'));
}

function deniesNone(analysis: Analysis, stage: Stage, shapes: readonly Transform[]): boolean {
  if (analysis.deniesNothing(stage)) return true;
  if (stage.nat) return false;
  return shapes.every((shape) => {
    const place = placeIn(stage, shape);
    return analysis.chains.base(stage.chain, place).deny.length === 0;
  });
}

/** What translations make of packets, one for all that conditions cannot tell apart otherwise than by the packet. */
function translatedShapes(
  analysis: Analysis,
  stage: Stage,
  shapes: readonly Transform[],
  actions: readonly TranslateAction[],
): Transform[] {
  const kinds = new Map<string, TranslateAction>();
  for (const action of actions) {
    const { what, address, port } = action;
    const kind = `${what} ${address === undefined ? '' : address.kind === 'local' ? 'local' : 'given'} ${port !== undefined}`;
    if (!kinds.has(kind)) kinds.set(kind, action);
  }
  const changes = analysis.surroundings.editionsMatter
    ? (['yes', 'no', 'maybe'] as const)
    : (['yes'] as const);
  const made = [...kinds.values()].flatMap((action) => changes.map((changed) => translated(action, changed)));
  return distinct(
    stage,
    shapes.flatMap((shape) => made.map((one) => compose(shape, one))),
  );
}

/** One of all that stand at the same place. */
function distinct(stage: Stage, shapes: readonly Transform[]): Transform[] {
  return [...new Map(shapes.map((shape) => [placeKey(placeIn(stage, shape)), shape])).values()];
}
