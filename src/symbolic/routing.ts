import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { nameRanges } from '../packet/interface-names.ts';
import { rangesNode } from '../packet/literals.ts';
import { addressMaximum } from '../packet/address.ts';
import { GROUP_DESTINATIONS } from '../packet/packet.ts';
import { complement, normalise, type Ranges, union } from '../packet/ranges.ts';
import type { HostFacts, Ruleset } from '../rule/ruleset.ts';
import { kept } from '../text/kept.ts';
import { broadcastAddresses, ownAddresses, routerAddresses } from './conditions/address-types.ts';
import { linksWith, type OwnLink, ownLinks } from './own-links.ts';
import type { Routed } from './passage.ts';
import type { Scope, Surroundings } from './scope.ts';
import type { Flow, SummaryAlgebra } from './chains/summary.ts';
import { narrowed } from './translation/narrowed.ts';
import { Transform } from './translation/transform.ts';
import { FORWARDED, leavesBy } from './translation/transforms.ts';

/** What of an analysis routing depends on. */
interface Surrounded {
  readonly diagram: Diagram;
  readonly algebra: SummaryAlgebra;
  readonly scope: Scope;
  readonly ruleset: Ruleset;
  readonly surroundings: Surroundings;
  pre(node: Node, transform: Transform): Node;
}

/** Sends packets where the host's routing does, after prerouting and after output. */
export class Router {
  /** Destinations that are the host's, and those with which packets go where the scope's hook says: each of thousands of translations is held against them. */
  private readonly hosts = new Map<Own, Ranges<bigint>>();
  private readonly nodes = new WeakMap<Ranges<bigint>, Node>();
  private readonly others = new WeakMap<Ranges<bigint>, Ranges<bigint>>();
  private goingTo: Ranges<bigint> | undefined;

  constructor(private readonly analysis: Surrounded) {}

  /** Which of the translated packets go where the scope's hook says; see docs/pipeline.md, "Where it goes". */
  routed(flows: readonly Flow[]): Routed {
    const { diagram, algebra, scope } = this.analysis;
    const toHost = scope.hook === 'input';
    const [found, gone]: [Flow[], Flow[]] = [[], []];
    for (const flow of flows) {
      const { transform } = flow;
      const there =
        transform.destination === undefined ? EVERYWHERE : this.there(transform.destination.address, toHost);
      found.push(...this.sentTo(flow, there));
      if (there === EVERYWHERE) continue;
      const away = diagram.difference(ALL, this.node(there));
      const set = diagram.and(flow.set, this.analysis.pre(away, transform));
      if (set !== NONE) gone.push({ transform, set });
    }
    if (toHost) return { flows: found, stopped: [], gone };
    const { going, stopped } = this.forwarded(found);
    return { flows: algebra.follow(going, [{ transform: FORWARDED, set: ALL }]), stopped, gone };
  }

  /** What of the flow is sent to one of the addresses: of several that a translation may give only these are left. */
  private sentTo(flow: Flow, addresses: Destinations): readonly Flow[] {
    if (addresses === EVERYWHERE) return flow.set === NONE ? [] : [flow];
    const { diagram } = this.analysis;
    const set = diagram.and(flow.set, this.analysis.pre(this.node(addresses), flow.transform));
    return set === NONE ? [] : narrowed(flow.transform, addresses).map((transform) => ({ transform, set }));
  }

  /** Packets with one of the destinations. */
  private node(addresses: Ranges<bigint>): Node {
    return kept(this.nodes, addresses, () => {
      const { diagram, scope } = this.analysis;
      const isShort = scope.family === 4;
      const values = isShort ? (addresses.map(Number) as Ranges<number>) : addresses;
      return rangesNode(diagram, 'dst', values, ALL, isShort ? 4 : 16);
    });
  }

  /** Whether all packets of the transform, which translates the destination, go where the scope's hook says. */
  goesThere(transform: Transform): boolean {
    const { diagram, scope } = this.analysis;
    const there = this.there(transform.destination?.address, scope.hook === 'input');
    return there === EVERYWHERE || this.analysis.pre(diagram.not(this.node(there)), transform) === NONE;
  }

