import { type Node, NONE } from '../../packet/diagram.ts';
import type { Action } from '../../rule/action.ts';
import type { Chain, Rule, Ruleset } from '../../rule/ruleset.ts';
import { Analysis } from '../../symbolic/analysis.ts';
import { visible } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { IDENTITY } from '../../symbolic/translation/transform.ts';
import { kept } from '../../text/kept.ts';
import type { HookView } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/** A hook as it would be if no rule of one layer denied anything, and the other layers let everything through. */
export class Undenied {
  /** @param layer what is asked about; its policies stay, and what the kernel does by itself */
  constructor(
    private readonly hook: HookView,
    private readonly layer: string,
  ) {}

  /** Made when first needed: it copies every chain. */
  private get analysis(): Analysis {
    return undenied(this.hook.analysis, this.layer);
  }

  /**
   * Packets as they would come to one of the hook's base chains: translated, where a rule would translate them, and marked.
   *
   * @param index the chain's place on the way through the hook
   * @param packets as they enter the hook
   */
  flows(index: number, packets: Node): readonly Flow[] {
    if (packets === NONE) return [];
    const changes = changesPackets(this.hook.analysis.ruleset) && changesPackets(this.analysis.ruleset);
    if (!changes) return [{ transform: IDENTITY, set: packets }];
    return this.analysis.pass(packets).stages[index]?.entered ?? [];
  }

  /** Those of the packets that could pass. */
  passing(packets: Node): Node {
    const { diagram } = this.analysis;
    const entering = diagram.and(this.analysis.entry(), packets);
    const accepted = this.analysis.pass(entering).accept.map(({ set }) => set);
    return diagram.and(packets, visible(diagram, diagram.orAll(accepted)));
  }
}

const ANALYSES = new WeakMap<Analysis, Map<string, Analysis>>();

function undenied(analysis: Analysis, layer: string): Analysis {
  const { space, ruleset, scope, predicates } = analysis;
  return kept(
    kept(ANALYSES, analysis, () => new Map()),
    layer,
    () => new Analysis(space, withoutDenials(ruleset, layer), scope, false, predicates),
  );
}

/** A host as it would be if nothing denied first packets, and what follows them: what is sent back meets the rules that there are. */
export const openedFor = (view: FamilyView): FamilyView =>
  kept(OPENED, view, () => view.withFirsts(withoutDenials(view.ruleset)));

const OPENED = new WeakMap<FamilyView, FamilyView>();

/** @param layer whose policies stay, and what the kernel does by itself; undefined: only this, in each layer */
function withoutDenials(ruleset: Ruleset, layer?: string): Ruleset {
  const chains = ruleset.chains.map((chain): Chain => {
    const isAsked = chain.layer === layer;
    const isKept = ({ implied }: Rule): boolean => implied !== undefined && (isAsked || layer === undefined);
    const { base } = chain;
    const isDenying = (rule: Rule): boolean => rule.actions.some(mayDeny) && !isKept(rule);
    // A chain that stays what it was stays the same object: what it does need not be found again.
    if ((isAsked || base?.policy !== 'drop') && !chain.rules.some(isDenying)) return chain;
    const rules = chain.rules.map((rule) => (isDenying(rule) ? { ...rule, actions: [] } : rule));
    return base === undefined || isAsked
      ? { ...chain, rules }
      : { ...chain, rules, base: { ...base, policy: 'accept' } };
  });
  return { ...ruleset, chains };
}

function mayDeny(action: Action): boolean {
  if (action.kind === 'verdict') return action.verdict !== 'accept';
  return action.kind === 'unknown' && action.outcomes.includes('drop');
}

const isTranslating = (action: Action): boolean => action.kind === 'translate' && action.what === 'dnat';

const TRANSLATING = new WeakMap<Ruleset, boolean>();

/** Whether any rule gives packets another destination. */
export const translatesDestinations = (ruleset: Ruleset): boolean =>
  hasSome(TRANSLATING, ruleset, isTranslating);

const CHANGING = new WeakMap<Ruleset, boolean>();

/** Whether any rule gives packets something that later rules may ask for. */
const changesPackets = (ruleset: Ruleset): boolean =>
  hasSome(
    CHANGING,
    ruleset,
    (action) => isTranslating(action) || ['assign', 'forget', 'notrack'].includes(action.kind),
  );

/** Whether some action of a rule set passes the test, remembered. */
function hasSome(
  answers: WeakMap<Ruleset, boolean>,
  ruleset: Ruleset,
  test: (action: Action) => boolean,
): boolean {
  return kept(answers, ruleset, () =>
    ruleset.chains.some(({ rules }) => rules.some(({ actions }) => actions.some(test))),
  );
}
