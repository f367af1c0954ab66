import { type Node, NONE } from '../../packet/diagram.ts';
import type { Passage } from '../../symbolic/analysis.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { keptSources } from './kept-sources.ts';
import type { FamilyView } from '../view/view.ts';

/**
 * What is sent back and begins a connection for conntrack goes through the nat chains as any first packet does
 * (net/netfilter/nf_nat_core.c, nf_nat_inet_fn): with another destination it does not come to whom it answers, and with another source
 * it is no answer. Tried in the kernel.
 *
 * @returns the passage, in which such packets are denied, and whether chance decides about some
 */
export function astrayApart(
  view: FamilyView,
  hook: FlowHook,
  { accept, deny }: Passage,
): Pick<Passage, 'accept' | 'deny'> & { readonly isChance: boolean } {
  const { diagram } = view;
  const arriving: Flow[] = [];
  const lost: Node[] = [deny];
  let isChance = false;
  for (const flow of accept) {
    const { surely, perhaps } = movedBy(view, hook, flow);
    const rest = diagram.difference(flow.set, surely);
    lost.push(surely, perhaps);
    isChance ||= perhaps !== NONE;
    if (rest !== NONE) arriving.push({ ...flow, set: rest });
  }
  return { accept: arriving, deny: diagram.orAll(lost), isChance };
}

/** Packets of a flow that a rule gives another end. */
function movedBy(
  view: FamilyView,
  hook: FlowHook,
  { transform, set }: Flow,
): { readonly surely: Node; readonly perhaps: Node } {
  const { diagram } = view;
  const { destination, source, out } = transform;
  const gone = destination !== undefined && destination.changed !== 'no';
  if (gone || source === undefined || source.changed === 'no')
    return { surely: gone ? set : NONE, perhaps: NONE };
  const kept = keptSources(view, hook, source, out);
  const stays = diagram.or(kept.surely, kept.perhaps);
  return { surely: diagram.difference(set, stays), perhaps: diagram.and(set, kept.perhaps) };
}
