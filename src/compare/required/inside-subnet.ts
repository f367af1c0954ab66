import type { ResolvedRow } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { boundsOfNeeds } from '../../symbolic/bounds.ts';
import { ofFamily } from '../addresses/addresses.ts';
import { neededIn, neededStates } from '../rows/needed-states.ts';
import type { Need } from '../rows/need.ts';
import { castOf } from '../rows/targets.ts';
import { FamilyView } from '../view/view.ts';

/** What chains of the lists at subnets' borders call their table. */
const SUBNET_LIST = 'network-acl';

/**
 * Where any peer will do for a row, one inside the instance's subnet is none if the lists at the subnet's border close what everything
 * else opens for peers outside: whoever the row is about, the list was not meant to leave neighbours alone.
 */
export class SubnetPeers {
  private without: FamilyView | undefined;

  constructor(private readonly view: FamilyView) {}

  /** @param passing packets that can pass */
  need(row: ResolvedRow, need: Need, passing: Node): Need {
    const { diagram, ruleset, family } = this.view;
    const values = ofFamily(ruleset.cloud?.inside, family);
    const [field, party] =
      row.direction === 'out' ? ['dst' as const, row.destination] : ['src' as const, row.source];
    if (
      values === undefined ||
      values.length === 0 ||
      row.direction === 'loopback' ||
      row.direction === 'forward'
    )
      return need;
    if (party.binding !== 'unbound' || !need.project.includes(field)) return need;
    const inside = this.view.field(field, values);
    const open = this.view.all(passing, need.within, need.existing);
    if (open === NONE || diagram.difference(open, inside) !== NONE) return need;
    const outside = diagram.difference(need.within, inside);
    return this.passesOtherwise(row, outside) ? { ...need, within: outside } : need;
  }

  /** Whether some of the packets would pass if the subnets had no lists. */
  private passesOtherwise(row: ResolvedRow, packets: Node): boolean {
    const { view } = this;
    this.without ??= new FamilyView(
      { ...view.ruleset, chains: view.ruleset.chains.filter(({ table }) => table !== SUBNET_LIST) },
      view.family,
      view.space,
    );
    const hook = row.direction === 'out' ? 'output' : 'input';
    return neededStates(row, view.family).every((state) => {
      const { bounds } = (this.without as FamilyView).hook(hook, state, undefined, castOf(row));
      const here = view.diagram.and(packets, neededIn(view, row, state));
      return here === NONE || view.diagram.and(boundsOfNeeds(bounds).may, here) !== NONE;
    });
  }
}
