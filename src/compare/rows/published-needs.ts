import type { NeededPackets } from './need.ts';
import type { ResolvedHost, ResolvedRow } from '../../baseline/model.ts';
import { PUBLIC } from '../../baseline/addresses.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import { contains, type Ranges } from '../../packet/ranges.ts';
import type { HostAddress } from '../../rule/ruleset.ts';
import { everyAddress, ofFamily, without } from '../addresses/addresses.ts';
import { takesOneOf } from '../../symbolic/translation/transform.ts';
import { translatedSet } from '../half-open/mirror.ts';
import { linksOf, named } from '../addresses/links.ts';
import { addressSet, wideAddresses } from '../addresses/wide-addresses.ts';
import { boundsOfNeeds } from '../../symbolic/bounds.ts';
import { inFamily } from '../../symbolic/translation/translation-preimage.ts';
import { hostAddresses, partyAddresses } from './parties.ts';
import { asTheyArrive } from './translated-parts.ts';
import type { FamilyView } from '../view/view.ts';

/**
 * What a firewall between zones has to let through for a row from the Internet, from everybody, or from public addresses. No packet from there
 * has a private destination (RFC 1918, 3: routers of the Internet drop it): machines behind such addresses are reached at those that a rule of the
 * firewall translates. Where one does, what it translates is needed in place of what cannot come; where none does, the row stays closed.
 */
export function asPublished<N extends NeededPackets>(
  view: FamilyView,
  host: ResolvedHost,
  row: ResolvedRow,
  need: N,
): N {
  if (row.direction !== 'forward') return need;
  const { diagram } = view;
  // What is published has to land as the row says: at one of a choice's ports, and off the loopback interface.
  const landing = diagram.and(need.set, need.within);
  const unreachable = diagram.and(
    diagram.difference(landing, view.field('dst', ofFamily(PUBLIC, view.family) ?? [])),
    sentToWhatIsPublished(view, row, need, landing),
  );
  let [arriving, reached]: [Node, Node] = [NONE, NONE];
  let [calling, perhaps]: [Node, Node] = [NONE, NONE];
  for (const { packets, isDoubtful } of unreachable === NONE ? [] : places(view, host, row)) {
    const left = diagram.difference(unreachable, view.project(reached, need.project));
    for (const { came, there } of publishing(view, left, packets, need)) {
      if (isDoubtful) {
        calling = diagram.or(calling, came);
        perhaps = diagram.or(perhaps, diagram.and(left, view.project(there, need.project)));
      } else {
        arriving = diagram.or(arriving, came);
        reached = diagram.or(reached, there);
      }
    }
  }
  const served = { ...need, perhaps: { served: view.project(perhaps, need.project), calling } };
  if (arriving === NONE) return perhaps === NONE ? need : served;
  const rest = diagram.difference(need.set, view.project(reached, need.project));
  const published = view.project(arriving, need.project);
  // By interfaces where nothing translates them, packets to the published address reach nobody of the row.
  const direct = isAnyone(need) ? need.within : diagram.difference(need.within, published);
  return { ...served, set: diagram.or(rest, published), within: diagram.or(direct, arriving) };
}

/** Of a destination that nobody knows one address is enough, which may be one that packets come to as they are. */
const isAnyone = ({ project }: NeededPackets): boolean => project.includes('dst');

/**
 * Packets of a row whose senders reach machines with private addresses where these are published: those of the Internet and of public addresses.
 * Among everybody are machines with private addresses, too: where they reach the machine as it is, they need nothing else.
 */
function sentToWhatIsPublished(
  view: FamilyView,
  { source }: ResolvedRow,
  need: NeededPackets,
  landing: Node,
): Node {
  if (source.binding === 'internet') return ALL;
  if (isAnyone(need) || need.project.includes('src')) return NONE;
  const { diagram, family } = view;
  const routed = ofFamily(PUBLIC, family) ?? [];
  const fromPublic = view.field('src', routed);
  const values =
    source.binding === 'any' ? everyAddress(family) : partyAddresses(view.ruleset, source, family);
  if (values === undefined || without(family, routed, values).length > 0) return fromPublic;
  const passing = diagram.and(landing, boundsOfNeeds(view.hook('forward').bounds).may);
  return diagram.or(fromPublic, diagram.not(view.project(passing, need.project)));
}

