import { addressBits } from '../../packet/address.ts';
import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import type { HostAddress } from '../../rule/ruleset.ts';
import type { Passage } from '../../symbolic/analysis.ts';
import { boundsOf, visible } from '../../symbolic/bounds.ts';
import type { Changed } from '../../symbolic/scope.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import type { Translation } from '../../symbolic/translation/transform.ts';
import { inFamily } from '../../symbolic/translation/translation-preimage.ts';
import { groupBy } from '../../text/group-by.ts';
import { answersAt, beforeTranslation, type SentBack } from './sources.ts';
import { ported } from './kept-sources.ts';
import { networkOf } from '../../symbolic/own-links.ts';
import { named } from '../addresses/links.ts';
import { listedAddresses } from '../rows/parties.ts';
import type { FamilyView } from '../view/view.ts';
import { addressSet, wideAddresses } from '../addresses/wide-addresses.ts';

/** What becomes of replies before their destination is translated back. */
export interface Arriving {
  /** Replies, as they are behind the translation, that surely stop, and that perhaps do. */
  readonly stopped: Node;
  readonly doubtful: Node;
  /** All of them as they arrive. */
  readonly asTheyArrive: Node;
  /** Those of them that do not surely pass. */
  readonly failing: Node;
}

/** @param answers replies with the destination that the translation gives them back */
export function arriving(
  view: FamilyView,
  answers: Node,
  source: Translation,
  sent: SentBack,
  changed: Changed,
): Arriving {
  const { diagram } = view;
  const parts = byPort(view, answers, source).map(([some, to]) => arrivingAt(view, some, to, sent, changed));
  const all = (of: (one: Arriving) => Node): Node => diagram.orAll(parts.map(of));
  return {
    stopped: all((one) => one.stopped),
    doubtful: all((one) => one.doubtful),
    asTheyArrive: all((one) => one.asTheyArrive),
    failing: all((one) => one.failing),
  };
}

/** Replies by the ports that chance may have given the first packets (nf_nat_core.c, nf_nat_l4proto_unique_tuple). */
function byPort(
  view: FamilyView,
  answers: Node,
  source: Translation,
): readonly (readonly [Node, Translation])[] {
  if (source.random !== true || source.port !== undefined) return [[answers, source]];
  const { diagram } = view;
  const withPorts = diagram.and(answers, ported(view));
  const classes = RANDOM_PORTS.map(({ from, to }): readonly [Node, Translation] => [
    diagram.and(withPorts, view.field('dport', from)),
    { ...source, port: { lo: to[0], hi: to[1] } },
  ]);
  const parts = [...classes, [diagram.difference(answers, withPorts), source] as const];
  return parts.filter(([packets]) => packets !== NONE);
}

const RANDOM_PORTS = [
  { from: [0, 511], to: [1, 511] },
  { from: [512, 1023], to: [600, 1023] },
  { from: [1024, 65535], to: [1024, 65535] },
] as const;

function arrivingAt(
  view: FamilyView,
  answers: Node,
  { address, port }: Translation,
  back: SentBack,
  changed: Changed,
): Arriving {
  const { diagram } = view;
  const anyAddress: readonly DiagramField[] = address === undefined ? [] : ['dst'];
  const fields: readonly DiagramField[] = [
    ...anyAddress,
    ...(port === undefined ? [] : (['dport'] as const)),
  ];
  const to = view.all(
    address?.kind === 'range' ? view.field('dst', inFamily(view.family, address.lo, address.hi)) : ALL,
    address?.kind === 'local' ? masqueraded(view) : ALL,
    port === undefined ? ALL : view.field('dport', [port.lo, port.hi]),
  );
  const sent = diagram.and(view.project(answers, fields), to);
  const analysis = answersAt(beforeTranslation(view), back, changed);
  const entry = diagram.and(analysis.entry(), sent);
  const { must, may } = boundsOf(diagram, lostApart(diagram, analysis.pass(entry)));
  const known = visible(diagram, view.project(entry, ['state']));
  const some = (node: Node): Node => view.project(diagram.and(known, node), fields);
  const passing = some(may);
  // Where nobody lists the host's addresses, one to which replies come back is enough, of those that the deployment gives it.
  const isAny = address?.kind === 'local' && listedAddresses(view.ruleset, view.family).length === 0;
  const surely = isAny ? view.project(view.all(known, must, given(view)), anyAddress) : must;
  const failing = some(diagram.not(surely));
  const all = diagram.and(answers, some(ALL));
  return {
    stopped: diagram.difference(all, passing),
    doubtful: view.all(all, passing, failing),
    asTheyArrive: known,
    failing: diagram.difference(known, must),
  };
}

