import type { Ranges } from '../../packet/ranges.ts';
import {
  ALWAYS,
  allOf,
  anyOf,
  type Condition,
  type InterfacePattern,
  NEVER,
  negate,
} from '../../rule/condition.ts';
import type { Element, Place, Selector, Statement, Table, Value } from './ast.ts';
import { type BadValue, type DataType, readNumber, readRanges } from './datatypes.ts';
import type { Leaf } from './leaf.ts';
import type { Problems } from './problems.ts';
import { extensionBit, leafOf } from './selector.ts';
import { valueKey } from './value-key.ts';

/** What the rules of a table are read with. */
export interface TableContext {
  readonly table: Table;
  readonly problems: Problems;
  /** Sets that rules change, or whose elements answer only at times. */
  readonly uncertain: ReadonlySet<string>;
  /** Conditions of named sets, by set and by what is looked up in them. */
  readonly cache: Map<string, Condition>;
}

type MatchStatement = Extract<Statement, { kind: 'match' }>;

/** A predicate that postern does not model, with a line in the coverage. */
export function opaque(text: string, stateful: boolean, place: Place, context: TableContext): Condition {
  const { table, problems } = context;
  problems.cover(
    'approximated',
    place,
    `\`${shorten(text)}\` is not modelled: what depends on it is reported as possible`,
  );
  // A set's name means something in its table only.
  const named = text.includes('@') ? `${text} (table ${table.family} ${table.name})` : text;
  return { kind: 'opaque', text: named, stateful, span: problems.span(place) };
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

/** The condition that a comparison holds. */
export function lowerMatch(match: MatchStatement, context: TableContext): Condition {
  const { left, op } = match;
  if (left.kind === 'exthdr') return extensionHeader(match, context);
  const negated = op === '!=';
  const text = negated ? match.text.replace(' != ', ' ').replace(' ne ', ' ') : match.text;
  const open = (stateful: boolean): Condition => opaque(text, stateful, match, context);
  const read = parts(left, context, open);
  if (read === undefined) return open(isStateful(left));
  const guard = allOf(read.map(({ leaf }) => leaf.guard));
  const single = read.length === 1 ? read[0] : undefined;
  const inner = matchParts(match, read, single, context, open);
  if (inner === undefined) return allOf([guard, signed(negated, open(isStateful(left)))]);
  return allOf([guard, signed(negated && inner.signed !== true, inner.condition)]);
}

const signed = (negated: boolean, condition: Condition): Condition =>
  negated ? negate(condition) : condition;

/** One part of what is looked up: a field, and what is done to its bits: `(field & and) ^ xor`. */
export interface Part {
  readonly leaf: Leaf;
  readonly bits: { readonly and: bigint; readonly xor: bigint } | undefined;
}

/** The parts of a selector; undefined where one of them is not modelled. */
export function parts(
  selector: Selector,
  context: TableContext,
  open: (stateful: boolean) => Condition,
): readonly Part[] | undefined {
  const of = selector.kind === 'concat' ? selector.of : [selector];
  const read: Part[] = [];
  const guards: Condition[] = [];
  for (const one of of) {
    const part = partOf(one, context, open);
    if (part === undefined) return undefined;
    if ('guard' in part) guards.push(part.guard);
    else read.push(part);
  }
  if (guards.length === 0) return read;
  // A field that is known to be there, whose value is not: the whole lookup is open, where the guards hold.
  const leaf = unknownLeaf(allOf([...guards, ...read.map((part) => part.leaf.guard)]), open);
  return [{ leaf, bits: undefined }];
}

function unknownLeaf(guard: Condition, open: (stateful: boolean) => Condition): Leaf {
  return { key: 'unknown', type: { name: 'unknown', bits: 0 }, guard, member: () => open(false) };
}

function partOf(
  selector: Selector,
  context: TableContext,
  open: (stateful: boolean) => Condition,
): Part | { readonly guard: Condition } | undefined {
  if (selector.kind !== 'binary') {
    if (selector.kind === 'map' || selector.kind === 'value' || isStateful(selector)) return undefined;
    const leaf = leafOf(selector, context.table.family, open);
    return 'member' in leaf ? { leaf, bits: undefined } : leaf;
  }
  const inner = partOf(selector.left, context, open);
  if (inner === undefined || 'guard' in inner) return inner;
  const { leaf } = inner;
  const before = inner.bits ?? { and: (1n << BigInt(leaf.type.bits)) - 1n, xor: 0n };
  const number = leaf.interface === undefined ? readNumber(selector.right, leaf.type) : undefined;
  if (typeof number !== 'bigint') {
    if (number !== undefined) reportBad(number, context);
    return undefined;
  }
  if (selector.op === '&') return { leaf, bits: { and: before.and & number, xor: before.xor & number } };
  if (selector.op === '|') return { leaf, bits: { and: before.and & ~number, xor: before.xor | number } };
  return selector.op === '^' ? { leaf, bits: { and: before.and, xor: before.xor ^ number } } : undefined;
}

function isStateful(selector: Selector): boolean {
  if (selector.kind === 'concat') return selector.of.some(isStateful);
  if (selector.kind === 'binary') return isStateful(selector.left);
  if (selector.kind === 'map') return true;
  if (selector.kind === 'meta') return /^(?:random|time|day|hour|cpu)$/.test(selector.key);
  return selector.kind === 'other' && selector.stateful;
}

interface Inner {
  readonly condition: Condition;
  /** The condition has the sign of the comparison in it. */
  readonly signed?: boolean;
}

function matchParts(
  match: MatchStatement,
  read: readonly Part[],
  single: Part | undefined,
  context: TableContext,
  open: (stateful: boolean) => Condition,
): Inner | undefined {
  const { op, right } = match;
  if (single?.leaf.key === 'unknown') return { condition: open(false) };
  const elements = elementsOf(right, context);
  if (elements === 'uncertain') return { condition: open(true) };
  if (elements !== undefined) {
    if (op !== '==' && op !== '!=' && op !== 'implicit') return undefined;
    const condition = named(right, read, elements, context, open);
    return condition && { condition };
  }
  if (single === undefined) {
    const condition = lookup([right], read, context, open);
    return condition && { condition };
  }
  if (match.mask !== undefined) return maskedRight(match, single, context);
  if (op === 'implicit' && single.leaf.type.bitmask === true && single.bits === undefined && isFlags(right))
    return anyBit(right, single, context);
  if (op === '<' || op === '>' || op === '<=' || op === '>=')
    return ordered(op, right, single, context, open);
  const condition = lookup([right], read, context, open);
  return condition && { condition };
}

const isFlags = (value: Value): boolean =>
  value.kind === 'symbol' || value.kind === 'list' || value.kind === 'binary';

/** A comparison of a bit mask without an operator: one of the bits is set. */
function anyBit(right: Value, { leaf }: Part, context: TableContext): Inner | undefined {
  const number = readNumber(right, leaf.type);
  if (typeof number !== 'bigint') return bad(number, context);
  if (leaf.masked === undefined) return undefined;
  if (number === 0n) return { condition: NEVER };
  if (leaf.key === 'ct status') {
    const bits = [...Array(32).keys()].map((at) => 1n << BigInt(at)).filter((bit) => (number & bit) !== 0n);
    return { condition: anyOf(bits.map((bit) => leaf.masked?.(bit, bit) ?? NEVER)) };
  }
  return { condition: negate(leaf.masked(number, 0n)) };
}

/** `syn / fin,syn,rst,ack`: of the bits behind the slash exactly those before it. */
function maskedRight(match: MatchStatement, { leaf, bits }: Part, context: TableContext): Inner | undefined {
  if (match.mask === undefined || leaf.masked === undefined || bits !== undefined) return undefined;
  const value = readNumber(match.right, leaf.type);
  const mask = readNumber(match.mask, leaf.type);
  if (typeof value !== 'bigint') return bad(value, context);
  if (typeof mask !== 'bigint') return bad(mask, context);
  return { condition: (value & ~mask) === 0n ? leaf.masked(mask, value) : NEVER };
}

function ordered(
  op: '<' | '>' | '<=' | '>=',
  right: Value,
  part: Part,
  context: TableContext,
  open: (stateful: boolean) => Condition,
): Inner | undefined {
  const { leaf } = part;
  if (leaf.interface !== undefined || part.bits !== undefined) return undefined;
  const number = readNumber(right, leaf.type);
  if (typeof number !== 'bigint') return bad(number, context);
  const most = (1n << BigInt(leaf.type.bits)) - 1n;
  const [lo, hi] = {
    '<': [0n, number - 1n],
    '<=': [0n, number],
    '>': [number + 1n, most],
    '>=': [number, most],
  }[op] as [bigint, bigint];
  if (lo > hi) return { condition: NEVER };
  return { condition: ofRanges(part, [lo, hi]) ?? open(false) };
}

function bad(value: BadValue, context: TableContext): Inner {
  reportBad(value, context);
  return { condition: NEVER };
}

/** Says that a value does not fit. */
export function reportBad({ value, expected }: BadValue, { problems }: TableContext): void {
  const text = value.kind === 'symbol' ? value.text : problems.file.text.slice(value.start, value.end);
  problems.error('bad-value', value, `\`${shorten(text)}\` does not fit here`, {
    expected,
    ...(value.kind === 'symbol' && /\.[a-z]/i.test(value.text)
      ? { help: 'names of hosts are not looked up: write the address' }
      : {}),
  });
}

/** The elements of a set; undefined where the value is none. */
export function elementsOf(
  value: Value,
  context: TableContext,
): readonly Element[] | 'uncertain' | undefined {
  if (value.kind === 'set')
    return value.elements.some(({ stateful }) => stateful) ? 'uncertain' : value.elements;
  if (value.kind !== 'set-ref') return undefined;
  const set = context.table.sets.get(value.name);
  if (set === undefined) {
    context.problems.error('no-such-set', value, `there is no set \`${value.name}\` in this table`, {
      expected: 'a set or map that the table defines',
    });
    return [];
  }
  return context.uncertain.has(value.name) ? 'uncertain' : set.elements;
}

/** A lookup in a set; that of a named one is computed once for what is looked up. */
function named(
  right: Value,
  read: readonly Part[],
  elements: readonly Element[],
  context: TableContext,
  open: (stateful: boolean) => Condition,
): Condition | undefined {
  const values = (): readonly Value[] => elements.map(({ key }) => key);
  if (right.kind !== 'set-ref') return lookup(values(), read, context, open);
  const fields = read.map(({ leaf, bits }) => `${leaf.key} ${bits?.and ?? ''} ${bits?.xor ?? ''}`).join(', ');
  // Leaves with open answers of their own have texts of their own.
  const cacheable = !/^th |nexthdr|^ct /.test(fields);
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
  open: (stateful: boolean) => Condition,
): Condition | undefined {
  if (values.some(({ kind }) => kind === 'any')) return ALWAYS;
  if (read.length === 1) return oneField(values, read[0] as Part, context);
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
  open: (stateful: boolean) => Condition,
): Condition | undefined {
  const last = dimensions[0] as number;
  if (dimensions.length === 1)
    return oneField(
      rows.map((row) => row[last] as Value),
      read[last] as Part,
      context,
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
    const first = oneField([(group[0] as readonly Value[])[at] as Value], read[at] as Part, context);
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

function oneField(values: readonly Value[], part: Part, context: TableContext): Condition | undefined {
  if (part.leaf.interface !== undefined) return interfaces(values, part.leaf.interface, part.leaf.key);
  const ranges = readRanges(values, part.leaf.type as DataType);
  if ('expected' in ranges) {
    reportBad(ranges, context);
    return NEVER;
  }
  if (ranges.length === 0) return NEVER;
  return ofRanges(part, ranges);
}

/** More single values than this behind a mask are not worth a condition each. */
const MOST_MASKED = 1024;

function ofRanges({ leaf, bits }: Part, ranges: Ranges<bigint>): Condition | undefined {
  if (bits === undefined && leaf.key !== 'ct status') return leaf.member(ranges);
  if (leaf.masked === undefined) return undefined;
  if (bits === undefined) return undefined;
  const out: Condition[] = [];
  for (let at = 0; at < ranges.length; at += 2) {
    const [lo, hi] = [ranges[at] as bigint, ranges[at + 1] as bigint];
    if (hi - lo + BigInt(out.length) >= MOST_MASKED) return undefined;
    for (let value = lo; value <= hi; value++) {
      const wanted = value ^ bits.xor;
      out.push((wanted & ~bits.and) === 0n ? leaf.masked(bits.and, wanted) : NEVER);
    }
  }
  return anyOf(out);
}

/** Interface names, `eth*` for all that begin so; of index numbers only the loopback device's is always the same. */
function interfaces(values: readonly Value[], field: 'in' | 'out', key: string): Condition | undefined {
  const names: InterfacePattern[] = [];
  for (const value of values) {
    if (value.kind !== 'symbol') return undefined;
    const byIndex = key === 'iif' || key === 'oif';
    if (byIndex && !value.quoted && /^\d+$/.test(value.text)) {
      if (value.text !== '1') return undefined;
      names.push({ name: 'lo', prefix: false });
    } else if (byIndex || !value.text.endsWith('*')) names.push({ name: value.text, prefix: false });
    else if (value.text.endsWith('\\*')) names.push({ name: `${value.text.slice(0, -2)}*`, prefix: false });
    else names.push({ name: value.text.slice(0, -1), prefix: true });
  }
  return names.length === 0 ? NEVER : { kind: 'interface', field, names };
}

/** `exthdr hbh exists`; the fields of extension headers are not modelled. */
function extensionHeader(match: MatchStatement, context: TableContext): Condition {
  const { left, right } = match;
  if (left.kind !== 'exthdr') return NEVER;
  const bit = extensionBit(left.header);
  const negated = match.op === '!=';
  const asked = right.kind === 'symbol' ? right.text : '';
  const known = left.field === undefined && bit !== undefined && /^(?:exists|missing|0|1)$/.test(asked);
  if (!known) return signed(negated, opaque(match.text.replace(' != ', ' '), false, match, context));
  const there: Condition = { kind: 'masked', field: 'extensionHeaders', mask: bit, value: bit };
  return signed(negated !== (asked === 'missing' || asked === '0'), there);
}
