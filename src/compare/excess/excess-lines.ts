import { NOTHING_FILTERS, POLICY_OPENS } from '../../finding/notes.ts';
import type { Evidence } from '../../finding/report.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { Chain } from '../../rule/ruleset.ts';
import { visible } from '../../symbolic/bounds.ts';
import { type Flow, isTranslated } from '../../symbolic/chains/summary.ts';
import type { Stage } from '../../symbolic/stages.ts';
import { decidersOf, openingLines, opensNote, untrackingLines } from '../finding/evidence.ts';
import { evidenceOf } from '../finding/finding.ts';
import type { FindingMaker } from '../finding/maker.ts';
import { onceEach } from '../finding/quoted.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';
import { openingElsewhere } from './acceptors.ts';
import type { Excess } from './excess.ts';
import { filters } from './filters.ts';
import { laterLines, type LaterLines } from './later-openers.ts';

/** The lines of configs that let an excess through. */
export class ExcessLines {
  /** Of flows the packets of those that no connection is tracked of. */
  private readonly untracked = new Map<readonly Flow[], Node>();

  constructor(
    private readonly view: FamilyView,
    private readonly make: FindingMaker,
  ) {}

  /** @param later of the excess of the hook, see {@link laterOpeners} */
  of(excess: Excess, later: LaterLines | undefined): Evidence[] {
    const lines = this.openers(excess);
    return later === undefined ? lines : onceEach([...lines, ...laterLines(this.view, later, excess)]);
  }

  private openers({ opener, shared, acceptors, hook, packets, flows }: Excess): Evidence[] {
    if (flows.some(isTranslated)) return this.make.openingEvidence(hook, 'new', packets);
    if (opener === undefined) return this.someChain(hook);
    const opens = evidenceOf(opener.origin, 'match' in opener ? opensNote(opener) : POLICY_OPENS);
    const others = [
      ...(shared.length === 0 ? [] : this.accepting(hook, packets, shared)),
      ...('match' in opener
        ? openingElsewhere(this.view, this.view.hook(hook), { packets, acceptors }, opener, opens)
        : []),
    ];
    return [
      ...onceEach([opens, ...others]),
      ...(this.areUntracked(flows, packets) ? this.untracking(hook, packets) : []),
    ];
  }

  private accepting(hook: FlowHook, packets: Node, chains: readonly Chain[]): Evidence[] {
    const at = (stage: Stage): boolean => filters(stage, hook) && chains.includes(stage.chain);
    return openingLines(
      this.view,
      decidersOf(this.view, this.view.hook(hook), packets, { at, linesOnly: true }),
      packets,
    );
  }

  /** Whether some of the packets are in a flow that no connection is tracked of. */
  private areUntracked(flows: readonly Flow[], packets: Node): boolean {
    const { diagram } = this.view;
    let known = this.untracked.get(flows);
    if (known === undefined) {
      const sets = flows.filter(({ transform }) => transform.notrack).map(({ set }) => set);
      known = visible(diagram, diagram.orAll(sets));
      this.untracked.set(flows, known);
    }
    return known !== NONE && diagram.and(known, packets) !== NONE;
  }

  private untracking(hook: FlowHook, packets: Node): Evidence[] {
    const deciders = decidersOf(this.view, this.view.hook(hook), packets, {
      at: (stage) => !stage.tracked,
      linesOnly: true,
    });
    return untrackingLines(this.view, deciders, packets);
  }

  /** Where nothing filters a hook there is no line to show but where a rule would stand. */
  private someChain(hook: FlowHook): Evidence[] {
    const { family, ruleset } = this.view;
    const { chains } = ruleset;
    const own = chains.filter((chain) => chain.families.includes(family));
    // An nftables ruleset of `ip` tables alone leaves all of IPv6 open.
    const what = own.length > 0 ? hook : `IPv${family} at ${hook}`;
    const nearest = own.find((chain) => chain.table === 'filter') ?? own[0] ?? chains[0];
    return nearest === undefined ? [] : [evidenceOf(nearest.origin, `${NOTHING_FILTERS} ${what} here`)];
  }
}