/** Replies to the addresses that the deployment gives the host; all where it gives none. */
function given(view: FamilyView): Node {
  const { addresses = [] } = view.own ?? {};
  return addresses.length === 0 ? ALL : view.field('dst', addresses);
}

/** Replies that conntrack does not see stay what they are, to an address of the host that has no such connection: they are lost. */
function lostApart(diagram: Diagram, { accept, deny }: Passage): Pick<Passage, 'accept' | 'deny'> {
  const lost = accept.filter(({ transform }) => transform.notrack);
  if (lost.length === 0) return { accept, deny };
  return {
    accept: accept.filter(({ transform }) => !transform.notrack),
    deny: diagram.orAll([deny, ...lost.map(({ set }) => set)]),
  };
}

/**
 * Replies to what was masqueraded: to an address of the interface by which that left, and they come (inet_select_addr() and
 * ipv6_dev_get_saddr(); an address of the link alone is taken by what stays on the link); any of the host's, where nobody gives
 * the interface's; any at all, where nobody gives the host's.
 */
function masqueraded(view: FamilyView): Node {
  const { ruleset, family, diagram } = view;
  const all = listedAddresses(ruleset, family);
  if (all.length === 0) return ALL;
  const known = wideAddresses(ruleset, family);
  const parts = [...groupBy(known, (one) => one.interface)].map(([name, own]) => {
    const to = family === 4 ? selected(view, own) : view.field('dst', addressSet(own, family));
    return { on: view.named('in', [{ name, prefix: false }]), to };
  });
  const others = diagram.not(diagram.orAll(parts.map(({ on }) => on)));
  return diagram.orAll([
    diagram.and(others, view.field('dst', all)),
    ...parts.map(({ on, to }) => diagram.and(on, to)),
  ]);
}

/**
 * Replies by the address that inet_select_addr() takes of an interface's (net/ipv4/devinet.c): no secondary one, and the first with whose
 * network the packet's receiver is on the link. What routers pass on has that of the router's network, or else the first one: never another
 * that has no network but itself, or one that all lies in the network of one before it.
 */
function selected(view: FamilyView, own: readonly HostAddress[]): Node {
  const { diagram } = view;
  const primary = own.filter(({ secondary }) => !secondary);
  let [found, rest]: [Node, Node] = [NONE, ALL];
  const ofRouters = primary.slice(0, 1);
  for (const one of primary) {
    const { lo, hi } = networkOf(one, addressBits(4));
    const there = view.all(rest, view.field('src', inFamily(4, lo, hi)));
    found = diagram.or(found, diagram.and(there, view.field('dst', addressSet([one], 4))));
    rest = diagram.difference(rest, there);
    const isAlone = lo === hi && one.peer === undefined;
    if (there !== NONE && !isAlone && one !== primary[0]) ofRouters.push(one);
  }
  return diagram.or(found, diagram.and(rest, view.field('dst', addressSet(ofRouters, 4))));
}

/** Whether masquerading takes one of several addresses of an interface, or one that nobody lists. */
export function hasSeveral({ ruleset, family }: FamilyView, { address }: Translation): boolean {
  if (address?.kind === 'local' && listedAddresses(ruleset, family).length === 0) return true;
  const wide = wideAddresses(ruleset, family).filter(({ secondary }) => family === 6 || !secondary);
  const several = (name: string): boolean => wide.filter((one) => one.interface === name).length > 1;
  return address?.kind === 'local' && wide.some((one) => several(one.interface));
}

/**
 * Replies that surely pass, of what stays at the host: the kernel takes one of the addresses that a translation can give, so that all have
 * to work. Of a redirection where nobody gives the addresses of the interface one is enough.
 */
export function byEachAddress(view: FamilyView, { transform }: Flow, must: Node, some: Node): Node {
  if (transform.destination?.address?.kind !== 'local') return must;
  const { interfaces = [] } = view.ruleset.host ?? {};
  return view.diagram.or(must, view.diagram.difference(some, named(view, 'out', interfaces)));
}
