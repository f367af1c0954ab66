import {
  ALWAYS,
  allOf,
  anyOf,
  type Condition,
  type InterfacePattern,
  NEVER,
  negate,
} from '../../../rule/condition.ts';
import type { Element, NamedSet, Value } from '../ast/ast.ts';
import { type MakeOpaque, reportBad, type TableContext } from '../lower/context.ts';
import type { DataType } from '../types/datatypes.ts';
import { plainMember } from './leaf.ts';
import { readPlain, readRanges } from '../types/read-number.ts';
import { ofRanges, type Part } from './part.ts';
import { valueKey } from '../types/value-key.ts';
import { kept } from '../../../text/kept.ts';

/** The elements of a set; undefined where the value is none. */
export function elementsOf(
  value: Value,
  context: TableContext,
): readonly Element[] | 'uncertain' | undefined {
  if (value.kind === 'set') return value.elements;
  if (value.kind !== 'set-ref') return undefined;
  const set = context.table.sets.get(value.name);
  if (set === undefined) {
    context.problems.error('no-such-set', value, `there is no set \`${value.name}\` in this table`, {
      expected: 'a set or map that the table defines',
    });
    return [];
  }
  if (context.uncertain.has(value.name)) return 'uncertain';
  if (set.elements.length === 0) tellEmpty(set, context);
  return set.elements;
}

/**
 * `nft -t` lists sets without their elements, and nothing else says so: where no set of a table is declared with any, that is
 * told. Commands behind such a listing may have added some.
 */
function tellEmpty(set: NamedSet, { table, problems }: TableContext): void {
  for (const { listed } of table.sets.values()) if (listed === true) return;
  problems.cover(
    'approximated',
    { start: set.start, end: Math.min(set.end, set.start + 200) },
    `no packet is in the set \`${set.name}\`, which is empty here; a listing by \`nft -t\` leaves the elements of all sets out`,
  );
}

/**
 * Whether an element has a limit, a quota or a count of connections: it is evaluated when the element is found, and may end the rule
 * (net/netfilter/nft_lookup.c, nft_lookup_eval). Elements that say none have what their set says (nf_tables_api.c, nft_add_set_elem).
 */
export function isLimited(element: Element, set: Value, context: TableContext): boolean {
  return element.stateful || isLimitedSet(set, context);
}

const isLimitedSet = (set: Value, { table }: TableContext): boolean =>
  set.kind === 'set-ref' && table.sets.get(set.name)?.stateful === true;

/** The elements that say themselves that they have a limit. A thousand rules may ask for one set of a thousand elements. */
const limitedOf = (elements: readonly Element[]): readonly Element[] =>
  kept(limitedElements, elements, () => elements.filter(({ stateful }) => stateful));
const limitedElements = new WeakMap<readonly Element[], readonly Element[]>();

/** What is in the set, where a limit of its element may keep it from matching. What is not in it is not limited: `!=` asks for that. */
export function withLimits(
  found: Condition,
  right: Value,
  read: readonly Part[],
  elements: readonly Element[],
  context: TableContext,
  open: MakeOpaque,
): Condition | undefined {
  const all = isLimitedSet(right, context);
  const limited = all ? elements : limitedOf(elements);
  if (limited.length === 0) return found;
  const keysOf = (some: readonly Element[]): readonly Value[] => some.map(({ key }) => key);
  const named = limited.filter(({ key }) => key.kind !== 'any');
  const steady = all ? [] : elements.filter(({ stateful }) => !stateful);
  const [free, bound, own] = [steady, limited, named].map((some) =>
    lookup(keysOf(some), read, context, open),
  );
  if (free === undefined || bound === undefined || own === undefined) return undefined;
  return anyOf([allOf([free, negate(own)]), allOf([bound, open(true)])]);
}

/** A lookup in a set; that of a named one is computed once for what is looked up. */
export function lookupSet(
  right: Value,
  read: readonly Part[],
  elements: readonly Element[],
  context: TableContext,
  open: MakeOpaque,
): Condition | undefined {
  const values = (): readonly Value[] => elements.map(({ key }) => key);
  if (right.kind !== 'set-ref') return lookup(values(), read, context, open);
  const fields = read.map(({ leaf, bits }) => `${leaf.key} ${bits?.and ?? ''} ${bits?.xor ?? ''}`).join(', ');
  // Leaves with open answers of their own have texts of their own.
  // An address is where it is in every fragment.
  const addresses = read.every(({ leaf }) => /^(?:src|dst) [46]$/.test(leaf.key));
  const cacheable =
    addresses || (!context.fragments && !/th |raw |nexthdr|ct |[io]if |iiftype|oiftype/.test(fields));
  const known = cacheable ? context.cache.get(`${right.name}: ${fields}`) : undefined;
  if (known !== undefined) return known;
  const condition = lookup(values(), read, context, open);
  if (condition !== undefined && cacheable) context.cache.set(`${right.name}: ${fields}`, condition);
  return condition;
}