  /**
   * Translated destinations with which packets go where the scope's hook says. What is translated to everybody on the link or
   * to a group stays, whether the host's addresses are known or not (net/ipv4/route.c, ip_route_input_slow).
   */
  private there(address: NonNullable<Transform['destination']>['address'], toHost: boolean): Destinations {
    const own = this.goesToHost(address, 'coming in');
    if (own === EVERYWHERE) return toHost ? EVERYWHERE : NOWHERE;
    if (own === undefined && toHost) return EVERYWHERE;
    this.goingTo ??= this.newGoingTo(own ?? NOWHERE, toHost);
    return this.goingTo;
  }

  private newGoingTo(own: Ranges<bigint>, toHost: boolean): Ranges<bigint> {
    const { family } = this.analysis.scope;
    const all = union(own, wide(GROUP_DESTINATIONS[family]));
    return toHost ? all : this.allBut(all);
  }

  /**
   * The kernel drops what comes to this host only as a broadcast or multicast of the link, and what has no hops to go, before
   * the forward hook sees it (net/ipv4/ip_forward.c, ip_forward; net/ipv6/ip6_output.c, ip6_forward).
   */
  private forwarded(flows: readonly Flow[]): { going: readonly Flow[]; stopped: readonly Flow[] } {
    const { diagram, scope, surroundings } = this.analysis;
    if (scope.forwardable === true && !surroundings.asksHops) return { going: flows, stopped: [] };
    const passes = forwardable(diagram, scope.family);
    const part = (set: Node, some = flows): Flow[] =>
      some
        .map((flow) => ({ ...flow, set: diagram.and(flow.set, this.analysis.pre(set, flow.transform)) }))
        .filter((flow) => flow.set !== NONE);
    // What a rule has written another destination into, which nobody knows, may be for the host.
    const written = flows.filter(({ transform }) => transform.forgotten.has('dst'));
    const rest = written.length === 0 ? flows : flows.filter((flow) => !written.includes(flow));
    return { going: [...part(passes, rest), ...written], stopped: part(diagram.not(passes)) };
  }

  /**
   * Destinations that are the host's; undefined where its addresses are not known and the packet's hook is believed.
   */
  private goesToHost(
    address: NonNullable<Transform['destination']>['address'],
    kind: Own,
  ): Destinations | undefined {
    if (address?.kind === 'local') return EVERYWHERE;
    const { host } = this.analysis.ruleset;
    return host === undefined ? undefined : kept(this.hosts, kind, () => this.hostsOwn(host, kind));
  }

  private hostsOwn(host: HostFacts, kind: Own): Ranges<bigint> {
    const { family } = this.analysis.scope;
    const own = wide(ownAddresses(host, family));
    if (kind === 'surely') return own;
    if (family === 6) return union(own, routerAddresses(host));
    // What the host itself sends to everybody on a link leaves by that link. Tried in the kernel.
    return kind === 'perhaps' ? own : union(own, wide(broadcastAddresses(host, family)));
  }

  /**
   * A local packet with another destination is routed anew before postrouting, to the loopback interface where that is the host's, or to that
   * of its link (nf_nat_ipv4_local_fn). By which others go only the host's routes know: they are believed to go by the first route's.
   */
  routedAgain(flows: readonly Flow[]): readonly Flow[] {
    const { algebra } = this.analysis;
    const found: Flow[] = [];
    for (const flow of flows) {
      const { destination } = flow.transform;
      const own = destination === undefined ? undefined : this.goesToHost(destination.address, 'surely');
      const perhaps = destination === undefined ? undefined : this.goesToHost(destination.address, 'perhaps');
      if (own === undefined || perhaps === undefined) {
        found.push(flow);
        continue;
      }
      // To its networks' anycast addresses a packet goes either way: nobody knows whether the host forwards.
      const local = this.sentTo(flow, perhaps);
      found.push(...algebra.follow(local, [{ transform: leavesBy('lo'), set: ALL }]));
      if (own === EVERYWHERE) continue;
      for (const away of this.sentTo(flow, this.allBut(own))) found.push(...this.toLinks(away));
    }
    return found;
  }

