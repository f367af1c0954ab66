import {
  ADDRESSES_FIRST,
  DESTINATION_FIRST,
  type Layout,
  PORTS_BEFORE_INTERFACES,
  PORTS_FIRST,
} from '../../packet/layout.ts';
import type { AddressNumbering } from '../../packet/numbering.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { interfaceCrossing } from '../conditions/interface-crossing.ts';
import { type Alike, alikeRules, NARROW } from './alike-rules.ts';
import { RepeatedLists, type Slot } from './repeated-lists.ts';

/** A rule set that would make fewer nodes than this can have any order. */
const FEW = 1e6;
/** So many edges, which interfaces make that rules leave out, can stand in any order. */
const FEW_EDGES = 2.5e5;
/** Where rules are about addresses or members of groups, each address crosses each group: as many nodes for each that is estimated. */
const CROSSED_WITH_GROUPS = 8;
/** So many times fewer nodes must be expected before the usual order is left. */
const CLEARLY = 3;
/** A rule set that makes as many nodes for each of its cuts makes few. */
const AS_MUCH = 4;

/**
 * The order of fields in which the rules' sets stay small. To what {@link crossing} estimates come long lists that many rules
 * repeat. Where addresses cross little, interfaces may: see {@link interfaceCrossing}.
 *
 * @param numbering other numbers for addresses, where the diagram is to have them
 */
export function layoutFor(ruleset: Ruleset, numbering?: AddressNumbering): Layout {
  const repeated = new RepeatedLists(ruleset, numbering);
  const usual = repeated.nodes(USUAL.order);
  const groups = alikeRules(ruleset, numbering);
  if (isFew(groups, usual))
    return interfaceCrossing(ruleset) > FEW_EDGES ? PORTS_BEFORE_INTERFACES : USUAL.layout;
  const least = OTHERS.map(({ layout, order }): Cost => {
    const crossed = crossing(groups, order);
    return { layout, crossed, nodes: crossed + repeated.nodes(order) };
  }).reduce((best, one) => (one.nodes < best.nodes ? one : best));
  // What seems to cross much in every order is estimated badly: rules of chains that are called for other packets never meet.
  const isBounded = least.crossed <= Math.max(FEW, AS_MUCH * ownCuts(groups));
  const isBetter = crossing(groups, USUAL.order) + usual > CLEARLY * least.nodes;
  return isBounded && isBetter ? least.layout : USUAL.layout;
}

/** Whether the usual order will do: with what crosses and what is repeated there are few nodes. */
function isFew(groups: readonly Alike[], repeated: number): boolean {
  const few = groups.some(({ isBesideGroup }) => isBesideGroup) ? FEW / CROSSED_WITH_GROUPS : FEW;
  return crossing(groups, USUAL.order) + repeated <= few;
}

/** About how many nodes a diagram with the layout has, and how many of these crossing rules make. */
interface Cost {
  readonly layout: Layout;
  readonly crossed: number;
  readonly nodes: number;
}

interface Choice {
  readonly layout: Layout;
  readonly order: readonly [Slot, Slot, Slot];
}

const USUAL: Choice = { layout: ADDRESSES_FIRST, order: ['source', 'destination', 'ports'] };
/** Of those that cost the same the first is taken. */
const OTHERS: readonly Choice[] = [
  { layout: PORTS_FIRST, order: ['ports', 'source', 'destination'] },
  { layout: DESTINATION_FIRST, order: ['destination', 'source', 'ports'] },
];

/**
 * About how many nodes a diagram of the rules can have. It cuts the values of its first slot wherever some rule does, and below each
 * piece repeats what rules say of the later slots that ask little of the first: all of it where the rule that cuts asks little of
 * the second slot too, and one path through it where it names a few values there.
 */
function crossing(groups: readonly Alike[], [first, second, third]: Choice['order']): number {
  const everywhere = groups.filter(({ looks }) => looks[first] !== NARROW);
  const seconds = sum(everywhere, second);
  const thirds = sum(
    everywhere.filter(({ looks }) => looks[second] !== NARROW),
    third,
  );
  const below = seconds * thirds + seconds + sum(everywhere, third);
  const whole = groups.filter(({ looks }) => looks[second] !== NARROW);
  const paths = groups.filter(({ looks }) => looks[second] === NARROW);
  return (sum(whole, first) + 1) * below + sum(paths, first) * (seconds + thirds) + ownCuts(groups);
}

function ownCuts(groups: readonly Alike[]): number {
  return sum(groups, 'source') + sum(groups, 'destination') + sum(groups, 'ports');
}

/** How many places there are at which the rules cut the slot. */
function sum(groups: readonly Alike[], slot: Slot): number {
  return groups.reduce((total, { cuts }) => total + cuts[slot].count, 0);
}