/** Packets that a rule sends to what cannot be reached otherwise, as they come and as they land. */
interface Publishing {
  readonly came: Node;
  readonly there: Node;
}

/** What rules of the firewall translate of the packets that go to a place, so that they land in a set. */
function publishing(
  view: FamilyView,
  landing: Node,
  place: Node,
  { project, set }: NeededPackets,
): readonly Publishing[] {
  if (landing === NONE) return [];
  const { diagram } = view;
  const hook = view.hook('forward');
  return hook.translated.flows.flatMap((flow): Publishing[] => {
    const { destination } = flow.transform;
    if (destination === undefined || destination.address?.kind === 'local') return [];
    const came = diagram.and(asTheyArrive(view, hook, [flow], landing), place);
    if (came === NONE) return [];
    const there = translatedSet(view, came, destination);
    // Of several machines one is chosen, which serves the row where all of them are the role's.
    const isAstray =
      takesOneOf(destination) && diagram.difference(view.project(there, project), set) !== NONE;
    return isAstray ? [] : [{ came, there }];
  });
}

/** Where packets from the Internet come to. */
interface Place {
  readonly packets: Node;
  /** Whether they come is not known: {@link SENT_HERE}. */
  readonly isDoubtful: boolean;
}

/** What decides whether packets come that a rule translates at a private address that nobody gives the firewall. */
export const SENT_HERE =
  'whether a router before the firewall sends packets here that go to this private address, which `addresses:` beside the host would tell';

/**
 * Where packets from the Internet come to: public addresses, and for what nothing there is translated to, the firewall's own and those on its
 * links: a router before it may send them there. So it may what goes to other private addresses, if it is not the Internet's: or these are
 * a service's within its cluster, and for others. Where nobody lists the firewall's addresses, any may be its own.
 */
function places(view: FamilyView, host: ResolvedHost, row: ResolvedRow): readonly Place[] {
  const { ruleset, family, diagram } = view;
  const to = (addresses: Ranges<number> | Ranges<bigint>): Node => view.field('dst', addresses);
  const atPublic = to(ofFamily(PUBLIC, family) ?? []);
  const listed = ruleset.host?.addresses.filter((one) => one.family === family) ?? [];
  if (listed.every(({ loopback }) => loopback))
    return [atPublic, diagram.not(atPublic)].map((packets) => ({ packets, isDoubtful: false }));
  const own = [addressSet(listed, family), hostAddresses(ruleset, host.own, family) ?? []];
  const links = linksOf(view).map(({ lo, hi }) => inFamily(family, lo, hi));
  const atOwn = diagram.difference(diagram.orAll([...own, ...links].map(to)), atPublic);
  const elsewhere = diagram.difference(diagram.not(atPublic), atOwn);
  return [
    { packets: atPublic, isDoubtful: false },
    { packets: atOwn, isDoubtful: false },
    { packets: diagram.and(elsewhere, behindRouters(view, row)), isDoubtful: true },
  ];
}

/**
 * Packets of the Internet by interfaces behind which a router with private addresses may be: those without a public address, where the role
 * is bound to them, or where none has one. What the Internet itself brings goes to public addresses.
 */
function behindRouters(view: FamilyView, { source: { interfaces } }: ResolvedRow): Node {
  const { family, ruleset, diagram } = view;
  const isPublic = ({ address }: HostAddress): boolean =>
    family === 4 ? contains(PUBLIC.ipv4, Number(address)) : contains(PUBLIC.ipv6, address);
  const names = wideAddresses(ruleset, family)
    .filter(isPublic)
    .map((one) => one.interface);
  if (names.length === 0) return ALL;
  return interfaces.length === 0 ? NONE : diagram.not(named(view, 'in', names));
}