/** The parts are one of the values; undefined where that is not modelled. Wrong values are reported. */
export function lookup(
  values: readonly Value[],
  read: readonly Part[],
  context: TableContext,
  open: MakeOpaque,
): Condition | undefined {
  if (values.some(({ kind }) => kind === 'any')) return ALWAYS;
  if (read.length === 1) return oneField(values, read[0] as Part, context, open);
  const rows: (readonly Value[])[] = [];
  for (const value of values) {
    if (value.kind !== 'concat' || value.of.length !== read.length) {
      reportBad({ value, expected: `${read.length} values joined by \` . \`` }, context);
      return NEVER;
    }
    rows.push(value.of);
  }
  return products(
    rows,
    read,
    read.map((_, at) => at),
    context,
    open,
  );
}

/** Elements grouped by the part with the fewest values, so that the last part's are one condition. */
function products(
  rows: readonly (readonly Value[])[],
  read: readonly Part[],
  dimensions: readonly number[],
  context: TableContext,
  open: MakeOpaque,
): Condition | undefined {
  const last = dimensions[0] as number;
  if (dimensions.length === 1)
    return oneField(
      rows.map((row) => row[last] as Value),
      read[last] as Part,
      context,
      open,
    );
  let best: { at: number; groups: Map<string, (readonly Value[])[]> } | undefined;
  for (const at of dimensions) {
    const groups = groupRows(rows, at);
    if (best === undefined || groups.size < best.groups.size) best = { at, groups };
  }
  const { at, groups } = best as NonNullable<typeof best>;
  const rest = dimensions.filter((other) => other !== at);
  const out: Condition[] = [];
  for (const group of groups.values()) {
    const first = oneField([(group[0] as readonly Value[])[at] as Value], read[at] as Part, context, open);
    const others = products(group, read, rest, context, open);
    if (first === undefined || others === undefined) return undefined;
    out.push(allOf([first, others]));
  }
  return anyOf(out);
}

function groupRows(rows: readonly (readonly Value[])[], at: number): Map<string, (readonly Value[])[]> {
  const groups = new Map<string, (readonly Value[])[]>();
  for (const row of rows) {
    const key = valueKey(row[at] as Value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

function oneField(
  values: readonly Value[],
  part: Part,
  context: TableContext,
  open: MakeOpaque,
): Condition | undefined {
  if (part.leaf.interface !== undefined) return interfaces(values, part.leaf.interface, part.leaf.key, open);
  const asked = part.bits === undefined ? plainMember(part.leaf) : undefined;
  const plain = asked && readPlain(values);
  if (asked !== undefined && plain !== undefined) return plain.length === 0 ? NEVER : asked(plain);
  const ranges = readRanges(values, part.leaf.type as DataType);
  if ('expected' in ranges) {
    reportBad(ranges, context);
    return NEVER;
  }
  if (ranges.length === 0) return NEVER;
  return ofRanges(part, ranges);
}

/**
 * Interface names, `eth*` for all that begin so; of index numbers only the loopback device's is always the same, the first
 * one (include/net/flow.h, LOOPBACK_IFINDEX). Which others are between two devices is open: nft lists sets with `auto-merge` so.
 */
function interfaces(
  values: readonly Value[],
  field: 'in' | 'out',
  key: string,
  open: MakeOpaque,
): Condition | undefined {
  const names: InterfacePattern[] = [];
  const byIndex = key === 'iif' || key === 'oif';
  let between = false;
  for (const value of values)
    for (const one of byIndex && value.kind === 'range' ? [value.lo, value.hi] : [value]) {
      if (one.kind !== 'symbol') return undefined;
      between ||= one !== value;
      if (byIndex && !one.quoted && /^\d+$/.test(one.text)) {
        if (one.text !== '1') return undefined;
        names.push({ name: 'lo', prefix: false });
      } else names.push(byIndex ? { name: one.text, prefix: false } : interfaceOf(one.text));
    }
  if (names.length === 0) return NEVER;
  const named: Condition = { kind: 'interface', field, names };
  if (!between) return named;
  const known: Condition = { kind: 'interface', field, names: [...names, { name: 'lo', prefix: false }] };
  return anyOf([named, allOf([negate(known), open(false)])]);
}

/** A name as nft writes it; `eth*` stands for all that begin so, `eth\\*` for the star itself. */
export function interfaceOf(text: string): InterfacePattern {
  if (text.endsWith('\\*')) return { name: `${text.slice(0, -2)}*`, prefix: false };
  return text.endsWith('*') ? { name: text.slice(0, -1), prefix: true } : { name: text, prefix: false };
}
