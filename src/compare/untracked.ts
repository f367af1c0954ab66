import type { ResolvedRow } from '../baseline/model.ts';
import { type Node, NONE } from '../packet/diagram.ts';
import { visible } from '../symbolic/bounds.ts';
import { mirrored } from './mirror.ts';
import type { RowSets } from './row-sets.ts';
import type { FlowHook, HookView } from './hook-view.ts';
import type { FamilyView } from './view.ts';

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
   * What rows about untracked packets document, and replies to documented connections, which arrive as first packets do.
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
    if (untracked === NONE) return NONE;
    const answered = this.rowsOf(OPPOSITE[hook], 'new');
    const named = this.rowsOf(DIRECTION[hook], 'untracked');
    return diagram.and(
      untracked,
      diagram.orAll([
        ...answered.map((row) => mirrored(this.view, this.sets.documented(row))),
        ...named.map((row) => this.sets.documented(row)),
      ]),
    );
  }

  private rowsOf(direction: ResolvedRow['direction'], state: ResolvedRow['states'][number]): ResolvedRow[] {
    return this.rows.filter((row) => row.direction === direction && row.states.includes(state));
  }
}