  private allBut(some: Ranges<bigint>): Ranges<bigint> {
    return kept(this.others, some, () => complement(some, 0n, addressMaximum(this.analysis.scope.family)));
  }

  /** Local packets that are sent to other machines, by the interfaces of whose links they leave. */
  private toLinks(flow: Flow): readonly Flow[] {
    const { some, isWhole } = this.linksReached(flow.transform);
    if (isWhole) return this.leaving(flow, ALL, leavesBy((some[0] as OwnLink).name));
    if (some.length === 0) return this.offLoopback(flow);
    const found = some.flatMap(({ name, addresses }) =>
      this.sentTo(flow, addresses).flatMap((part) => this.leaving(part, ALL, leavesBy(name))),
    );
    const there = normalise(some.flatMap(({ parts }) => parts));
    return [...found, ...this.sentTo(flow, this.allBut(there)).flatMap((part) => this.offLoopback(part))];
  }

  /** The links to which a translation may send packets; of thousands most send them to one or to none. */
  private linksReached({ destination, forgotten }: Transform): ReturnType<typeof linksWith> {
    const { ruleset, scope } = this.analysis;
    const address = destination?.address;
    if (ruleset.host === undefined || address === undefined) return { some: [], isWhole: false };
    const links = ownLinks(ruleset.host, scope.family);
    if (address.kind !== 'range' || forgotten.has('dst')) return { some: links, isWhole: false };
    return linksWith(links, address.lo, address.hi);
  }

  /** What set out by the loopback interface leaves by another, nobody knows by which. */
  private offLoopback(flow: Flow): readonly Flow[] {
    const { diagram, ruleset, surroundings } = this.analysis;
    const loopback = rangesNode(diagram, 'out', nameRanges(surroundings.loopbacks), ALL);
    const isLoopback = (name: string): boolean => surroundings.loopbacks.some((one) => one.name === name);
    const stays = diagram.difference(flow.set, loopback);
    const names = (ruleset.host?.interfaces ?? []).filter((name) => !isLoopback(name));
    const ways =
      names.length > MOST_INTERFACES ? [BY_ANY] : (names.length === 0 ? [''] : names).map(leavesBy);
    return [
      ...(stays === NONE ? [] : [{ ...flow, set: stays }]),
      ...ways.flatMap((way) => this.leaving(flow, loopback, way)),
    ];
  }

  private leaving(flow: Flow, some: Node, by: Transform): readonly Flow[] {
    const { diagram, algebra } = this.analysis;
    const set = diagram.and(flow.set, some);
    return set === NONE ? [] : algebra.follow([{ ...flow, set }], [{ transform: by, set: ALL }]);
  }
}

/**
 * Destinations that are the host's: with which packets come in, and with which those that it sends come back to it, surely or where it
 * forwards and so has the anycast addresses of its networks (RFC 4291, 2.6.1).
 */
type Own = 'coming in' | 'surely' | 'perhaps';

/** Every destination, as what is the host's own wherever it is sent has it. */
const EVERYWHERE = 'everywhere';
const NOWHERE: Ranges<bigint> = [];
type Destinations = Ranges<bigint> | typeof EVERYWHERE;

const wide = (values: Ranges<number> | Ranges<bigint>): Ranges<bigint> =>
  (values as readonly (number | bigint)[]).map(BigInt);

/** Of more interfaces none is told apart from the others. */
const MOST_INTERFACES = 16;
const BY_ANY = new Transform({ forgotten: new Set(['out']) });

/** Packets with hops to go, sent to this host by the link or to a group. */
export function forwardable(diagram: Diagram, family: 4 | 6): Node {
  const groups = rangesNode(diagram, 'dst', GROUP_DESTINATIONS[family], ALL, family === 4 ? 4 : 16);
  const here = diagram.or(rangesNode(diagram, 'pkttype', [0, 0], ALL), groups);
  return diagram.and(rangesNode(diagram, 'ttl', [2, 255], ALL), here);
}
