import type { NeededPackets } from './need.ts';
import type { ResolvedHost, ResolvedRow } from '../../baseline/model.ts';
import { PUBLIC } from '../../baseline/addresses.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { Ranges } from '../../packet/ranges.ts';
import { ofFamily } from '../addresses/addresses.ts';
import { takesOneOf } from '../half-open/way.ts';
import { translatedSet } from '../half-open/mirror.ts';
import { linksOf } from '../addresses/links.ts';
import { addressSet } from '../addresses/wide-addresses.ts';
import { inFamily } from '../../symbolic/translation/translation-preimage.ts';
import { hostAddresses } from './parties.ts';
import { asTheyArrive } from './translated-parts.ts';
import type { Translation } from '../../symbolic/translation/transform.ts';
import type { FamilyView } from '../view/view.ts';

/**
 * What a firewall between zones has to let through for a row from the Internet, or from public addresses. No packet from there has a
 * private destination (RFC 1918, 3: routers of the Internet drop it): machines behind such addresses are reached at those that a rule of the firewall
 * translates. Where one does, what it translates is needed in place of what cannot come; where none does, the row stays closed.
 */
export function asPublished<N extends NeededPackets>(
  view: FamilyView,
  host: ResolvedHost,
  row: ResolvedRow,
  need: N,
): N {
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
  for (const place of unreachable === NONE ? [] : places(view, host)) {
    const left = diagram.difference(unreachable, view.project(reached, need.project));
    for (const { came, destination } of publishing(view, left, place)) {
      const there = translatedSet(view, came, destination);
      // Of several machines one is chosen, which serves the row where all of them are the role's.
      if (takesOneOf(destination) && diagram.difference(view.project(there, need.project), need.set) !== NONE)
        continue;
      arriving = diagram.or(arriving, came);
      reached = diagram.or(reached, there);
    }
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

/** What rules of the firewall translate of the packets that go to a place, so that they land in a set. */
function publishing(view: FamilyView, landing: Node, place: Node): readonly Publishing[] {
  if (landing === NONE) return [];
  const hook = view.hook('forward');
  return hook.translated.flows.flatMap((flow): Publishing[] => {
    const { destination } = flow.transform;
    if (destination === undefined || destination.address?.kind === 'local') return [];
    const came = view.diagram.and(asTheyArrive(view, hook, [flow], landing), place);
    return came === NONE ? [] : [{ came, destination }];
  });
}

/**
 * Where packets from the Internet come to: public addresses, and for what nothing there is translated to, the firewall's own and those on its
 * links: a router before it may send them there. What is translated at other private ones, as a service has one within its cluster, is
 * for others; where nobody lists the firewall's addresses, any may be its own.
 */
function places(view: FamilyView, host: ResolvedHost): readonly Node[] {
  const { ruleset, family, diagram } = view;
  const to = (addresses: Ranges<number> | Ranges<bigint>): Node => view.field('dst', addresses);
  const atPublic = to(ofFamily(PUBLIC, family) ?? []);
  const listed = ruleset.host?.addresses.filter((one) => one.family === family) ?? [];
  if (listed.every(({ loopback }) => loopback)) return [atPublic, diagram.not(atPublic)];
  const own = [addressSet(listed, family), hostAddresses(ruleset, host.own, family) ?? []];
  const links = linksOf(view).map(({ lo, hi }) => inFamily(family, lo, hi));
  return [atPublic, diagram.difference(diagram.orAll([...own, ...links].map(to)), atPublic)];
}
