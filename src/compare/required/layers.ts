import type { Cast } from '../../baseline/delivery.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import type { Rule, Ruleset } from '../../rule/ruleset.ts';
import { boundsOfNeeds, visible } from '../../symbolic/bounds.ts';
import type { Stage } from '../../symbolic/stages.ts';
import type { Evidence } from '../../finding/report.ts';
import { closingLines, decidersOf, type StageHits } from '../finding/evidence.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { isCloudOnly } from '../view/clouds.ts';
import { FamilyView } from '../view/view.ts';

/** Packets that one layer of the host opens by a rule of its own, and another closes. */
export interface LayerDispute {
  readonly packets: Node;
  readonly opening: readonly StageHits[];
}

/** Looks at each layer of a host by itself. */
export class Layers {
  private readonly views: readonly FamilyView[];

  constructor(view: FamilyView) {
    const names = layerNames(view.ruleset, view.family);
    this.views =
      names.length < 2
        ? []
        : names.map((name) => new FamilyView(onlyLayer(view.ruleset, name), view.family, view.space));
  }

  /** The lines of every layer that closes missing packets: behind the first one packets that it stops are not seen. */
  closing(hook: FlowHook, state: ConnectionState, missing: Node, cast: Cast): Evidence[] {
    return this.views.flatMap((view) => {
      if (cast !== 'unicast' && view.isCloudOnly) return [];
      const alone = view.hook(hook, state, undefined, cast);
      const closed = view.diagram.difference(missing, boundsOfNeeds(alone.bounds).may);
      return closed === NONE ? [] : closingLines(view, decidersOf(view, alone, closed), closed);
    });
  }

  /** The missing packets that some layer, alone, would accept by an explicit rule. */
  dispute(hook: FlowHook, state: ConnectionState, missing: Node, cast: Cast): LayerDispute | undefined {
    let packets: Node = NONE;
    const opening: StageHits[] = [];
    for (const view of this.views) {
      if (cast !== 'unicast' && view.isCloudOnly) continue;
      const { diagram } = view;
      const alone = view.hook(hook, state, undefined, cast);
      const passing = diagram.and(missing, boundsOfNeeds(alone.bounds).may);
      if (passing === NONE) continue;
      for (const { stage, hits } of decidersOf(view, alone, passing)) {
        const explicit = hits.filter(({ verdict, rule }) => verdict === 'accept' && isWritten(rule, stage));
        if (stage.nat || explicit.length === 0) continue;
        opening.push({ stage, hits: explicit });
        const sets = explicit.map((hit) => diagram.and(passing, visible(diagram, hit.set)));
        packets = diagram.or(packets, diagram.orAll(sets));
      }
    }
    return packets === NONE ? undefined : { packets, opening };
  }
}

/** A rule that stands where its chain does nobody wrote: it says what passes the layer by (inside a subnet no network ACL is passed). */
const isWritten = (rule: Rule | undefined, { chain }: Stage): boolean =>
  rule !== undefined && rule.origin !== chain.origin;

function layerNames(ruleset: Ruleset, family: 4 | 6): string[] {
  const based = ruleset.chains.filter((chain) => chain.base !== undefined && chain.families.includes(family));
  return [...new Set(based.map((chain) => chain.layer))];
}

/** A layer of the host's own sees what another one translates, as the kernel has one NAT (`iptables -t nat` beside tables of nftables). */
function onlyLayer(ruleset: Ruleset, layer: string): Ruleset {
  const own = ruleset.chains.filter((chain) => chain.layer === layer);
  if (isCloudOnly({ ...ruleset, chains: own })) return { ...ruleset, chains: own };
  const chains = ruleset.chains.filter(
    (chain) => chain.layer === layer || chain.base === undefined || chain.base.type === 'nat',
  );
  return { ...ruleset, chains };
}
