import { normalise, pairsOf, type Ranges } from '../../../packet/ranges.ts';
import { allOf, type Condition, NEVER } from '../../../rule/condition.ts';
import type { Selector } from '../ast/ast.ts';
import { type MakeOpaque, reportBad, type TableContext } from '../lower/context.ts';
import { TYPES } from '../types/datatypes.ts';
import { ofRanges, type Part } from './part.ts';
import { readNumber } from '../types/read-number.ts';
import { leafOf } from './selector.ts';
import { dscpShift, isRaw } from './raw.ts';

/** The key of a leaf of which no more is known than where it can be read. */
export const UNKNOWN = 'unknown';

/** The parts of a selector; undefined where one of them is not modelled. */
export function parts(
  selector: Selector,
  context: TableContext,
  open: MakeOpaque,
): readonly Part[] | undefined {
  const of = selector.kind === 'concat' ? selector.of : [selector];
  const read: Part[] = [];
  const guards: Condition[] = [];
  for (const one of of) {
    const shift = of.length > 1 && isListedShift(one);
    const part = partOf(shift ? one.left : one, context, open);
    if (part === undefined) return undefined;
    if ('guard' in part) guards.push(part.guard);
    else if (shift) guards.push(part.leaf.guard);
    else read.push(part);
  }
  if (guards.length === 0) return read;
  // A field that is known to be there, whose value is not: the whole lookup is open, where the guards hold.
  const guard = allOf([...guards, ...read.map((part) => part.leaf.guard)]);
  const type = { name: UNKNOWN, bits: 0 };
  return [{ leaf: { key: UNKNOWN, type, guard, member: () => open(false) }, bits: undefined }];
}

/**
 * `ip version >> 4 . tcp dport { 0 . 1024 }` is how nft 1.0.6 lists `ip version . tcp dport { 4 . 22 }`: where a field of some bits stands among
 * others, it shows the kernel's shift, and the values of all of them may be wrong.
 */
function isListedShift(one: Selector): one is Binary {
  return one.kind === 'binary' && one.op === '>>' && one.left.kind === 'payload';
}

/** Whether the parts are those of a selector whose value is not modelled. */
export function isUnknown(read: readonly Part[]): boolean {
  return read[0]?.leaf.key === UNKNOWN;
}

/** Where all parts can be read: what nft asks before the comparison. */
export function guardOf(read: readonly Part[]): Condition {
  return allOf(read.map(({ leaf }) => leaf.guard));
}

type Binary = Extract<Selector, { kind: 'binary' }>;

function partOf(
  selector: Selector,
  context: TableContext,
  open: MakeOpaque,
): Part | { readonly guard: Condition } | undefined {
  if (selector.kind !== 'binary') {
    if (selector.kind === 'map' || selector.kind === 'value' || isStateful(selector)) return undefined;
    const leaf = leafOf(selector, context, open);
    return 'member' in leaf ? { leaf, bits: undefined } : leaf;
  }
  const inner = partOf(selector.left, context, open);
  if (inner === undefined || 'guard' in inner) return inner;
  if (selector.op === '>>' && !context.listing && isOfHeader(selector.left))
    return { guard: inner.leaf.guard };
  if (selector.op === '>>') return shifted(inner, selector, context);
  const { leaf } = inner;
  const before = inner.bits ?? { and: (1n << BigInt(leaf.type.bits)) - 1n, xor: 0n };
  const number = leaf.interface === undefined ? readNumber(selector.right, leaf.type) : undefined;
  if (typeof number !== 'bigint') {
    if (number !== undefined) reportBad(number, context);
    return undefined;
  }
  if (selector.op === '&') return { leaf, bits: { and: before.and & number, xor: before.xor & number } };
  // What is set by `|` is what is cleared first and then flipped.
  if (selector.op === '|')
    return { leaf, bits: { and: before.and & ~number, xor: (before.xor & ~number) | number } };
  return selector.op === '^' ? { leaf, bits: { and: before.and, xor: before.xor ^ number } } : undefined;
}

/**
 * `ip ttl >> 4 == 3` in a script: nft 1.0.6 moves the shift to the other side, and compares what is of more bytes then than the field is with what
 * the machine's order of bytes makes of it (`nft --debug=netlink`), so that hardly anything holds. In a listing it is what the kernel does.
 */
function isOfHeader(selector: Selector): boolean {
  if (selector.kind === 'binary') return isOfHeader(selector.left);
  return selector.kind === 'payload' || isRaw(selector);
}

/** `(field & 0xfc) >> 2`: the bits above so many. */
function shifted(part: Part, selector: Binary, context: TableContext): Part | undefined {
  const { leaf } = part;
  const by = readNumber(selector.right, TYPES.byte);
  if (typeof by !== 'bigint') reportBad(by, context);
  if (typeof by !== 'bigint' || leaf.masked === undefined || leaf.interface !== undefined) return undefined;
  const up = (values: Ranges<bigint>): Ranges<bigint> =>
    normalise(pairsOf(values).map(([lo, hi]) => [lo << by, ((hi + 1n) << by) - 1n] as const));
  const member = (values: Ranges<bigint>): Condition => ofRanges(part, up(values)) ?? leaf.member(up(values));
  const names = Number(by) === dscpShift(selector.left) ? TYPES.dscp.names : undefined;
  const type = { ...leaf.type, ...(names && { names }) };
  const all = (1n << BigInt(leaf.type.bits)) - 1n;
  const { and, xor } = part.bits ?? { and: all, xor: 0n };
  const masked = (mask: bigint, value: bigint): Condition => {
    const asked = and & (mask << by);
    const wanted = (value << by) ^ (xor & (mask << by));
    return (wanted & ~asked) === 0n ? (leaf.masked?.(asked, wanted) ?? NEVER) : NEVER;
  };
  const key = `${leaf.key} & ${part.bits?.and} ^ ${part.bits?.xor} >> ${by}`;
  return { leaf: { ...leaf, key, type, member, masked }, bits: undefined };
}

/** Whether the selector reads something that is not of the packet: two lookups may differ. */
export function isStateful(selector: Selector): boolean {
  if (selector.kind === 'concat') return selector.of.some(isStateful);
  if (selector.kind === 'binary') return isStateful(selector.left);
  if (selector.kind === 'map') return true;
  if (selector.kind === 'meta') return /^(?:random|time|day|hour|cpu)$/.test(selector.key);
  return selector.kind === 'other' && selector.stateful;
}
