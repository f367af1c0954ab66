import type { ResolvedHost, ResolvedRow } from '../../baseline/model.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import type { RowSets } from '../rows/row-sets.ts';
import { asTheyArrive } from '../rows/translated-parts.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';
import type { Documented } from './excess.ts';
import { toOwnAddresses } from './judged-packets.ts';

/** What rows document of packets by the way that these go. */
export class DocumentedWays {
  private own: Node | undefined;

  /** @param portsOf the protocols and ports of rows */
  constructor(
    private readonly view: FamilyView,
    private readonly sets: RowSets,
    private readonly host: ResolvedHost,
    private readonly rows: readonly ResolvedRow[],
    private readonly portsOf: (rows: readonly ResolvedRow[]) => Node,
  ) {}

  /** The set, of packets as flows leave them, as they arrive. */
  asTheyArrived(hook: FlowHook, set: Node, flows: readonly Flow[]): Node {
    if (set === ALL || set === NONE) return set;
    return asTheyArrive(this.view, this.view.hook(hook), flows, set);
  }

  /** What rows of the directions document of packets that go one of the ways. */
  of(directions: readonly ResolvedRow['direction'][], flows: readonly Flow[]): Documented {
    const { diagram } = this.view;
    const rows = this.rows.filter((row) => directions.includes(row.direction));
    const isForward = directions.includes('forward');
    let sentAway: Node = NONE;
    const sets = rows.map((row) => {
      const documented = this.sets.documented(row);
      if (flows.length === 0) return documented;
      // What is sent on was not for the host, unless it was sent to one of its addresses.
      if (row.direction === 'in')
        return isForward ? diagram.and(documented, this.ownAddresses()) : documented;
      const hook = row.direction === 'out' ? 'output' : 'forward';
      const arrived = this.asTheyArrived(hook, documented, flows);
      const away = diagram.and(documented, this.sets.astray.sentToOthers(row, this.view.hook(hook), flows));
      sentAway = diagram.or(sentAway, away);
      const set = diagram.difference(documented, away);
      if (row.direction === 'out') return diagram.or(set, arrived);
      if (!this.sets.saysWhere(row)) return diagram.or(set, arrived);
      // Only the host's routes say by which interface leaves what a rule sends on to a party's address.
      return diagram.or(set, this.view.sentOn(arrived));
    });
    const all = diagram.orAll(sets);
    return {
      all,
      sentAway: diagram.difference(sentAway, all),
      undecided: diagram.orAll(rows.map((row) => this.sets.undecided(row))),
      rows,
      ports: this.portsOf(rows),
    };
  }

  /** Of a router with thousands of networks each way that packets go asks for them. */
  private ownAddresses(): Node {
    this.own ??= toOwnAddresses(this.view, this.host);
    return this.own;
  }
}
