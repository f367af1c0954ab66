import { addressBits } from '../../packet/address.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import { inSeveral } from '../../packet/relations.ts';
import { pairsOf } from '../../packet/ranges.ts';
import { interfacesOfIp } from '../../rule/ip-interfaces.ts';
import { visible } from '../../symbolic/bounds.ts';
import { type Flow, isTranslated } from '../../symbolic/chains/summary.ts';
import { type Link, linksOfHost } from '../../symbolic/own-links.ts';
import type { Translation } from '../../symbolic/translation/transform.ts';
import { inFamily } from '../../symbolic/translation/translation-preimage.ts';
import { groupBy } from '../../text/group-by.ts';
import { kept } from '../../text/kept.ts';
import type { Part } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/** What is on the links of the host's interfaces, apart from each other. */
export function linksOf(view: FamilyView): readonly Link[] {
  return kept(LINKS, view, () => linksOfHost(view.ruleset.host, view.family));
}

/** What decides where packets go whose receiver is on a link of the host's by `ip -j addr`. */
export const ROUTED =
  'whether a route sends them by another interface than that of their link, which `ip -j addr` tells';

/** What decides the same where the deployment alone says by which interface a role is reached. */
const ROUTED_OF_ROLE =
  'whether a route sends them by another interface than that to which the deployment binds their role';

/** What decides where packets go for whose receiver an interface is known. */
export const routed = ({ ruleset }: FamilyView): string =>
  ruleset.host === undefined ? ROUTED_OF_ROLE : ROUTED;

/** What {@link routed} may say. */
export const ROUTES = [ROUTED, ROUTED_OF_ROLE];

/** The link that has all addresses of a translation; undefined where these are on several, or on none that is known. */
export const linkOf = (view: FamilyView, address: Translation['address']): Link | undefined =>
  among(view, address, linksOf(view));

/** By which interfaces packets go that are translated so: by that of their link, else by that to which a role with these addresses is bound. */
const wayOf = (view: FamilyView, address: Translation['address']): Link | undefined =>
  linkOf(view, address) ?? among(view, address, view.own?.links?.() ?? []);

const knowsWays = (view: FamilyView): boolean =>
  linksOf(view).length > 0 || (view.own?.links?.() ?? []).length > 0;

function among(view: FamilyView, address: Translation['address'], links: readonly Link[]): Link | undefined {
  if (address === undefined || address.kind === 'local') return undefined;
  const bits = (1n << BigInt(addressBits(view.family))) - 1n;
  const [lo, hi] =
    address.kind === 'range'
      ? [address.lo, address.hi]
      : [address.value, address.value | (~address.mask & bits)];
  return links.find((link) => link.lo <= lo && hi <= link.hi);
}

/**
 * Packets that come from machines of the host's links by their interfaces, and those from elsewhere, by any. Where nobody gives the links, those
 * of roles that are bound to interfaces.
 */
export function fromTheirLinks(view: FamilyView): Node {
  return kept(FROM, view, () => {
    const { diagram } = view;
    const roles = linksOf(view).length > 0 ? [] : (view.own?.links?.() ?? []);
    const astray = [...linksOf(view), ...roles].map(({ lo, hi, interfaces }) =>
      diagram.difference(view.field('src', inFamily(view.family, lo, hi)), named(view, 'in', interfaces)),
    );
    return diagram.not(diagram.orAll(astray));
  });
}

/** Packets of a hook that rules send to machines of one of the host's links. */
export interface SentToLink {
  readonly link: Link;
  readonly packets: Node;
}

/** Packets of a hook that rules send to a machine of one of the host's links, by another interface. */
export function offTheirLinks(view: FamilyView, part: Part): Node {
  const { diagram } = view;
  return kept(OFF, part, () =>
    diagram.orAll(
      sentToLinks(view, part).map(({ link, packets }) =>
        diagram.difference(packets, named(view, 'out', link.interfaces)),
      ),
    ),
  );
}

/** The packets of a hook that rules surely send to one of the host's links: what chance sends here or there goes either way. */
export function sentToLinks(view: FamilyView, part: Part): readonly SentToLink[] {
  const { diagram } = view;
  return links(view, part).flatMap(({ link, packets, others }) =>
    link === undefined ? [] : [{ link, packets: diagram.difference(packets, others) }],
  );
}

