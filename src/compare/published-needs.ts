import type { ResolvedRow } from '../baseline/model.ts';
import { PUBLIC } from '../baseline/addresses.ts';
import { type Node, NONE } from '../packet/diagram.ts';
import type { DiagramField } from '../packet/layout.ts';
import { ofFamily } from './addresses.ts';
import { takesOneOf } from './half-open-way.ts';
import { translatedSet } from './mirror.ts';
import { asTheyArrive } from './translated-parts.ts';
import type { FamilyView } from './view.ts';

/** What must pass, whatever the fields of which one value is enough; see `Need` of row-sets.ts. */
interface Needed {
  readonly set: Node;
  readonly within: Node;
  readonly project: readonly DiagramField[];
}

/**
 * What a firewall between zones has to let through for a row from the Internet. No packet from there has a private destination
 * (RFC 1918, 3: routers of the Internet drop it): machines behind such addresses are reached at those that a rule of the firewall
 * translates. Where one does, what it translates is needed in place of what cannot come; where none does, the row stays closed.
 */
export function asPublished<N extends Needed>(view: FamilyView, row: ResolvedRow, need: N): N {
  if (row.direction !== 'forward' || row.source.binding !== 'internet') return need;
  const { diagram } = view;
  const hook = view.hook('forward');
  const routed = ofFamily(PUBLIC, view.family) ?? [];
  const unreachable = diagram.difference(need.set, view.field('dst', routed));
  let [arriving, reached]: [Node, Node] = [NONE, NONE];
  for (const flow of unreachable === NONE ? [] : hook.translated.flows) {
    const { destination } = flow.transform;
    const came = asTheyArrive(view, hook, [flow], unreachable);
    // What one of several addresses is chosen for reaches none of them surely.
    if (came === NONE || destination?.address?.kind !== 'range' || takesOneOf(destination)) continue;
    const there = translatedSet(view, came, destination);
    if (there === undefined) continue;
    arriving = diagram.or(arriving, came);
    reached = diagram.or(reached, there);
  }
  if (arriving === NONE) return need;
  const rest = diagram.difference(need.set, view.project(reached, need.project));
  const set = diagram.or(rest, view.project(arriving, need.project));
  return { ...need, set, within: diagram.or(need.within, arriving) };
}
