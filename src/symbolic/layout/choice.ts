import {
  ADDRESSES_FIRST,
  DESTINATION_FIRST,
  type Layout,
  PORTS_BEFORE_INTERFACES,
  PORTS_FIRST,
} from '../../packet/layout.ts';
import type { AddressNumbering } from '../../packet/numbering.ts';
import type { Ranges } from '../../packet/ranges.ts';
import { type AddressCondition, type Condition, conjuncts } from '../../rule/condition.ts';
import type { Action } from '../../rule/action.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { interfaceCrossing, PORTS } from '../conditions/interface-crossing.ts';
import { LONG } from './list-sizes.ts';
import { endOf, repeatedNodes, type Slot } from './repeated-lists.ts';

/** Where rules cut the values of a field: each bound counts once, and a list that is known need not be read again. */
class Cuts {
  readonly bounds = new Set<number | bigint>();
  private readonly lists = new WeakSet<object>();

  add(values: Ranges<number> | Ranges<bigint>): void {
    if (values.length > 2) {
      if (this.lists.has(values)) return;
      this.lists.add(values);
    }
    for (const bound of values) this.bounds.add(bound);
  }
}

/** How a rule looks at a slot: not at all, for few of its values, or for most of them. */
const NOT = 0;
const NARROW = 1;
const WIDE = 2;
type Look = typeof NOT | typeof NARROW | typeof WIDE;

/** Rules that look at the same slots in the same way, and where they cut these. */
interface Alike {
  readonly looks: Readonly<Record<Slot, Look>>;
  readonly cuts: Readonly<Record<Slot, Cuts>>;
  readonly isBesideGroup: boolean;
}

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
  const groups = alikeRules(ruleset, numbering);
  const costs = (choices: readonly Choice[]): Cost[] => {
    const repeated = repeatedNodes(
      ruleset,
      choices.map(({ order }) => order),
      numbering,
    );
    return choices.map(({ layout, order }, at) => {
      const crossed = crossing(groups, order);
      return { layout, crossed, nodes: crossed + (repeated[at] as number) };
    });
  };
  const [usual] = costs([USUAL]) as [Cost];
  const few = groups.some(({ isBesideGroup }) => isBesideGroup) ? FEW / CROSSED_WITH_GROUPS : FEW;
  if (usual.nodes <= few)
    return interfaceCrossing(ruleset) > FEW_EDGES ? PORTS_BEFORE_INTERFACES : usual.layout;
  const least = costs(OTHERS).reduce((best, one) => (one.nodes < best.nodes ? one : best));
  // What seems to cross much in every order is estimated badly: rules of chains that are called for other packets never meet.
  const isSmall = least.crossed <= Math.max(FEW, AS_MUCH * ownCuts(groups));
  return isSmall && usual.nodes > CLEARLY * least.nodes ? least.layout : usual.layout;
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
  return groups.reduce((total, { cuts }) => total + cuts[slot].bounds.size, 0);
}

/** The rules by how they look at the slots. */
function alikeRules(ruleset: Ruleset, numbering: AddressNumbering | undefined): readonly Alike[] {
  const groups = new Map<number, Alike>();
  const add = ({ looks, named, isBesideGroup }: Demand): void => {
    const key = ((looks.source * 3 + looks.destination) * 3 + looks.ports) * 2 + Number(isBesideGroup);
    let group = groups.get(key);
    if (group === undefined) {
      const cuts = { source: new Cuts(), destination: new Cuts(), ports: new Cuts() };
      group = { looks, cuts, isBesideGroup };
      groups.set(key, group);
    }
    for (const [slot, values] of named) group.cuts[slot].add(values);
  };
  const isAsked = asksOfTranslation(ruleset);
  for (const { rules } of ruleset.chains)
    for (const { match, actions } of rules) {
      const demand = demandOf(match, numbering);
      add(demand);
      const target = isAsked ? targetOf(actions) : undefined;
      if (target === undefined) continue;
      const { looks, named } = demand;
      const own = addressesOf(target);
      add({
        ...demand,
        looks: { ...looks, destination: NARROW },
        named: [...named, ['destination', numbersOf(own, numbering)]],
      });
    }
  return [...groups.values()];
}

/**
 * Whether a rule asks which connections have been translated. What goes to the address that it would be translated to anyway
 * has not been (nf_nat_setup_info() of net/netfilter/nf_nat_core.c sets the status where the tuple changes), so each
 * such rule cuts the destinations, too.
 */
