import type { Action, TranslateAction } from '../../rule/action.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { kept } from '../../text/kept.ts';
import { callOrderOf } from '../chains/call-order.ts';
import type { Stage } from '../stages.ts';

/** Every action of the rules that packets of the base chain may come to. */
export function actionsOf(ruleset: Ruleset, { chain }: Stage): readonly Action[] {
  const { chains, actions } = kept(remembered, ruleset, () => ({
    chains: new Map(ruleset.chains.map((one) => [one.id, one])),
    actions: new Map(),
  }));
  return kept(actions, chain.id, () => {
    const reached = callOrderOf(ruleset).below([chain.id]);
    return reached.flatMap((id) => chains.get(id)?.rules.flatMap((rule) => rule.actions) ?? []);
  });
}

interface Remembered {
  readonly chains: ReadonlyMap<string, Ruleset['chains'][number]>;
  readonly actions: Map<string, readonly Action[]>;
}

const remembered = new WeakMap<Ruleset, Remembered>();

/**
 * Whether the base chain lets everything through, whatever its conditions say.
 *
 * @param hasAddress whether there is an address for each packet that the action translates
 */
export function deniesNothing(
  ruleset: Ruleset,
  stage: Stage,
  hasAddress: (action: TranslateAction) => boolean,
): boolean {
  return (
    stage.chain.base?.policy !== 'drop' &&
    actionsOf(ruleset, stage).every((action) => {
      if (action.kind === 'verdict') return action.verdict === 'accept';
      if (action.kind === 'unknown') return !action.outcomes.includes('drop');
      return action.kind !== 'translate' || hasAddress(action);
    })
  );
}

/** What a rule may change without ending the packet's way. */
export type Change = 'source' | 'mark';

/** Whether the base chain changes nothing of packets besides these. */
export function changesOnly(ruleset: Ruleset, stage: Stage, changes: readonly Change[]): boolean {
  return actionsOf(ruleset, stage).every((action) => {
    switch (action.kind) {
      case 'assign':
      case 'forget':
        return action.field === 'mark' && changes.includes('mark');
      case 'translate':
        return action.what === 'snat' && changes.includes('source');
      case 'notrack':
        return false;
      default:
        return true;
    }
  });
}
