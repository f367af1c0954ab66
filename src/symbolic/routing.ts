import { ALL, type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { rangesNode } from '../packet/literals.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { broadcastAddresses, ownAddresses, routerAddresses } from './address-types.ts';
import type { Scope } from './scope.ts';
import type { Flow, SummaryAlgebra } from './summary.ts';
import { FORWARDED, LEAVES_BY_LOOPBACK, type Transform } from './transform.ts';

/** What of an analysis routing depends on. */
interface Surrounded {
  readonly diagram: Diagram;
  readonly algebra: SummaryAlgebra;
  readonly scope: Scope;
  readonly ruleset: Ruleset;
  pre(node: Node, transform: Transform): Node;
}

/** Sends packets where the host's routing does, after prerouting and after output. */
export class Router {
  constructor(private readonly analysis: Surrounded) {}

  /** Which of the translated packets go where the scope's hook says; see docs/pipeline.md, "Where it goes". */
  routed(flows: readonly Flow[]): readonly Flow[] {
    const { diagram, algebra, scope } = this.analysis;
    const toHost = scope.hook === 'input';
    const found: Flow[] = [];
    for (const flow of flows) {
      const { destination } = flow.transform;
      const own = destination === undefined ? undefined : this.goesToHost(destination.address, true);
      if (own === undefined) found.push(flow);
      else {
        const set = diagram.and(flow.set, this.analysis.pre(toHost ? own : diagram.not(own), flow.transform));
        if (set !== NONE) found.push({ transform: flow.transform, set });
      }
    }
    return toHost ? found : algebra.follow(found, [{ transform: FORWARDED, set: ALL }]);
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
    const { diagram, ruleset, scope } = this.analysis;
    const { host } = ruleset;
    if (host === undefined) return undefined;
    const { family } = scope;
    const width = family === 4 ? 4 : 16;
    const own = rangesNode(diagram, 'dst', ownAddresses(host, family), ALL, width);
    const more = family === 4 ? broadcastAddresses(host, family) : forwards ? routerAddresses(host) : [];
    return diagram.or(own, rangesNode(diagram, 'dst', more, ALL, width));
  }

  /** A redirected local packet is routed anew before postrouting, to the loopback interface (nf_nat_ipv4_local_fn). */
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
      found.push(...algebra.follow([{ ...flow, set: local }], [{ transform: LEAVES_BY_LOOPBACK, set: ALL }]));
      if (away !== NONE) found.push({ ...flow, set: away });
    }
    return found;
  }
}
