import { type Node, NONE } from '../packet/diagram.ts';
import type { Passage } from '../symbolic/analysis.ts';
import type { Flow } from '../symbolic/summary.ts';
import { unchanged } from '../symbolic/translation.ts';
import type { FlowHook } from './hook-view.ts';
import type { FamilyView } from './view.ts';

/**
 * What is sent back and begins a connection for conntrack goes through the nat chains as any first packet does
 * (net/netfilter/nf_nat_core.c, nf_nat_inet_fn): with another destination it does not come to whom it answers, and with another source
 * it is no answer. Tried in the kernel.
 *
 * @returns the passage, in which such packets are denied
 */
export function astrayApart(
  view: FamilyView,
  hook: FlowHook,
  { accept, deny }: Passage,
): Pick<Passage, 'accept' | 'deny'> {
  const { diagram } = view;
  const arriving: Flow[] = [];
  const lost: Node[] = [deny];
  for (const flow of accept) {
    const moved = movedBy(view, hook, flow);
    const rest = diagram.difference(flow.set, moved);
    if (moved !== NONE) lost.push(moved);
    if (rest !== NONE) arriving.push({ ...flow, set: rest });
  }
  return { accept: arriving, deny: diagram.orAll(lost) };
}

/** Packets of a flow that a rule gives another end. */
function movedBy(view: FamilyView, hook: FlowHook, { transform, set }: Flow): Node {
  const { diagram, family, ruleset } = view;
  const { destination, source } = transform;
  let moved: Node = NONE;
  if (destination !== undefined && destination.changed !== 'no') moved = set;
  if (source === undefined || source.changed === 'no') return moved;
  // Nothing that is forwarded comes from an address of the host's.
  if (hook === 'forward' && source.address?.kind === 'local') return set;
  // Its port stays, too, where no other connection has it.
  const { same, maybe } = unchanged(diagram, { ...source, what: 'snat' }, { family, hook }, ruleset.host);
  return diagram.or(moved, diagram.difference(set, diagram.or(same, maybe)));
}
