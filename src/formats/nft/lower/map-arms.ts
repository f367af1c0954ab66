import { pairsOf } from '../../../packet/ranges.ts';
import { ALWAYS, allOf, anyOf, type Condition, negate } from '../../../rule/condition.ts';
import type { Element, Selector, Value, Verdict } from '../ast/ast.ts';
import { type MakeOpaque, reportBad, type TableContext } from './context.ts';
import { elementsOf, isLimited, lookup } from '../selector/lookup.ts';
import { guardOf, isStateful, isUnknown, parts } from '../selector/parts.ts';
import type { Part } from '../selector/part.ts';
import { readRanges } from '../types/read-number.ts';
import { integerType } from '../types/types.ts';
import { valueKey } from '../types/value-key.ts';
import { flippedKeys, flipOfKey } from './flipped-bounds.ts';
import { isListedWithoutNumbers } from './listed-values.ts';
import { type Before, overlappingKeys } from './overlapping-keys.ts';

type Data = Value | Verdict;

/** The keys of a map that lead to one answer. At most one arm of a map holds for a packet. */
export interface Arm<T> {
  readonly condition: Condition;
  readonly data: T;
}

/** A map that is looked up. */
export interface Arms<T> {
  /** Where the keys can be read at all. */
  readonly guard: Condition;
  readonly arms: readonly Arm<T>[];
  /** The conditions are open: which arm it is, or none, is not known. */
  readonly open: boolean;
}

/**
 * A map's elements by what they give. Keys that are not modelled make open arms: any of them, or none.
 *
 * @param accepts whether the data is of the kind that is wanted
 * @param expected what to say where it is not
 * @returns undefined where the map is wrong; that is reported
 */
export function mapArms<T extends Data>(
  key: Selector,
  data: Value,
  context: TableContext,
  open: MakeOpaque,
  accepts: (data: Data) => data is T,
  expected: string,
): Arms<T> | undefined {
  const written = allElements(data, context);
  if (written === undefined) {
    reportBad({ value: data, expected: 'a map: `{ 22 : … }` or `@name`' }, context);
    return undefined;
  }
  const flip = flipOfKey(key, data);
  const read = parts(flip?.left ?? key, context, open);
  const single = read?.length === 1 ? read[0] : undefined;
  const elements = flip && single ? flippedKeys(written, flip.right, single.leaf.type) : written;
  const limitedBy = (element: Element): boolean => isLimited(element, data, context);
  const groups = byData(elements, accepts, limitedBy);
  if ('wrong' in groups) {
    reportBad({ value: groups.wrong, expected }, context);
    return undefined;
  }
  const guard = read === undefined ? ALWAYS : guardOf(read);
  const uncertain = elementsOf(data, context) === 'uncertain';
  const lost = read !== undefined && isListedWithoutNumbers(read, elements, data, context);
  if (read !== undefined && !uncertain && !lost && !isUnknown(read)) {
    const arms = knownArms(elements, groups, read, { accepts, limitedBy, context, open });
    if (arms !== undefined) return { guard, arms, open: false };
  }
  const stateful = uncertain || isStateful(key);
  open(stateful);
  const arms = [...groups.values()].map((group) => ({
    condition: open(stateful, `giving ${dataKey(group.data)}`),
    data: group.data,
  }));
  const sure = !uncertain && coversAll(key, elements);
  return { guard, arms: sure ? oneForSure(arms) : arms, open: true };
}

/** Whether every packet has a key (`numgen inc mod 2`; what a hash is made of may not be there), and the map an answer to each. */
function coversAll(key: Selector, elements: readonly Element[]): boolean {
  if (key.kind !== 'other' || key.always === undefined || key.of !== undefined) return false;
  const { from, to } = key.always;
  const steady = elements.filter(({ times }) => times !== true);
  const ranges = readRanges(
    steady.map((element) => element.key),
    integerType(32),
  );
  return !('expected' in ranges) && pairsOf(ranges).some(([lo, hi]) => lo <= from && to <= hi);
}

/**
 * Open arms of which one is taken for sure. Each that is not taken leaves the packet to the next, so the last is taken by
 * all that are left; jumps stand behind the others, as in the rules that are made of them. What `continue` leaves comes by
 * the later arms too, so that nothing can be said there.
 */
function oneForSure<T extends Data>(arms: readonly Arm<T>[]): readonly Arm<T>[] {
  if (arms.some(({ data }) => data.kind === 'continue')) return arms;
  const jumps = arms.filter(({ data }) => data.kind === 'jump');
  const ordered = [...arms.filter(({ data }) => data.kind !== 'jump'), ...jumps];
  return ordered.map((arm, at) => (at === ordered.length - 1 ? { ...arm, condition: ALWAYS } : arm));
}

interface Group<T> {
  readonly data: T;
  readonly keys: Value[];
  /** Limits of its elements may end the rule. */
  readonly limited: boolean;
}

