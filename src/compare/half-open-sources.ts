import { isLinkLocalIPv6 } from '../packet/address.ts';
import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import type { DiagramField } from '../packet/layout.ts';
import { normalise } from '../packet/ranges.ts';
import { inSeveral } from '../packet/relations.ts';
import type { BaseChain, Chain, Ruleset } from '../rule/ruleset.ts';
import type { Analysis, Passage } from '../symbolic/analysis.ts';
import { boundsOf, usualPackets, visible, visibleOf } from '../symbolic/bounds.ts';
import type { Changed } from '../symbolic/scope.ts';
import type { Flow } from '../symbolic/summary.ts';
import type { Translation } from '../symbolic/transform.ts';
import { inFamily } from '../symbolic/translation-preimage.ts';
import { groupBy } from '../text/group-by.ts';
import { kept } from '../text/kept.ts';
import type { FlowHook } from './hook-view.ts';
import { keptSources, ported } from './kept-sources.ts';
import { mirrored } from './mirror.ts';
import { listedAddresses } from './parties.ts';
import { FamilyView, SYN_ACK } from './view.ts';

/**
 * Replies to packets whose source a rule translates are sent to the address that it gave them. The nat table's place in prerouting
 * (-100, net/netfilter/nf_nat_core.c, nf_nat_packet) gives them their own destination again: chains before it see the one, chains
 * behind it the other. A filter of the raw table against private addresses from outside sees none of them.
 */
export interface FromSource {
  readonly packets: Node;
  /** What the source becomes; undefined: it stays, or chance decides, or it makes no difference. */
  readonly source: Translation | undefined;
}

/** Whether a base chain comes before destinations are translated. */
function isEarly({ hook, priority, type }: BaseChain): boolean {
  return hook === 'ingress' || (hook === 'prerouting' && type !== 'nat' && priority < -100);
}

const decides = ({ base, rules }: Chain): boolean =>
  base !== undefined && isEarly(base) && (rules.length > 0 || base.policy === 'drop');

/** First packets that a hook forwards or the host sends, by what rules make of their source. */
export function bySource(
  view: FamilyView,
  [hook, back]: readonly [FlowHook, FlowHook],
  packets: Node,
): readonly FromSource[] {
  const whole = [{ packets, source: undefined }];
  const { ruleset, diagram } = view;
  if (hook === 'input' || !ruleset.chains.some(decides)) return whole;
  const { accept } = telling(view).hook(hook, 'new').passage;
  const moved = accept.filter(({ transform }) => transform.source !== undefined);
  if (moved.length === 0 || !changesNothing(view, back, packets)) return whole;
  const usual = usualPackets(diagram);
  const part = (flows: readonly Flow[]): Node =>
    diagram.and(packets, visibleOf(diagram, diagram.orAll(flows.map(({ set }) => set)), usual));
  const groups = [...groupBy(moved, keyOf).values()].map((flows): FromSource => {
    const source = flows[0]?.transform.source;
    return { packets: diagram.difference(part(flows), staying(view, hook, source)), source };
  });
  const still = part(accept.filter(({ transform }) => transform.source === undefined));
  const twice = inSeveral(diagram, [still, ...groups.map((one) => one.packets)]);
  const sure = groups.map((one) => ({ ...one, packets: diagram.difference(one.packets, twice) }));
  const rest = diagram.difference(packets, diagram.orAll(sure.map((one) => one.packets)));
  return [...sure, { packets: rest, source: undefined }].filter((one) => one.packets !== NONE);
}

/** Packets that have a source already which the translation can give them. Of ports by chance each is looked at. */
function staying(view: FamilyView, hook: FlowHook, source: Translation | undefined): Node {
  if (source === undefined) return NONE;
  const { surely, perhaps } = keptSources(view, hook, source);
  const kept = view.diagram.or(surely, perhaps);
  return source.random === true ? view.diagram.difference(kept, ported(view)) : kept;
}

/** First packets to which rules give another source, surely and perhaps. */
export function readdressed(view: FamilyView, hook: FlowHook, packets: Node): { must: Node; may: Node } {
  const { diagram } = view;
  const { accept } = telling(view).hook(hook, 'new').passage;
  const moved: Node[] = [];
  const maybe: Node[] = [];
  const kept: Node[] = [];
  for (const { set, transform } of accept) {
    const going = diagram.and(packets, visibleOf(diagram, set, usualPackets(diagram)));
    if (going === NONE) continue;
    if (transform.source === undefined) {
      kept.push(going);
      continue;
    }
    const { surely, perhaps } = keptSources(view, hook, transform.source);
    maybe.push(diagram.difference(going, surely));
    const stays = diagram.and(going, diagram.or(surely, perhaps));
    kept.push(stays);
    moved.push(diagram.difference(going, stays));
  }
  return { must: diagram.difference(diagram.orAll(moved), diagram.orAll(kept)), may: diagram.orAll(maybe) };
}