/** Packets, by whatever interface, that chance sends to one of the host's links or elsewhere. */
export function sentByChance(view: FamilyView, part: Part): Node {
  return inSeveral(
    view.diagram,
    links(view, part).map(({ packets }) => view.project(packets, ['out'])),
  );
}

/** Packets, by whatever interface, that chance may send to a link by whose interface they are not among the passing ones. */
export function lostByChance(view: FamilyView, part: Part, passing: Node): Node {
  const { diagram } = view;
  const chance = sentByChance(view, part);
  if (chance === NONE) return NONE;
  const lost = links(view, part).map(({ link, packets }): Node => {
    if (link === undefined) return NONE;
    const sent = diagram.and(chance, view.project(packets, ['out']));
    const there = diagram.and(sent, named(view, 'out', link.interfaces));
    return diagram.difference(sent, view.project(diagram.and(there, passing), ['out']));
  });
  return diagram.orAll(lost);
}

/** Packets of a hook that rules send to a link, or to nobody knows where, and of all those that they send elsewhere too. */
interface Sent {
  readonly link: Link | undefined;
  readonly packets: Node;
  readonly others: Node;
}

const links = (view: FamilyView, part: Part): readonly Sent[] =>
  part.flows.length > 0 && knowsWays(view) ? kept(SENT, part, () => newLinks(view, part)) : [];

function newLinks(view: FamilyView, { flows }: Part): readonly Sent[] {
  const { diagram } = view;
  const of = (link: Link | undefined): string => link?.interfaces.join(' ') ?? '';
  const groups = groupBy(
    flows
      .filter(isTranslated)
      .map((flow) => ({ flow, link: wayOf(view, flow.transform.destination?.address) })),
    ({ link }) => of(link),
  );
  const parts = [...groups.values()].map((group) => ({
    link: group[0]?.link,
    packets: visible(diagram, diagram.orAll(group.map(({ flow }) => flow.set))),
  }));
  return parts.map(({ link, packets }) => ({
    link,
    packets,
    others: diagram.orAll(parts.filter((one) => one.link !== link).map((one) => one.packets)),
  }));
}

/** Packets by an interface of the link to which the flow's translation sends them; any, where that is not known. */
export function byItsLink(view: FamilyView, { transform: { destination } }: Flow): Node {
  const link = wayOf(view, destination?.address);
  return link === undefined ? ALL : named(view, 'out', link.interfaces);
}

/**
 * Replies to translated packets as they usually come back: from machines of the host's links by their interfaces, and from elsewhere by
 * others than those by which the first packets came. What goes back to where it came from is answered past the host.
 */
export function usuallyBack(view: FamilyView, answers: Node): Node {
  const { diagram } = view;
  const names = new Map<bigint, Node>();
  for (const { out = [] } of view.space.of(answers).boxes())
    for (const [lo, hi] of pairsOf(out))
      if (lo === hi && !names.has(lo))
        names.set(lo, diagram.and(view.field('out', [lo, lo]), view.field('in', [lo, lo])));
  const known = linksOf(view).map(({ lo, hi }) => view.field('src', inFamily(view.family, lo, hi)));
  const same = diagram.difference(diagram.orAll([...names.values()]), diagram.orAll(known));
  return view.all(answers, fromTheirLinks(view), diagram.not(same));
}

/**
 * Packets by one of the interfaces that `ip -j addr` lists, and by which other machines are reached. A list without the loopback interface
 * is of some interfaces alone (`ip -j addr show eth0`), and the host may have others.
 */
export function byOthers(view: FamilyView, field: 'in' | 'out'): Node {
  const { host } = view.ruleset;
  const names = host === undefined ? [] : interfacesOfIp(host);
  const others = view.offLoopback(field);
  return names.includes('lo') ? view.diagram.and(others, named(view, field, names)) : others;
}

/** Packets by one of the interfaces. */
export const named = (view: FamilyView, field: 'in' | 'out', names: readonly string[]): Node =>
  view.named(
    field,
    names.map((name) => ({ name, prefix: false })),
  );

const OFF = new WeakMap<Part, Node>();
const SENT = new WeakMap<Part, readonly Sent[]>();
const LINKS = new WeakMap<FamilyView, readonly Link[]>();
const FROM = new WeakMap<FamilyView, Node>();
