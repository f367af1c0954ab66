import type { ResolvedRow } from '../../baseline/model.ts';
import { PUBLIC } from '../../baseline/addresses.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import type { Ranges } from '../../packet/ranges.ts';
import { ofFamily } from '../addresses/addresses.ts';
import { takesOneOf } from '../half-open/way.ts';
import { translatedSet } from '../half-open/mirror.ts';
import { linksOf } from '../addresses/links.ts';
import { inFamily } from '../../symbolic/translation/translation-preimage.ts';
import { listedAddresses } from './parties.ts';
import { asTheyArrive } from './translated-parts.ts';
import type { Translation } from '../../symbolic/translation/transform.ts';
import type { FamilyView } from '../view/view.ts';

/** What must pass, whatever the fields of which one value is enough; see `Need` of row-sets.ts. */
interface Needed {
  readonly set: Node;
  readonly within: Node;
  readonly project: readonly DiagramField[];
}

/**
 * What a firewall between zones has to let through for a row from the Internet, or from public addresses. No packet from there has a
 * private destination (RFC 1918, 3: routers of the Internet drop it): machines behind such addresses are reached at those that a rule of the firewall
 * translates. Where one does, what it translates is needed in place of what cannot come; where none does, the row stays closed.
 */
export function asPublished<N extends Needed>(view: FamilyView, row: ResolvedRow, need: N): N {
  if (row.direction !== 'forward') return need;
  const { diagram } = view;
  const routed = ofFamily(PUBLIC, view.family) ?? [];
  // Of a destination that nobody knows one address is enough, which may be one that packets come to as they are.
  const isAnyone = need.project.includes('dst');
  const isPublic = (): boolean =>
    !isAnyone &&
    !need.project.includes('src') &&
    diagram.difference(need.set, view.field('src', routed)) === NONE;
  if (row.source.binding !== 'internet' && !(row.source.binding === 'bound' && isPublic())) return need;
  // What is published has to land as the row says: at one of a choice's ports, and off the loopback interface.
  const landing = diagram.and(need.set, need.within);
  const unreachable = diagram.difference(landing, view.field('dst', routed));
  let [arriving, reached]: [Node, Node] = [NONE, NONE];
  for (const { came, destination } of publishing(view, unreachable)) {
    const there = translatedSet(view, came, destination);
    // Of several machines one is chosen, which serves the row where all of them are the role's.
    if (takesOneOf(destination) && diagram.difference(view.project(there, need.project), need.set) !== NONE)
      continue;
    arriving = diagram.or(arriving, came);
    reached = diagram.or(reached, there);
  }
  if (arriving === NONE) return need;
  const rest = diagram.difference(need.set, view.project(reached, need.project));
  const published = view.project(arriving, need.project);
  // By interfaces where nothing translates them, packets to the published address reach nobody of the row.
  const direct = isAnyone ? need.within : diagram.difference(need.within, published);
  const within = diagram.or(direct, arriving);
  return { ...need, set: diagram.or(rest, published), within };
}

/** Packets that a rule sends to what cannot be reached otherwise. */
interface Publishing {
  readonly came: Node;
  readonly destination: Translation;
}

/**
 * What rules of the firewall translate at public addresses; where they translate nothing there, on its links: a router before it may send it
 * there. What they translate at other private ones, as a service has one within its cluster, is for others.
 */
function publishing(view: FamilyView, unreachable: Node): readonly Publishing[] {
  if (unreachable === NONE) return [];
  const { diagram, family } = view;
  const hook = view.hook('forward');
  const all = hook.translated.flows.flatMap((flow): Publishing[] => {
    const { destination } = flow.transform;
    if (destination === undefined || destination.address?.kind === 'local') return [];
    const came = asTheyArrive(view, hook, [flow], unreachable);
    return came === NONE ? [] : [{ came, destination }];
  });
  const to = (addresses: Ranges<number> | Ranges<bigint>): Node => view.field('dst', addresses);
  const at = (addresses: Node): readonly Publishing[] =>
    all.flatMap(({ came, destination }): Publishing[] => {
      const some = diagram.and(came, addresses);
      return some === NONE ? [] : [{ came: some, destination }];
    });
  const atPublic = at(to(ofFamily(PUBLIC, family) ?? []));
  const own = listedAddresses(view.ruleset, family);
  if (atPublic.length > 0) return atPublic;
  const links = linksOf(view).map(({ lo, hi }) => to(inFamily(family, lo, hi)));
  return own.length === 0 ? all : at(diagram.orAll([to(own), ...links]));
}
