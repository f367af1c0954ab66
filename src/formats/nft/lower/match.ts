import { ALWAYS, allOf, anyOf, type Condition, NEVER, negate } from '../../../rule/condition.ts';
import type { Selector, Statement, Value } from '../ast/ast.ts';
import { type MakeOpaque, opaque, opaqueOf, opaqueWayBack, reportBad, type TableContext } from './context.ts';
import { type BadValue, readNumber } from '../types/read-number.ts';
import { elementsOf, lookup, lookupSet, withLimits } from '../selector/lookup.ts';
import { interfaceNamed } from '../selector/leaf.ts';
import { ofRanges, type Part } from '../selector/part.ts';
import { isListedLookup, isListedWithHostBits, isListedWithoutNumbers } from './listed-values.ts';
import { flipOf, flipped, isTurnedAbout } from './flipped-bounds.ts';
import { guardOf, isStateful, isUnknown, parts } from '../selector/parts.ts';
import { tellWithoutOptions } from '../selector/ip-options.ts';
import { optionHeader, readable } from '../selector/selector.ts';
import { extensionBit } from '../selector/payload.ts';

type MatchStatement = Extract<Statement, { kind: 'match' }>;

/** The condition that a comparison holds. */
export function lowerMatch(written: MatchStatement, context: TableContext): Condition {
  const match = { ...written, right: onlyElement(written.right) };
  const { left, op } = match;
  if (left.kind === 'exthdr' && match.right.kind !== 'set') return extensionHeader(left, match, context);
  if (left.kind === 'other' && (left.existence === true || left.optionOf === 'ip'))
    return option(left, match, context);
  if (left.kind === 'fib' && left.result === 'oif' && asksForNone(match) !== undefined)
    return wayOut(left, match, context);
  const negated = op === '!=';
  const text = negated ? match.text.replace(' != ', ' ').replace(' ne ', ' ') : match.text;
  const open = opaqueOf(text, match, context);
  const flip = flipOf(match);
  const read = parts(flip?.left ?? left, context, open);
  if (read === undefined) return signed(negated, open(isStateful(left)));
  const guard = guardOf(read);
  if (guard.kind === 'never') return NEVER;
  const single = read.length === 1 ? read[0] : undefined;
  const inner = matchParts(movedTo(match, single, flip), read, single, context, open);
  if (inner === undefined) return allOf([guard, signed(negated, open(isStateful(left)))]);
  // What is looked up as it is has one of the bits, too.
  const exact = isListedLookup(written, match.right, single, context) ? open(false) : ALWAYS;
  return allOf([guard, signed(negated && inner.signed !== true, inner.condition), exact]);
}

/** The comparison with what nft moves to its right side. */
function movedTo(
  match: MatchStatement,
  single: Part | undefined,
  flip: ReturnType<typeof flipOf>,
): MatchStatement {
  if (flip === undefined || single === undefined) return match;
  return { ...match, left: flip.left, right: flipped(match.right, flip.right, single.leaf.type) };
}

const signed = (negated: boolean, condition: Condition): Condition =>
  negated ? negate(condition) : condition;

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
  open: MakeOpaque,
): Inner | undefined {
  const { op } = match;
  const { right } = match;
  if (isUnknown(read)) return { condition: open(false) };
  const elements = elementsOf(right, context);
  if (elements === 'uncertain') return { condition: open(true) };
  if (elements !== undefined) {
    if (op !== '==' && op !== '!=' && op !== 'implicit') return undefined;
    if (isListedWithoutNumbers(read, elements, right, context)) return { condition: open(false) };
    const found = lookupSet(right, read, elements, context, open);
    const limited = op !== '!=' && found !== undefined;
    const condition = limited ? withLimits(found, right, read, elements, context, open) : found;
    return condition && { condition };
  }
  if (single === undefined) {
    const condition = lookup([right], read, context, open);
    return condition && { condition };
  }
  if (isTurnedAbout(single, match.left, right)) return undefined;
  if (isListedWithHostBits(single, right, match, context)) return { condition: open(false) };
  if (match.mask !== undefined) return maskedRight(match, single, context);
  if (op === 'implicit' && single.leaf.type.bitmask === true && single.bits === undefined && isFlags(right))
    return anyBit(right, single, context);
  if (op === '<' || op === '>' || op === '<=' || op === '>=')
    return ordered(op, right, single, context, open);
  const condition = lookup([right], read, context, open);
  return condition && { condition };
}