function asksOfTranslation({ chains }: Ruleset): boolean {
  const asks = (part: Condition): boolean =>
    part.kind === 'and' || part.kind === 'or'
      ? part.of.some(asks)
      : part.kind === 'not'
        ? asks(part.of)
        : part.kind === 'translated' && part.what === 'dnat';
  return chains.some(({ rules }) => rules.some(({ match }) => asks(match)));
}

/** The addresses that the actions send packets to. */
function targetOf(actions: readonly Action[]): { readonly lo: bigint; readonly hi: bigint } | undefined {
  for (const action of actions)
    if (action.kind === 'translate' && action.what === 'dnat' && action.address?.kind === 'range')
      return action.address;
  return undefined;
}

function addressesOf({ lo, hi }: { readonly lo: bigint; readonly hi: bigint }): AddressCondition {
  const field = 'dst';
  return hi < 2n ** 32n
    ? { kind: 'address', family: 4, field, values: [Number(lo), Number(hi)] }
    : { kind: 'address', family: 6, field, values: [lo, hi] };
}

/** What a condition asks for, as far as it matters for the order of a diagram's fields. */
interface Demand {
  readonly looks: Record<Slot, Look>;
  readonly named: (readonly [slot: Slot, values: Ranges<number> | Ranges<bigint>])[];
  /** It asks for addresses, or for members of a group, who may have any. */
  isBesideGroup: boolean;
}

const NOTHING: Readonly<Record<Slot, Look>> = { source: NOT, destination: NOT, ports: NOT };

function demandOf(match: Condition, numbering: AddressNumbering | undefined): Demand {
  const demand: Demand = { looks: { ...NOTHING }, named: [], isBesideGroup: false };
  for (const part of conjuncts(match)) demandPart(part, demand, numbering);
  return demand;
}

/** Adds what one of several conditions asks for that all must hold. */
function demandPart(part: Condition, demand: Demand, numbering: AddressNumbering | undefined): void {
  const { looks, named } = demand;
  const look = (slot: Slot, as: Look): void => {
    if (looks[slot] !== NARROW && as !== NOT) looks[slot] = as;
  };
  const inner = part.kind === 'not' ? part.of : part;
  if (inner.kind === 'address') {
    const slot = endOf(inner.field);
    const numbers = numbersOf(inner, numbering);
    named.push([slot, numbers]);
    look(slot, part === inner && isNarrow(inner.family, numbers) ? NARROW : WIDE);
  } else if (part.kind === 'set' || part.kind === 'address-mask' || part.kind === 'group') {
    look('source', NARROW);
    look('destination', NARROW);
  } else if (part.kind === 'field' && PORTS.has(part.field)) {
    named.push(['ports', part.values]);
    look('ports', NARROW);
  } else if (part.kind === 'or' && part.of.length <= LONG) {
    // A slot that one of the alternatives leaves open is open.
    const all = part.of.map((one) => demandOf(one, numbering));
    const isBeside = hasGroupBeside(part.of);
    if (isBeside) demand.isBesideGroup = true;
    for (const slot of ['source', 'destination', 'ports'] as const) {
      const isOpen = isBeside && slot !== 'ports';
      const alike = !isOpen && all.every((one) => one.looks[slot] === all[0]?.looks[slot]);
      look(slot, alike ? (all[0]?.looks[slot] ?? NOT) : WIDE);
    }
    for (const one of all) named.push(...one.named);
  }
}

function hasGroupBeside(alternatives: readonly Condition[]): boolean {
  return (
    alternatives.some(({ kind }) => kind === 'group') && alternatives.some(({ kind }) => kind !== 'group')
  );
}

function numbersOf(
  { values, family }: AddressCondition,
  numbering: AddressNumbering | undefined,
): Ranges<number> | Ranges<bigint> {
  return numbering?.numbersOf(values, family === 4 ? 4 : 16) ?? values;
}

/** Whether the values are fewer than half of all addresses. */
function isNarrow(family: 4 | 6, values: readonly (number | bigint)[]): boolean {
  let count = 0;
  for (let i = 0; i < values.length; i += 2) count += Number(values[i + 1]) - Number(values[i]) + 1;
  return count < 2 ** (family === 4 ? 31 : 127);
}
