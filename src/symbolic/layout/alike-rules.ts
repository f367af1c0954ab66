import type { AddressNumbering } from '../../packet/numbering.ts';
import type { Ranges } from '../../packet/ranges.ts';
import type { Action } from '../../rule/action.ts';
import { type AddressCondition, type Condition, conjuncts } from '../../rule/condition.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { PORTS } from '../conditions/interface-crossing.ts';
import { LONG } from './list-sizes.ts';
import { endOf, type Slot } from './repeated-lists.ts';

/** How a rule looks at a slot: not at all, for few of its values, or for most of them. */
const NOT = 0;
export const NARROW = 1;
const WIDE = 2;
type Look = typeof NOT | typeof NARROW | typeof WIDE;

type Values = Ranges<number> | Ranges<bigint>;

/** Where rules cut the values of a slot: each bound counts once, and a list that is known need not be read again. */
class Cuts {
  private readonly bounds = new Set<number | bigint>();
  private readonly lists = new WeakSet<object>();

  get count(): number {
    return this.bounds.size;
  }

  add(values: Values): void {
    if (values.length > 2) {
      if (this.lists.has(values)) return;
      this.lists.add(values);
    }
    for (let i = 0; i < values.length; i++) this.bounds.add(values[i] as number | bigint);
  }
}

/** Rules that look at the same slots in the same way, and where they cut these. */
export interface Alike {
  readonly looks: Readonly<Record<Slot, Look>>;
  readonly cuts: Readonly<Record<Slot, Cuts>>;
  readonly isBesideGroup: boolean;
}

/** The rules by how they look at the slots. */
export function alikeRules(ruleset: Ruleset, numbering: AddressNumbering | undefined): readonly Alike[] {
  const groups = new Map<number, Alike>();
  const add = (demand: Demand): void => {
    const { source, destination, ports, isBesideGroup } = demand;
    const key = ((source * 3 + destination) * 3 + ports) * 2 + Number(isBesideGroup);
    let group = groups.get(key);
    if (group === undefined) {
      const cuts = { source: new Cuts(), destination: new Cuts(), ports: new Cuts() };
      group = { looks: { source, destination, ports }, cuts, isBesideGroup };
      groups.set(key, group);
    }
    demand.cut(group.cuts);
  };
  const isAsked = asksOfTranslation(ruleset);
  for (const { rules } of ruleset.chains)
    for (const { match, actions } of rules) {
      const demand = demandOf(match, numbering);
      add(demand);
      const target = isAsked ? targetOf(actions) : undefined;
      if (target === undefined) continue;
      demand.destination = NARROW;
      demand.name('destination', numbersOf(addressesOf(target), numbering));
      add(demand);
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
class Demand {
  source: Look = NOT;
  destination: Look = NOT;
  ports: Look = NOT;
  /** It asks for addresses, or for members of a group, who may have any. */
  isBesideGroup = false;
  /** Slots and the values that are asked for there, by turns. */
  private readonly named: (Slot | Values)[] = [];

  look(slot: Slot, as: Look): void {
    if (this[slot] !== NARROW && as !== NOT) this[slot] = as;
  }

  name(slot: Slot, values: Values): void {
    this.named.push(slot, values);
  }

  nameAllOf(other: Demand): void {
    this.named.push(...other.named);
  }

  cut(cuts: Readonly<Record<Slot, Cuts>>): void {
    for (let i = 0; i < this.named.length; i += 2)
      cuts[this.named[i] as Slot].add(this.named[i + 1] as Values);
  }
}

function demandOf(match: Condition, numbering: AddressNumbering | undefined): Demand {
  const demand = new Demand();
  for (const part of conjuncts(match)) demandPart(part, demand, numbering);
  return demand;
}

/** Adds what one of several conditions asks for that all must hold. */
function demandPart(part: Condition, demand: Demand, numbering: AddressNumbering | undefined): void {
  const inner = part.kind === 'not' ? part.of : part;
  if (inner.kind === 'address') {
    const slot = endOf(inner.field);
    const numbers = numbersOf(inner, numbering);
    demand.name(slot, numbers);
    demand.look(slot, part === inner && isNarrow(inner.family, numbers) ? NARROW : WIDE);
  } else if (part.kind === 'set' || part.kind === 'address-mask' || part.kind === 'group') {
    demand.look('source', NARROW);
    demand.look('destination', NARROW);
  } else if (part.kind === 'field' && PORTS.has(part.field)) {
    demand.name('ports', part.values);
    demand.look('ports', NARROW);
  } else if (part.kind === 'or' && part.of.length <= LONG) demandAny(part.of, demand, numbering);
}

/** Adds what alternatives ask for. */
function demandAny(
  alternatives: readonly Condition[],
  demand: Demand,
  numbering: AddressNumbering | undefined,
): void {
  // A slot that one of the alternatives leaves open is open.
  const all = alternatives.map((one) => demandOf(one, numbering));
  const isBeside = hasGroupBeside(alternatives);
  if (isBeside) demand.isBesideGroup = true;
  for (const slot of ['source', 'destination', 'ports'] as const) {
    const isOpen = isBeside && slot !== 'ports';
    const alike = !isOpen && all.every((one) => one[slot] === all[0]?.[slot]);
    demand.look(slot, alike ? (all[0]?.[slot] ?? NOT) : WIDE);
  }
  for (const one of all) demand.nameAllOf(one);
}

function hasGroupBeside(alternatives: readonly Condition[]): boolean {
  return (
    alternatives.some(({ kind }) => kind === 'group') && alternatives.some(({ kind }) => kind !== 'group')
  );
}

function numbersOf({ values, family }: AddressCondition, numbering: AddressNumbering | undefined): Values {
  return numbering?.numbersOf(values, family === 4 ? 4 : 16) ?? values;
}

/** Whether the values are fewer than half of all addresses. */
function isNarrow(family: 4 | 6, values: readonly (number | bigint)[]): boolean {
  let count = 0;
  for (let i = 0; i < values.length; i += 2) count += Number(values[i + 1]) - Number(values[i]) + 1;
  return count < 2 ** (family === 4 ? 31 : 127);
}
