import type { AddressNumbering } from '../../packet/numbering.ts';
import { type AddressCondition, type Condition, conjuncts } from '../../rule/condition.ts';
import type { NamedSet } from '../../rule/named-set.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { kept } from '../../text/kept.ts';
import { identityOf, LONG, listKey, listNodes } from './list-sizes.ts';

/** Fields that stand together in every order of a diagram's fields. */
export type Slot = 'source' | 'destination' | 'ports';
export type End = Exclude<Slot, 'ports'>;

/** The end that a field of addresses is about. */
export const endOf = (field: AddressCondition['field']): End =>
  field === 'src' || field === 'origSrc' ? 'source' : 'destination';

/** What a condition says of some slots: a text or a number for it, and about how many nodes it takes. */
interface Demand<K extends string | number> {
  readonly slots: readonly Slot[];
  readonly key: K;
  readonly nodes: number;
}

/**
 * About how many nodes the rules' own sets take in some orders of fields. Where many rules name few long lists, each with a
 * port of its own, a diagram that begins with the ports has each list once; one that begins with the lists repeats them
 * for each rule. Only rules with a long list count.
 */
export class RepeatedLists {
  private readonly rules: readonly (readonly Demand<number>[])[];

  constructor(ruleset: Ruleset, numbering: AddressNumbering | undefined) {
    const keys = new Map<string, number>();
    const rules: (readonly Demand<number>[])[] = [];
    for (const chain of ruleset.chains)
      for (const { match } of chain.rules) {
        const parts = conjuncts(match);
        if (!parts.some((part) => isLong(part, ruleset.sets))) continue;
        const demands: Demand<number>[] = [];
        for (const part of parts) {
          const demand = demandOf(part, ruleset.sets, numbering);
          if (demand === undefined) continue;
          const { slots, key, nodes } = demand;
          demands.push({ slots, key: kept(keys, key, () => keys.size), nodes });
        }
        rules.push(demands);
      }
    this.rules = rules;
  }

  nodes(order: readonly Slot[]): number {
    const seen = new Map<number, number>();
    let total = 0;
    for (const demands of this.rules) total += ownNodes(demands, order, seen);
    return total;
  }
}

/** The nodes that no rule before has made, from the last field upwards. */
function ownNodes(
  demands: readonly Demand<number>[],
  order: readonly Slot[],
  seen: Map<number, number>,
): number {
  let below = 0;
  let made = 0;
  for (let at = order.length - 1; at >= 0; at--)
    for (const { slots, key, nodes } of demands) {
      // What is about several slots begins with the first of them.
      if (firstIn(order, slots) !== at) continue;
      const path = key * MOST_PATHS + below;
      const known = seen.get(path);
      below = known ?? seen.size + 1;
      if (known !== undefined) continue;
      seen.set(path, below);
      made += nodes;
    }
  return made;
}

/** More paths than a map can have. */
const MOST_PATHS = 2 ** 25;

/** Where the first of the slots stands. */
function firstIn(order: readonly Slot[], slots: readonly Slot[]): number {
  let first = order.length;
  for (const slot of slots) first = Math.min(first, order.indexOf(slot));
  return first;
}

type Sets = ReadonlyMap<string, NamedSet>;

function isLong(part: Condition, sets: Sets): boolean {
  switch (part.kind) {
    case 'not':
      return isLong(part.of, sets);
    case 'address':
    case 'field':
      return part.values.length > LONG;
    case 'or':
      return part.of.length > LONG;
    case 'set':
      return (sets.get(part.set)?.elements.length ?? 0) > LONG;
    default:
      return false;
  }
}

function demandOf(
  part: Condition,
  sets: Sets,
  numbering: AddressNumbering | undefined,
): Demand<string> | undefined {
  switch (part.kind) {
    case 'not': {
      const inner = demandOf(part.of, sets, numbering);
      return inner === undefined ? undefined : { ...inner, key: `!${inner.key}` };
    }
    case 'address':
    case 'field': {
      const slot = SLOTS[part.field];
      if (slot === undefined) return undefined;
      const numbers =
        part.kind === 'address' && numbering !== undefined
          ? numbering.numbersOf(part.values, part.family === 4 ? 4 : 16)
          : part.values;
      return { slots: ALONE[slot], key: `${part.field} ${listKey(part.values)}`, nodes: listNodes(numbers) };
    }
    case 'or': {
      const slots = part.of.slice(0, 1).flatMap((one) => slotsOf(one));
      return { slots, key: `or ${identityOf(part)}`, nodes: part.of.length * NODES_PER_PART };
    }
    case 'set': {
      const set = sets.get(part.set);
      const key = `set ${part.set} ${part.directions.join()} ${part.returnNomatch}`;
      return {
        slots: setSlots(part.directions, set),
        key,
        nodes: isTogether(set, numbering) ? NODES_PER_PART : (set?.elements.length ?? 0) * NODES_PER_PART,
      };
    }
    default:
      return undefined;
  }
}

/** Under other numbers the addresses of a set stand together. */
function isTogether(set: NamedSet | undefined, numbering: AddressNumbering | undefined): boolean {
  return numbering !== undefined && set?.dimensions.length === 1;
}

const ALONE: Readonly<Record<Slot, readonly Slot[]>> = {
  source: ['source'],
  destination: ['destination'],
  ports: ['ports'],
};

/** About how many nodes an element of a set takes. */
const NODES_PER_PART = 3;

const SLOTS: Readonly<Record<string, Slot>> = {
  src: 'source',
  dst: 'destination',
  sport: 'ports',
  dport: 'ports',
  icmpType: 'ports',
};

function slotsOf(part: Condition): Slot[] {
  if (part.kind === 'and') return part.of.flatMap((one) => slotsOf(one));
  const slot = part.kind === 'address' || part.kind === 'field' ? SLOTS[part.field] : undefined;
  return slot === undefined ? [] : [slot];
}

function setSlots(directions: readonly ('src' | 'dst')[], set: NamedSet | undefined): Slot[] {
  const slots = (set?.dimensions ?? []).map((dimension, at): Slot | undefined => {
    if (dimension === 'port') return 'ports';
    if (dimension !== 'ip' && dimension !== 'net') return undefined;
    return directions[at] === 'dst' ? 'destination' : 'source';
  });
  return slots.filter((slot) => slot !== undefined);
}
