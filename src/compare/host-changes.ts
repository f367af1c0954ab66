import type { ResolvedHost, ResolvedRow, RowDirection } from '../baseline/model.ts';
import type { Box } from '../finding/report.ts';
import { type Node, NONE } from '../packet/diagram.ts';
import { PacketSpace } from '../packet/set.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { shownBoxes } from './finding/boxes.ts';
import { judgedPackets } from './excess/judged-packets.ts';
import { unknownBinding } from './rows/parties.ts';
import { RowSets } from './rows/row-sets.ts';
import type { FlowHook } from './view/hook-view.ts';
import { whereDocumented } from './required/where-documented.ts';
import { FamilyView } from './view/view.ts';

/** Packets that one row is the reason to open or to close. */
export interface HostChange {
  /** `open`: needed now, and not before. `close`: documented before, and not now, or forbidden now. */
  readonly action: 'open' | 'close';
  readonly direction: RowDirection;
  readonly baseline: string;
  readonly connection: string;
  /** The row of the document. */
  readonly document: { readonly row: string; readonly text: string };
  readonly boxes: readonly Box[];
  /** One of the ports is enough. */
  readonly choice: boolean;
  /** The row forbids the packets. */
  readonly prohibited: boolean;
  /** Parties whose addresses nobody has bound: the boxes say any address for them. */
  readonly unbound: readonly string[];
}

const DIRECTIONS = ['in', 'out', 'loopback', 'forward'] as const;
const HOOK: Readonly<Record<RowDirection, FlowHook>> = {
  in: 'input',
  out: 'output',
  loopback: 'input',
  forward: 'forward',
};

/**
 * What a host's firewall has to open and to close when its baselines change: sets of packets, each packet under one row.
 *
 * @param ruleset the host's, of which only the named sets are looked at
 */
export function hostChanges(before: ResolvedHost, after: ResolvedHost, ruleset: Ruleset): HostChange[] {
  return ([4, 6] as const).flatMap((family) => {
    const view = new FamilyView(ruleset, family, new PacketSpace());
    const comparison = new Comparison(view, before, after);
    return DIRECTIONS.flatMap((direction) => [
      ...comparison.opened(direction),
      ...comparison.closed(direction),
    ]);
  });
}

/** Both states of one host in one family. */
class Comparison {
  private readonly old: Side;
  private readonly now: Side;

  constructor(
    private readonly view: FamilyView,
    before: ResolvedHost,
    after: ResolvedHost,
  ) {
    this.old = new Side(view, before);
    this.now = new Side(view, after);
  }

  opened(direction: RowDirection): HostChange[] {
    const { diagram } = this.view;
    let known: Node = NONE;
    return this.now.rows(direction, 'required').flatMap((row) => {
      const before = this.old.needed(direction, unknownRoles(this.view.ruleset, row));
      return this.now.needs(row).flatMap(({ packets, choice }) => {
        const fresh = diagram.difference(packets, diagram.or(before, known));
        // Towards somebody unknown one address is enough: that opens nothing for others.
        if (unknownRoles(this.view.ruleset, row).length === 0) known = diagram.or(known, fresh);
        return this.change('open', row, this.now.whereDocumented(row, fresh), choice);
      });
    });
  }

  closed(direction: RowDirection): HostChange[] {
    const { diagram } = this.view;
    const found: HostChange[] = [];
    const forbidden = this.old.forbidden(direction);
    let told: Node = NONE;
    for (const row of this.now.rows(direction, 'prohibited')) {
      const fresh = diagram.difference(this.now.documented(row), diagram.or(forbidden, told));
      told = diagram.or(told, fresh);
      found.push(...this.change('close', row, fresh, false));
    }
    const judged = this.now.judged(direction);
    const allowed = this.now.allowed(direction);
    for (const row of this.old.rows(direction, 'required', 'optional')) {
      const gone = diagram.difference(
        diagram.and(this.old.documented(row), judged),
        diagram.or(allowed, told),
      );
      told = diagram.or(told, gone);
      found.push(...this.change('close', row, gone, false));
    }
    return found;
  }

  private change(
    action: HostChange['action'],
    row: ResolvedRow,
    packets: Node,
    choice: boolean,
  ): HostChange[] {
    if (packets === NONE) return [];
    return [
      {
        action,
        direction: row.direction,
        baseline: row.baseline,
        connection: row.id,
        document: row.document,
        boxes: shownBoxes(this.view, this.view.space.of(packets), HOOK[row.direction]),
        choice,
        prohibited: row.level === 'prohibited',
        unbound: unknownRoles(this.view.ruleset, row),
      },
    ];
  }
}

/** Roles at the ends of the row whose addresses nobody has given. */
function unknownRoles(ruleset: Ruleset, row: ResolvedRow): string[] {
  const unbound = [row.source, row.destination].filter(({ binding }) => binding === 'unbound');
  const unknown = unknownBinding(ruleset, row);
  return [...new Set([...unbound.map(({ role }) => role), ...(unknown === undefined ? [] : [unknown.role])])];
}

interface Needed {
  readonly packets: Node;
  readonly choice: boolean;
}

/** What the baselines of one state ask of the host. */
class Side {
  readonly sets: RowSets;

  constructor(
    readonly view: FamilyView,
    private readonly host: ResolvedHost,
  ) {
    this.sets = new RowSets(view, host);
  }

  rows(direction: RowDirection, ...levels: readonly ResolvedRow['level'][]): ResolvedRow[] {
    return this.host.baselines
      .flatMap(({ rows }) => rows)
      .filter(
        (row) =>
          row.direction === direction &&
          levels.includes(row.level) &&
          row.status !== 'not-applicable' &&
          row.states.includes('new') &&
          this.sets.concerns(row),
      );
  }

  needs(row: ResolvedRow): Needed[] {
    return this.sets.needs(row).map(({ set, within, project }) => ({
      packets: this.view.diagram.and(set, within),
      choice: project.includes('dport'),
    }));
  }

  documented(row: ResolvedRow): Node {
    return this.sets.documented(row);
  }

  whereDocumented(row: ResolvedRow, packets: Node): Node {
    return whereDocumented(this, row, packets);
  }

  /** @param unbound rows toward other unknown parties than these open nothing for sure */
  needed(direction: RowDirection, unbound: readonly string[]): Node {
    const rows = this.rows(direction, 'required').filter((row) =>
      unknownRoles(this.view.ruleset, row).every((role) => unbound.includes(role)),
    );
    return this.view.diagram.orAll(rows.flatMap((row) => this.needs(row).map(({ packets }) => packets)));
  }

  allowed(direction: RowDirection): Node {
    const rows = this.rows(direction, 'required', 'optional');
    return this.view.diagram.orAll(rows.map((row) => this.documented(row)));
  }

  forbidden(direction: RowDirection): Node {
    return this.view.diagram.orAll(this.rows(direction, 'prohibited').map((row) => this.documented(row)));
  }

  /** Loopback traffic is judged only by rows about it, and so never excess. */
  judged(direction: RowDirection): Node {
    return direction === 'loopback' ? NONE : judgedPackets(this.view, this.host.baselines, direction);
  }
}