/** The elements whose answers are the same. */
function byData<T extends Data>(
  elements: readonly Element[],
  accepts: (data: Data) => data is T,
  limitedBy: (element: Element) => boolean,
): Map<string, Group<T>> | { readonly wrong: Value } {
  const groups = new Map<string, Group<T>>();
  for (const element of elements) {
    const { key, data } = element;
    if (data === undefined || !accepts(data)) return { wrong: key };
    const limited = limitedBy(element);
    // A default answers where no other key does, so it stands alone.
    const name = key.kind === 'any' ? '*' : `${limited ? 'limited ' : ''}${dataKey(data)}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { data, keys: [key], limited });
    else group.keys.push(key);
  }
  return groups;
}

interface Reading<T extends Data> {
  readonly accepts: (data: Data) => data is T;
  readonly limitedBy: (element: Element) => boolean;
  readonly context: TableContext;
  readonly open: MakeOpaque;
}

const UNORDERED =
  'nft 1.0.6 adds elements in another order than they stand in, where several commands add them, and the first that has a packet answers: reported as possible. Give all elements in one command';

/** The arms of a map whose keys are modelled; undefined where one of them is not. */
function knownArms<T extends Data>(
  elements: readonly Element[],
  groups: ReadonlyMap<string, Group<T>>,
  read: readonly Part[],
  { accepts, limitedBy, context, open }: Reading<T>,
): readonly Arm<T>[] | undefined {
  const conditionOf: ConditionOf = (keys) => lookup(keys, read, context, open);
  const before = overlappingKeys(elements, read, (element) =>
    context.problems.cover('approximated', element, UNORDERED),
  );
  if (before?.size === 0) return exactArms(groups, [], conditionOf, open);
  const own = before && overlappingArms(before, accepts, limitedBy, conditionOf);
  const others = elements.filter((element) => before?.has(element) !== true);
  const rest = byData(others, accepts, limitedBy);
  return own && !('wrong' in rest) ? exactArms(rest, own, conditionOf, open) : undefined;
}

type ConditionOf = (keys: readonly Value[]) => Condition | undefined;

/** Keys that overlap others before them, each without what those have. */
function overlappingArms<T extends Data>(
  before: Before,
  accepts: (data: Data) => data is T,
  limitedBy: (element: Element) => boolean,
  conditionOf: ConditionOf,
): readonly (readonly [Condition, Group<T>])[] | undefined {
  const arms: (readonly [Condition, Group<T>])[] = [];
  for (const [element, earlier] of before) {
    const { data, key } = element;
    if (data === undefined || !accepts(data)) continue;
    const [own, taken] = [conditionOf([key]), conditionOf(earlier.map((one) => one.key))];
    if (own === undefined || taken === undefined) return undefined;
    arms.push([allOf([own, negate(taken)]), { data, keys: [key], limited: limitedBy(element) }]);
  }
  return arms;
}

function exactArms<T extends Data>(
  groups: ReadonlyMap<string, Group<T>>,
  overlapping: readonly (readonly [Condition, Group<T>])[],
  conditionOf: ConditionOf,
  open: MakeOpaque,
): readonly Arm<T>[] | undefined {
  const arms: Arm<T>[] = [];
  const found: Condition[] = [];
  const armOf = (condition: Condition, { data, limited }: Group<T>): Arm<T> => {
    if (!limited) return { condition, data };
    open(true);
    return { condition: allOf([condition, open(true, `giving ${dataKey(data)}`)]), data };
  };
  for (const [condition, group] of overlapping) {
    found.push(condition);
    arms.push(armOf(condition, group));
  }
  for (const [name, group] of groups) {
    if (name === '*') continue;
    const condition = conditionOf(group.keys);
    if (condition === undefined) return undefined;
    found.push(condition);
    arms.push(armOf(condition, group));
  }
  // Where a key is found the default does not answer, whatever a limit of the key's element says.
  const rest = groups.get('*');
  return rest === undefined ? arms : [...arms, armOf(negate(anyOf(found)), rest)];
}

/** Whether a named map may have other answers than those that are listed: it is filled as packets pass, or was listed without. */
export function mayHaveOthers(data: Value, { table, uncertain, unlisted }: TableContext): boolean {
  if (data.kind !== 'set-ref' || !uncertain.has(data.name)) return false;
  return unlisted.has(data.name) || table.sets.get(data.name)?.flags.has('dynamic') === true;
}

/** The elements, also of a map whose answers are open. */
function allElements(data: Value, context: TableContext): readonly Element[] | undefined {
  const elements = elementsOf(data, context);
  if (elements !== 'uncertain') return elements;
  return data.kind === 'set'
    ? data.elements
    : context.table.sets.get((data as { name: string }).name)?.elements;
}

const VERDICTS: readonly string[] = ['accept', 'drop', 'continue', 'return', 'jump', 'goto'];

/** Whether a map gives verdicts. */
export function isVerdict(data: Data): data is Verdict {
  return VERDICTS.includes(data.kind);
}

/** Whether a map gives values. */
export function isValue(data: Data): data is Value {
  return !isVerdict(data);
}

function dataKey(data: Data): string {
  if (!isVerdict(data)) return valueKey(data);
  return 'chain' in data ? `${data.kind} ${data.chain}` : data.kind;
}