const keyOf = ({ transform: { source } }: Flow): string =>
  JSON.stringify([source?.address, source?.port, source?.random], (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  );

/**
 * Whether the early chains only let replies to such packets pass or stop: what they do besides would have to be known behind them.
 * Marks make no difference where no chain behind asks for them, as where they choose a route (`CONNMARK --restore-mark` of hosts with
 * two providers).
 */
function changesNothing(view: FamilyView, hook: FlowHook, packets: Node): boolean {
  const { diagram } = view;
  const answer = { hook, tcpFlags: SYN_ACK };
  const analysis = replies(beforeTranslation(view), answer, 'no');
  const { asksMarks } = replies(behindTranslation(view), answer, 'no').surroundings;
  // Translations change the ends, not the protocol and the interfaces.
  const back = view.project(mirrored(view, packets), ['src', 'dst', 'sport', 'dport']);
  const isMark = (field: string): boolean => field === 'mark' || field === 'ctmark';
  return analysis.pass(diagram.and(analysis.entry(), back)).accept.every(({ transform }) => {
    const { mark, ctmark, notrack, forgotten } = transform;
    // Nothing gives what is kept out of connection tracking its destination back; see arriving().
    if (notrack) return true;
    if (![...forgotten].every(isMark)) return false;
    return !asksMarks || (mark === undefined && ctmark === undefined && forgotten.size === 0);
  });
}

const replies = (view: FamilyView, { hook, tcpFlags }: SentBack, changed: Changed): Analysis =>
  view.analysis(hook, 'established', tcpFlags, false, changed);

/** Which packets are sent back, and to which hook. */
export interface SentBack {
  readonly hook: FlowHook;
  readonly tcpFlags: number;
}

/** What becomes of replies before their destination is translated back. */
export interface Arriving {
  /** Replies, as they are behind the translation, that surely stop, and that perhaps do. */
  readonly stopped: Node;
  readonly doubtful: Node;
  /** All of them as they arrive. */
  readonly asTheyArrive: Node;
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
  const analysis = replies(beforeTranslation(view), back, changed);
  const entry = diagram.and(analysis.entry(), sent);
  const { must, may } = boundsOf(diagram, lostApart(diagram, analysis.pass(entry)));
  const known = visible(diagram, view.project(entry, ['state']));
  const some = (node: Node): Node => view.project(diagram.and(known, node), fields);
  const passing = some(may);
  // Which of its addresses the host takes nobody knows: one from which replies come back is enough.
  const isAny = address?.kind !== 'range';
  const surely = isAny ? view.project(diagram.and(known, must), anyAddress) : must;
  const failing = some(diagram.not(surely));
  const all = diagram.and(answers, some(ALL));
  return {
    stopped: diagram.difference(all, passing),
    doubtful: view.all(all, passing, failing),
    asTheyArrive: known,
  };
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
  const known = (ruleset.host?.addresses ?? []).filter(
    (one) => one.family === family && !one.loopback && !(family === 6 && isLinkLocalIPv6(one.address)),
  );
  const parts = [...groupBy(known, (one) => one.interface)].map(([name, own]) => {
    const addresses = normalise(own.map(({ address }) => [address, address] as const));
    const values = family === 6 ? addresses : addresses.map(Number);
    return { on: view.named('in', [{ name, prefix: false }]), to: view.field('dst', values) };
  });
  const others = diagram.not(diagram.orAll(parts.map(({ on }) => on)));
  return diagram.orAll([
    diagram.and(others, view.field('dst', all)),
    ...parts.map(({ on, to }) => diagram.and(on, to)),
  ]);
}

const part = (
  view: FamilyView,
  known: WeakMap<FamilyView, FamilyView>,
  chains: Ruleset['chains'],
): FamilyView =>
  kept(known, view, () => new FamilyView({ ...view.ruleset, chains }, view.family, view.space));

/** The same host with the chains alone that see what arrives before its destination is translated. */
function beforeTranslation(view: FamilyView): FamilyView {
  const chains = view.ruleset.chains.filter(({ base }) => base === undefined || isEarly(base));
  return part(view, BEFORE, chains);
}

/** The same host without these chains. */
export function behindTranslation(view: FamilyView): FamilyView {
  const chains = view.ruleset.chains.filter(({ base }) => base === undefined || !isEarly(base));
  return part(view, BEHIND, chains);
}

/** The same host with last chains that look at everything: only then analyses tell what sources become. */
export function telling(view: FamilyView): FamilyView {
  const { chains } = view.ruleset;
  const [first] = chains;
  if (first === undefined) return view;
  const last = (['input', 'postrouting'] as const).map(
    (hook): Chain => ({
      id: `what sources become at ${hook}`,
      name: `what sources become at ${hook}`,
      table: first.table,
      families: [view.family],
      layer: first.layer,
      rules: [{ match: { kind: 'always' }, actions: [], origin: first.origin }],
      base: { hook, priority: 0x7fff_ffff, type: 'filter', policy: 'accept', sequence: 0 },
      origin: first.origin,
    }),
  );
  return part(view, TELLING, [...chains, ...last]);
}

const BEFORE = new WeakMap<FamilyView, FamilyView>();
const BEHIND = new WeakMap<FamilyView, FamilyView>();
const TELLING = new WeakMap<FamilyView, FamilyView>();
