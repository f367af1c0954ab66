import type { NeededPackets } from '../rows/need.ts';
import type { ResolvedRow } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { visible } from '../../symbolic/bounds.ts';
import { inFamily } from '../../symbolic/translation/translation-preimage.ts';
import { kept } from '../../text/kept.ts';
import { byOthers, linksOf, named, sentToLinks } from './links.ts';
import { endsOf } from '../rows/row-ends.ts';
import type { FamilyView } from '../view/view.ts';

/** Packets of a row that one of the host's links brings or takes away. */
interface OfLink {
  readonly field: 'in' | 'out';
  /** By whatever interface. */
  readonly packets: Node;
  /** By that link's. */
  readonly own: Node;
}

/**
 * What `ip -j addr` tells of the interfaces that a row's packets take: where the role of an end names none, those with which the end's
 * machines share a link, and those of the link to which a rule sends the packets, which leave by no interface of the row's then (the route is looked
 * up behind PREROUTING: net/ipv4/ip_input.c, ip_rcv_finish_core; of what the host sends the chains of output see the first route's, see
 * required/behind-output.ts). "Any" and the Internet are everybody, wherever they come from.
 */
function ofLinks(view: FamilyView, row: ResolvedRow): readonly OfLink[] {
  if (view.isCloudOnly || linksOf(view).length === 0) return [];
  return kept(
    kept(OF_LINKS, view, () => new WeakMap()),
    row,
    () => newOfLinks(view, row),
  );
}

function newOfLinks(view: FamilyView, row: ResolvedRow): readonly OfLink[] {
  const sent = row.direction === 'forward' && row.states.includes('new') ? sentOnwards(view) : [];
  const ends = endsOf(row).interfaces.filter(
    ({ party }) => party.binding === 'bound' && party.interfaces.length === 0,
  );
  const has = (one: 'in' | 'out'): boolean => ends.some(({ field }) => field === one);
  const out = (): OfLink => {
    const near = neighbours(view, 'out');
    return row.direction === 'forward' ? apartFrom(view, near, translated(view)) : near;
  };
  // Where packets are sent may depend on the interface by which they come.
  return [...(has('in') ? [neighbours(view, 'in')] : []), ...sent, ...(has('out') ? [out()] : [])];
}

/** Packets from or to machines of all of the host's links. */
function neighbours(view: FamilyView, field: 'in' | 'out'): OfLink {
  const known = kept(NEIGHBOURS, view, (): { in?: OfLink; out?: OfLink } => ({}));
  known[field] ??= newNeighbours(view, field);
  return known[field];
}

function newNeighbours(view: FamilyView, field: 'in' | 'out'): OfLink {
  const { diagram } = view;
  const links = linksOf(view).map(({ lo, hi, interfaces }) => ({
    there: view.field(field === 'in' ? 'src' : 'dst', inFamily(view.family, lo, hi)),
    by: named(view, field, interfaces),
  }));
  return {
    field,
    packets: diagram.orAll(links.map(({ there }) => there)),
    own: diagram.orAll(links.map(({ there, by }) => diagram.and(there, by))),
  };
}

function apartFrom({ diagram }: FamilyView, { field, packets, own }: OfLink, others: Node): OfLink {
  return { field, packets: diagram.difference(packets, others), own: diagram.difference(own, others) };
}

function sentOnwards(view: FamilyView): readonly OfLink[] {
  const { translated: part } = view.hook('forward');
  return sentToLinks(view, part).map(({ link, packets: some }): OfLink => {
    const packets = view.project(some, ['out']);
    return { field: 'out', packets, own: view.diagram.and(packets, named(view, 'out', link.interfaces)) };
  });
}

/** Packets that are forwarded and that rules send to another address than the row's. */
function translated(view: FamilyView): Node {
  const { flows } = view.hook('forward').translated;
  if (flows.length === 0) return NONE;
  const moved = visible(view.diagram, view.diagram.orAll(flows.map(({ set }) => set)));
  return view.project(moved, ['out']);
}

/** What a row needs, by the interfaces that its packets take. */
export function byLinks<N extends NeededPackets>(view: FamilyView, row: ResolvedRow, need: N): N {
  const links = ofLinks(view, row);
  if (links.length === 0) return need;
  // Where one interface is enough, all of them are in the set.
  const named = links.filter(({ field }) => !need.project.includes(field));
  return { ...need, within: moved(view, need.within, links), set: moved(view, need.set, named) };
}

function moved(view: FamilyView, set: Node, links: readonly OfLink[]): Node {
  const { diagram } = view;
  return links.reduce((node, { field, packets, own }) => {
    const here = diagram.and(node, packets);
    if (here === NONE) return node;
    const there = diagram.and(view.project(here, [field]), own);
    return diagram.or(diagram.difference(node, packets), there);
  }, set);
}

/**
 * What can pass, as somebody may route packets by other interfaces than those of their links: by those that the host has, but for the
 * loopback interface, by which no other machine's packets come.
 */
export function perhapsRouted(view: FamilyView, row: ResolvedRow, may: Node): Node {
  const { diagram } = view;
  return ofLinks(view, row).reduce((found, { field, packets }) => {
    const passing = view.all(found, packets, byOthers(view, field));
    return passing === NONE ? found : diagram.or(found, view.project(passing, [field]));
  }, may);
}

const OF_LINKS = new WeakMap<FamilyView, WeakMap<ResolvedRow, readonly OfLink[]>>();
const NEIGHBOURS = new WeakMap<FamilyView, { in?: OfLink; out?: OfLink }>();
