import { complement, intersection, normalise, pairsOf, type Ranges, union } from '../packet/ranges.ts';
import { type Condition, conjuncts, negate } from './condition.ts';

/** Of which packets something is, as far as plain conditions tell: the values of fields, and the names of interfaces. */
export type Traffic = ReadonlyMap<string, Values>;

type Values = readonly (number | bigint | string)[];

export const ANY_TRAFFIC: Traffic = new Map();

/**
 * What of the traffic the condition holds for.
 * @param changed fields of which nothing is told, as they do not stay what they are
 */
export function trafficOf(traffic: Traffic, condition: Condition, changed: ReadonlySet<string>): Traffic {
  const found = new Map(traffic);
  const parts = conjuncts(condition).flatMap(withoutNone);
  for (const part of parts) for (const plain of plainValues(part, changed)) restrict(found, plain);
  for (const part of parts)
    if (part.kind === 'or') for (const values of anyOfThem(found, part.of, changed)) restrict(found, values);
  return found;
}

/** What is none of several is not each of them. */
const withoutNone = (part: Condition): readonly Condition[] =>
  part.kind === 'not' && part.of.kind === 'or' ? part.of.of.map(negate) : [part];

/** Whether no packet is of both. */
export function isApart(one: Traffic, other: Traffic): boolean {
  for (const [key, values] of one) {
    const others = other.get(key);
    if (others !== undefined && shared(key, values, others).length === 0) return true;
  }
  return isNone(one) || isNone(other);
}

/** What any of the traffics may have, which each tells something about. */
export function allTraffic([first = ANY_TRAFFIC, ...rest]: readonly Traffic[]): Traffic {
  const all = new Map<string, Values>();
  for (const key of first.keys()) {
    const lists = [first, ...rest].map((traffic) => traffic.get(key));
    const told = lists.flatMap((values) => (values === undefined ? [] : [values]));
    if (told.length < lists.length) continue;
    const asPairs = (): Values => normalise(told.flatMap((values) => pairsOf(values as Ranges<number>)));
    all.set(key, isName(key) ? told.flat() : asPairs());
  }
  return all;
}

const isNone = (traffic: Traffic): boolean => [...traffic.values()].some((values) => values.length === 0);

type Entry = readonly [key: string, values: Values];

function plainValues(condition: Condition, changed: ReadonlySet<string>): readonly Entry[] {
  if (condition.kind === 'address') {
    const { field, family, values } = condition;
    return [
      ['family', [family, family]],
      ...(changed.has(field) ? [] : [[`${field} ${family}`, values] as const]),
    ];
  }
  // Every packet has a protocol, so that what is not of one is of others.
  if (condition.kind === 'not' && condition.of.kind === 'field' && condition.of.field === 'protocol')
    return changed.has('protocol') ? [] : [['protocol', complement(condition.of.values, 0, 255)]];
  if (condition.kind === 'field')
    return changed.has(condition.field) ? [] : [[condition.field, condition.values]];
  if (condition.kind !== 'interface' || condition.names.some(({ prefix }) => prefix)) return [];
  return [[condition.field, condition.names.map(({ name }) => name)]];
}

/** What all of the conditions tell something about that can hold for the traffic. */
function anyOfThem(
  traffic: Traffic,
  of: readonly Condition[],
  changed: ReadonlySet<string>,
): readonly Entry[] {
  const [first, ...others] = of.map((one) => trafficOf(traffic, one, changed)).filter((one) => !isNone(one));
  if (first === undefined) return [['family', []]];
  return [...first].flatMap(([key, values]): Entry[] => {
    const rest = others.map((other) => other.get(key));
    const all = rest.reduce<Values | undefined>(
      (some, more) => some && more && united(key, some, more),
      values,
    );
    return all === undefined ? [] : [[key, all]];
  });
}

function restrict(found: Map<string, Values>, [key, values]: Entry): void {
  const before = found.get(key);
  found.set(key, before === undefined ? values : shared(key, before, values));
}

const isName = (key: string): boolean => key === 'in' || key === 'out';

function shared(key: string, one: Values, other: Values): Values {
  if (isName(key)) return one.filter((name) => other.includes(name));
  return intersection(one as Ranges<number>, other as Ranges<number>);
}

function united(key: string, one: Values, other: Values): Values {
  return isName(key) ? [...one, ...other] : union(one as Ranges<number>, other as Ranges<number>);
}