/** nft takes the braces of a set of one value away, so that `tcp flags { syn }` asks for one of the bits. */
function onlyElement(value: Value): Value {
  const only = value.kind === 'set' && value.elements.length === 1 ? value.elements[0] : undefined;
  const isWhole = only?.key.kind === 'any' || only?.key.kind === 'concat';
  return only === undefined || only.stateful || isWhole ? value : only.key;
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
  open: MakeOpaque,
): Inner | undefined {
  const { leaf } = part;
  if (leaf.interface !== undefined) return undefined;
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

/**
 * What is asked of something that may be there or not: `missing`, with the sign of the comparison. Of orders (`> 0`), which nft takes
 * too, nothing is said.
 */
function asksForNone({ op, right }: MatchStatement): boolean | undefined {
  if (op !== 'implicit' && op !== '==' && op !== '!=') return undefined;
  const asked = right.kind === 'symbol' ? right.text : '';
  if (!/^(?:exists|missing|0|1)$/.test(asked)) return undefined;
  return (op === '!=') !== (asked === 'missing' || asked === '0');
}

/** `exthdr hbh exists`; the fields of extension headers are not modelled. Only IPv6 packets are asked. */
function extensionHeader(
  left: Extract<Selector, { kind: 'exthdr' }>,
  match: MatchStatement,
  context: TableContext,
): Condition {
  const bit = extensionBit(left.header);
  const none = left.field === undefined && bit !== undefined ? asksForNone(match) : undefined;
  const text = match.text.replace(' != ', ' ');
  const guard = readable(left, context, opaqueOf(text, match, context));
  if (none === undefined || bit === undefined)
    return allOf([guard, signed(match.op === '!=', opaque(text, false, match, context))]);
  const there: Condition = { kind: 'masked', field: 'extensionHeaders', mask: bit, value: bit };
  return allOf([guard, signed(none, there)]);
}

/**
 * `fib saddr . iif oif missing`: whether the routes have a way, which are not given. At prerouting a packet of the loopback device
 * has one without a look at them (net/netfilter/nft_fib_inet.c and its like: nft_fib_can_skip, nft_fib_is_loopback). No device has
 * the number 0, and `nft -n` writes `0` for `missing`; `1` is `exists` there, and in a script the loopback device itself.
 */
function wayOut(
  left: Extract<Selector, { kind: 'fib' }>,
  match: MatchStatement,
  context: TableContext,
): Condition {
  const text = match.text.replace(' != ', ' ').replace(/ (?:missing|0)$/, ' exists');
  const hooks = [...context.hooks()];
  const isBack = left.flags.includes('saddr') && hooks.every((hook) => WITH_WAY_IN.has(hook));
  const open = isBack ? opaqueWayBack(text, match, context) : opaque(text, false, match, context);
  const early = hooks.every((hook) => hook === 'prerouting');
  const there = early ? anyOf([interfaceNamed('in', 'lo'), open]) : open;
  return signed(asksForNone(match) === true, there);
}

/** The hooks at which a packet has a device that it came in by. */
const WITH_WAY_IN: ReadonlySet<string> = new Set(['prerouting', 'input', 'forward']);

/** `tcp option sack-perm exists`: what has no such header has no such option (net/netfilter/nft_exthdr.c). */
function option(
  left: Extract<Selector, { kind: 'other' }>,
  match: MatchStatement,
  context: TableContext,
): Condition {
  const open = opaqueOf(match.text.replace(' != ', ' ').replace(' missing', ' exists'), match, context);
  const guard = readable(left, context, open);
  const none = asksForNone(match);
  if (left.optionOf === 'ip') {
    tellWithoutOptions(match, context);
    return left.existence === true && none === true ? guard : NEVER;
  }
  if (none === undefined) return allOf([guard, signed(match.op === '!=', open(false))]);
  return allOf([guard, signed(none, allOf([optionHeader(left.optionOf ?? ''), open(false)]))]);
}
