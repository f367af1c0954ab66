import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { nameRanges } from '../packet/interface-names.ts';
import { rangesNode } from '../packet/literals.ts';
import { GROUP_DESTINATIONS } from '../packet/packet.ts';
import type { HostFacts, Ruleset } from '../rule/ruleset.ts';
import { kept } from '../text/kept.ts';
import { broadcastAddresses, ownAddresses, routerAddresses } from './conditions/address-types.ts';
import { linksWith, type OwnLink, ownLinks } from './own-links.ts';
import type { Routed } from './passage.ts';
import type { Scope, Surroundings } from './scope.ts';
import type { Flow, SummaryAlgebra } from './chains/summary.ts';
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
  /** Destinations that are the host's: each of thousands of translations is held against them. */
  private readonly hosts = new Map<boolean, Node>();

  constructor(private readonly analysis: Surrounded) {}

  /** Which of the translated packets go where the scope's hook says; see docs/pipeline.md, "Where it goes". */
  routed(flows: readonly Flow[]): Routed {
    const { diagram, algebra, scope } = this.analysis;
    const toHost = scope.hook === 'input';
    const [found, gone]: [Flow[], Flow[]] = [[], []];
    for (const flow of flows) {
      const { transform } = flow;
      const there =
        transform.destination === undefined ? ALL : this.there(transform.destination.address, toHost);
      const set = there === ALL ? flow.set : diagram.and(flow.set, this.analysis.pre(there, transform));
      if (set !== NONE) found.push({ transform, set });
      if (there === ALL) continue;
      const away = diagram.and(flow.set, this.analysis.pre(diagram.not(there), transform));
      if (away !== NONE) gone.push({ transform, set: away });
    }
    if (toHost) return { flows: found, stopped: [], gone };
    const { going, stopped } = this.forwarded(found);
    return { flows: algebra.follow(going, [{ transform: FORWARDED, set: ALL }]), stopped, gone };
  }

  /** Whether all packets of the transform, which translates the destination, go where the scope's hook says. */
  goesThere(transform: Transform): boolean {
    const { diagram, scope } = this.analysis;
    const there = this.there(transform.destination?.address, scope.hook === 'input');
    return there === ALL || this.analysis.pre(diagram.not(there), transform) === NONE;
  }

  /**
   * Translated destinations with which packets go where the scope's hook says. What is translated to everybody on the link or
   * to a group stays, whether the host's addresses are known or not (net/ipv4/route.c, ip_route_input_slow).
   */
  private there(address: NonNullable<Transform['destination']>['address'], toHost: boolean): Node {
    const { diagram } = this.analysis;
    const own = this.goesToHost(address, true);
    const group = this.groupDestinations();
    if (toHost) return own === undefined ? ALL : diagram.or(own, group);
    return diagram.not(own === undefined ? group : diagram.or(own, group));
  }

  private groupDestinations(): Node {
    const { diagram, scope } = this.analysis;
    const width = scope.family === 4 ? 4 : 16;
    return rangesNode(diagram, 'dst', GROUP_DESTINATIONS[scope.family], ALL, width);
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
   * @param forwards with the anycast addresses that a host has that forwards (RFC 4291, 2.6.1)
   */
  private goesToHost(
    address: NonNullable<Transform['destination']>['address'],
    forwards: boolean,
  ): Node | undefined {
    if (address?.kind === 'local') return ALL;
    const { host } = this.analysis.ruleset;
    return host === undefined ? undefined : kept(this.hosts, forwards, () => this.hostsOwn(host, forwards));
  }

  private hostsOwn(host: HostFacts, forwards: boolean): Node {
    const { diagram, scope } = this.analysis;
    const { family } = scope;
    const width = family === 4 ? 4 : 16;
    const own = rangesNode(diagram, 'dst', ownAddresses(host, family), ALL, width);
    const more = family === 4 ? broadcastAddresses(host, family) : forwards ? routerAddresses(host) : [];
    return diagram.or(own, rangesNode(diagram, 'dst', more, ALL, width));
  }

  /**
   * A local packet with another destination is routed anew before postrouting, to the loopback interface where that is the host's, or to that
   * of its link (nf_nat_ipv4_local_fn). By which others go only the host's routes know: they are believed to go by the first route's.
   */
  routedAgain(flows: readonly Flow[]): readonly Flow[] {
    const { diagram, algebra } = this.analysis;
    const found: Flow[] = [];
    for (const flow of flows) {
      const { destination } = flow.transform;
      const own = destination === undefined ? undefined : this.goesToHost(destination.address, false);
      const perhaps = destination === undefined ? undefined : this.goesToHost(destination.address, true);
      if (own === undefined || perhaps === undefined) {
        found.push(flow);
        continue;
      }
      // To its networks' anycast addresses a packet goes either way: nobody knows whether the host forwards.
      const local = diagram.and(flow.set, this.analysis.pre(perhaps, flow.transform));
      const away = diagram.and(flow.set, this.analysis.pre(diagram.not(own), flow.transform));
      found.push(...algebra.follow([{ ...flow, set: local }], [{ transform: leavesBy('lo'), set: ALL }]));
      if (away !== NONE) found.push(...this.toLinks({ ...flow, set: away }));
    }
    return found;
  }

  /** Local packets that are sent to other machines, by the interfaces of whose links they leave. */
  private toLinks(flow: Flow): readonly Flow[] {
    const { diagram, scope } = this.analysis;
    const { some, isWhole } = this.linksReached(flow.transform);
    if (isWhole) return this.leaving(flow, ALL, leavesBy((some[0] as OwnLink).name));
    if (some.length === 0) return this.offLoopback(flow);
    const found: Flow[] = [];
    let others: Node = ALL;
    for (const { name, addresses } of some) {
      const there = rangesNode(diagram, 'dst', addresses, ALL, scope.family === 4 ? 4 : 16);
      others = diagram.difference(others, there);
      found.push(...this.leaving(flow, this.analysis.pre(there, flow.transform), leavesBy(name)));
    }
    const rest = diagram.and(flow.set, this.analysis.pre(others, flow.transform));
    return [...found, ...this.offLoopback({ ...flow, set: rest })];
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

/** Of more interfaces none is told apart from the others. */
const MOST_INTERFACES = 16;
const BY_ANY = new Transform({ forgotten: new Set(['out']) });

/** Packets with hops to go, sent to this host by the link or to a group. */
export function forwardable(diagram: Diagram, family: 4 | 6): Node {
  const groups = rangesNode(diagram, 'dst', GROUP_DESTINATIONS[family], ALL, family === 4 ? 4 : 16);
  const here = diagram.or(rangesNode(diagram, 'pkttype', [0, 0], ALL), groups);
  return diagram.and(rangesNode(diagram, 'ttl', [2, 255], ALL), here);
}
