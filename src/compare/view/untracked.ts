import type { ResolvedRow } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { ICMP_INVALID, ICMP_UNTRACKED, icmpProtocol } from '../../packet/packet.ts';
import type { Ranges } from '../../packet/ranges.ts';
import { visible } from '../../symbolic/bounds.ts';
import { mirrored } from '../half-open/mirror.ts';
import type { RowSets } from '../rows/row-sets.ts';
import type { FlowHook, HookView } from './hook-view.ts';
import type { FamilyView } from './view.ts';

/** Protocol of TCP. */
const TCP = 6;

/** The direction of the rows that are about a hook's packets. */
export const DIRECTION: Readonly<Record<FlowHook, 'in' | 'out' | 'forward'>> = {
  input: 'in',
  output: 'out',
  forward: 'forward',
};

const OPPOSITE: Readonly<Record<FlowHook, 'in' | 'out' | 'forward'>> = {
  input: 'out',
  output: 'in',
  forward: 'forward',
};

/** Packets that a rule keeps out of conntrack, and what of them rows document. */
export class UntrackedPackets {
  private readonly known = new Map<HookView, Node>();

  /** @param rows those that document packets of the family, in any state */
  constructor(
    private readonly view: FamilyView,
    private readonly sets: RowSets,
    private readonly rows: readonly ResolvedRow[],
  ) {}

  /**
   * What rows about untracked packets document, and replies to documented connections, which arrive as first packets do; but for TCP,
   * whose replies are told from these: a packet with SYN alone is none (RFC 9293, 3.5), whatever port it comes from.
   */
  documented(view: HookView): Node {
    let packets = this.known.get(view);
    if (packets === undefined) {
      packets = this.make(view);
      this.known.set(view, packets);
    }
    return packets;
  }

  private make({ hook, passage }: HookView): Node {
    const { diagram } = this.view;
    const flows = passage.accept.filter((flow) => flow.transform.notrack);
    const untracked = visible(diagram, diagram.orAll(flows.map((flow) => flow.set)));
    const alone = this.neverNew(DIRECTION[hook], untracked);
    if (untracked === NONE) return alone;
    const answered = this.rowsOf(OPPOSITE[hook], 'new');
    const named = this.rowsOf(DIRECTION[hook], 'untracked');
    const kept = diagram.and(
      untracked,
      diagram.orAll([
        diagram.difference(
          diagram.orAll(answered.map((row) => mirrored(this.view, this.sets.documented(row)))),
          this.view.field('protocol', [TCP, TCP]),
        ),
        ...named.map((row) => this.sets.documented(row)),
      ]),
    );
    return diagram.or(alone, kept);
  }

  /**
   * ICMP messages that conntrack calls untracked or invalid without any rule's doing, as rows about these states document them
   * (Linux, net/netfilter/nf_conntrack_proto_icmpv6.c and nf_conntrack_proto_icmp.c): no rule can let them in as new ones.
   */
  private neverNew(direction: ResolvedRow['direction'], untracked: Node): Node {
    const { diagram, family } = this.view;
    const number = icmpProtocol(family);
    const icmp = this.view.field('protocol', [number, number]);
    const of = (state: 'untracked' | 'invalid', types: Ranges): Node => {
      const sets = this.rowsOf(direction, state).map((row) => this.sets.documented(row));
      return sets.length === 0 || types.length === 0
        ? NONE
        : this.view.all(icmp, this.view.field('icmpType', types), diagram.orAll(sets));
    };
    const invalid = diagram.difference(of('invalid', ICMP_INVALID[family]), untracked);
    return diagram.or(of('untracked', ICMP_UNTRACKED[family]), invalid);
  }

  private rowsOf(direction: ResolvedRow['direction'], state: ResolvedRow['states'][number]): ResolvedRow[] {
    return this.rows.filter((row) => row.direction === direction && row.states.includes(state));
  }
}
