import type { Element, Place, Table, Value, Verdict } from '../ast/ast.ts';
import { numberOf } from '../build/cursor.ts';
import { TYPES } from '../types/datatypes.ts';
import { plainPair, readRanges, readWord } from '../types/read-number.ts';
import { WHOLE } from '../missing.ts';
import { helpForValue } from '../types/value-help.ts';
import { numberWord } from '../build/keywords.ts';
import type { Problems } from '../problems.ts';
import { tellStillNamed } from '../script/still-named.ts';
import { LISTED_OPTION, OPTION, type ValueType } from '../types/types.ts';

/** What values are checked with. */
export interface CheckContext {
  readonly table: Table;
  readonly problems: Problems;
  /** What is read is the declaration of a set: `typeof …`. */
  readonly declares?: boolean;
  /** The value is one of several in a set: words that are numbers to nft's parser are values of any type. */
  readonly inSet?: boolean;
  /** The value is a key of a map or of a named set: nft does not look there how far a generator counts. */
  readonly inMap?: boolean;
}

type Told = Pick<CheckContext, 'problems' | 'inSet' | 'inMap'>;

const VERDICTS: readonly string[] = ['accept', 'drop', 'continue', 'return', 'jump', 'goto'];

/** Whether an element's data is a verdict. */
export function isVerdict(data: Value | Verdict): data is Verdict {
  return VERDICTS.includes(data.kind);
}

/** Types in words, as messages have them. */
export function shownTypes(types: readonly (ValueType | undefined)[]): string {
  return types.map((type) => type?.name ?? 'any type').join(' . ');
}

/** Tells a value that does not fit; each place once, as two checks may look at it. */
function bad(value: Value, expected: string, { problems }: Told): false {
  const text = value.kind === 'symbol' ? value.text : problems.textAt(value);
  const shown = text.length > 120 ? `${text.slice(0, 117)}…` : text;
  problems.error('bad-value', value, `\`${shown}\` does not fit here`, {
    expected,
    ...(value.kind === 'symbol' && helpForValue(value.text, expected)),
  });
  return false;
}

/**
 * Whether a value is one of the types (several: a concatenation), as nft's evaluation has it (src/evaluate.c of
 * nftables, expr_evaluate_value and those around it). Undefined types are not checked.
 */
export function checkValue(value: Value, types: readonly (ValueType | undefined)[], context: Told): boolean {
  if (types.length > 1) {
    if (value.kind !== 'concat' || value.of.length !== types.length)
      return bad(value, `${types.length} values joined by \` . \`: ${shownTypes(types)}`, context);
    return value.of.every((part, at) => checkValue(part, [types[at]], context));
  }
  const [type] = types;
  if (type === undefined) return true;
  if (isPlain(value, type)) return true;
  if (value.kind === 'concat') return bad(value, `one value of the type ${type.name}`, context);
  if (value.kind === 'any') return true;
  if (type.longest !== undefined) return checkText(value, type, context);
  const foreign = (context.inSet !== true || value.kind === 'binary') && isForeign(value, type);
  if (foreign) return bad(value, `a value of the type ${type.name}`, context);
  if (type.open === true && value.kind === 'range' && isTurned(value))
    return bad(value, 'a range from the lower to the higher value', context);
  if (type.open === true && value.kind !== 'list' && !isNumber(value)) return true;
  if (type.circular === true && value.kind === 'range')
    return [value.lo, value.hi].every((end) => checkValue(end, types, context));
  if (value.kind === 'list' && type.open === true && type.bitmask === true) return true;
  if (value.kind === 'list' && type.bitmask !== true)
    return bad(value, `one value: ${type.name} is no bit mask; a list of values stands in braces`, context);
  const read = readRanges([value], type === OPTION && context.problems.listing ? LISTED_OPTION : type);
  if ('expected' in read && type.raw === true && mayBeListed(context) && isListed(value, type)) return true;
  if ('expected' in read) return bad(read.value, read.expected, context);
  const { most } = type;
  return (
    most === undefined ||
    (context.inMap === true && type.open !== true) ||
    read.every((number) => number <= most) ||
    bad(value, `a number from 0 to ${most}`, context)
  );
}

/** What most values are: IPv4 addresses, ranges and networks of them, and ports in digits. */
function isPlain(value: Value, type: ValueType): boolean {
  if (type.name === TYPES.ipv4.name) return plainPair(value) !== undefined;
  return (
    type.name === TYPES.port.name &&
    value.kind === 'symbol' &&
    /^[1-9]\d{0,4}$/.test(value.text) &&
    Number(value.text) < 0x1_0000
  );
}

/** What nft 1.0.6 knows a raw field to be when it lists its values, but not when it reads them. */
const LISTED: readonly ValueType[] = [TYPES.ipv4, TYPES.ipv6, TYPES.dscp];

/**
 * Some fields nft lists as raw bytes and their values by name: `@nh,192,128 . tcp dport { 2001:db8::/64 . 80, … }`. It
 * refuses to read that, but who audits has the listing and nothing else.
 */
function isListed(value: Value, raw: ValueType): boolean {
  if (value.kind === 'prefix') return isListed(value.base, raw);
  if (value.kind === 'range') return isListed(value.lo, raw) && isListed(value.hi, raw);
  if (value.kind !== 'symbol' || isNumber(value)) return false;
  const fitting = LISTED.filter((type) => type === TYPES.dscp || type.bits === raw.bits);
  return fitting.some((type) => !('expected' in readRanges([value], type)));
}

/** One value alone nft lists so nowhere; people may have put a comment into a listing. */
const mayBeListed = ({ problems, inSet, inMap }: Told): boolean =>
  problems.listing || inSet === true || inMap === true;

/** The word is a number to nft's parser, and none of its own type. */
function isForeign(value: Value, type: ValueType): boolean {
  if (value.kind === 'list') return value.of.some((one) => isForeign(one, type));
  if (value.kind === 'binary') return isForeign(value.left, type) || isForeign(value.right, type);
  if (value.kind === 'range') return isForeign(value.lo, type) || isForeign(value.hi, type);
  if (value.kind === 'prefix') return isForeign(value.base, type);
  if (value.kind !== 'symbol' || value.quoted || numberWord(value.text) === undefined) return false;
  // A traffic class takes any text that is no word of nft's own.
  return type.name === 'classid' || readWord(value.text, type) === undefined;
}

const isNumber = (value: Value): boolean =>
  value.kind === 'symbol' && !value.quoted && /^(?:0x[0-9a-fA-F]+|\d+)$/.test(value.text);

/** `1000-root`: of the names of users and groups one is known everywhere. */
function isTurned({ lo, hi }: Extract<Value, { kind: 'range' }>): boolean {
  const [from, to] = [lo, hi].map((end) => {
    if (end.kind !== 'symbol') return undefined;
    return end.text === 'root' ? 0n : isNumber(end) ? numberOf(end.text) : undefined;
  });
  return from !== undefined && to !== undefined && from > to;
}

function checkText(value: Value, type: ValueType, context: Told): boolean {
  if (value.kind === 'prefix') return checkText(value.base, type, context);
  if (value.kind === 'list') return bad(value, 'one text: a list of values stands in braces', context);
  if (value.kind !== 'symbol') return bad(value, 'a text', context);
  const { length } = value.text;
  if (length === 0) return bad(value, 'a text that is not empty', context);
  if (value.text === '*') return bad(value, 'a text with more than `*`', context);
  if (!value.quoted && !context.problems.free && numberWord(value.text) !== undefined && !context.inSet)
    return bad(value, 'a text in quotation marks: this word is the number of a protocol', context);
  if (length >= (type.longest ?? 0) && (type.longest ?? 128) < 128)
    return bad(value, `at most ${(type.longest ?? 1) - 1} characters`, context);
  return true;
}

/** What the data of a map's elements are: verdicts, values, or none in a set. */
export type DataTypes = 'verdict' | 'none' | readonly (ValueType | undefined)[];

/** The elements of a set or map. */
export function checkElements(
  elements: readonly Element[],
  types: readonly (ValueType | undefined)[],
  data: DataTypes,
  context: CheckContext,
  named = false,
): boolean {
  // A set of one value without a name is a comparison with that value.
  const inner = { ...context, inSet: named || data !== 'none' || elements.length > 1 };
  const key = { ...inner, inMap: named || data !== 'none' };
  return elements.every((element) => {
    if (context.problems.enough) return false;
    if (!named && element.times === true && elements.length > 1)
      return wrongData(element, 'an element without a time: only sets with a name have them', inner);
    if (element.key.kind !== 'any' && !checkValue(element.key, types, key)) return false;
    return checkData(element, data, inner);
  });
}

function checkData(element: Element, wanted: DataTypes, context: CheckContext): boolean {
  const { data } = element;
  if (wanted === 'none')
    return (
      data === undefined ||
      wrongData(element, 'an element without a value: this is a set and no map', context)
    );
  if (data === undefined) return wrongData(element, 'a key and what it is mapped to: `22 : accept`', context);
  if (wanted === 'verdict') {
    if (!isVerdict(data)) return wrongData(data, 'a verdict', context);
    return checkTarget(data, context);
  }
  return isVerdict(data)
    ? wrongData(data, `a value of the type ${shownTypes(wanted)}`, context)
    : checkValue(data, wanted, context);
}

function wrongData(place: Place, expected: string, { problems }: CheckContext): false {
  problems.error('bad-element', place, 'this is no element of this set', { expected });
  return false;
}

/** A jump needs a chain of the same table that no hook has. */
export function checkTarget(verdict: Verdict, { table, problems }: CheckContext): boolean {
  if (!('chain' in verdict)) return true;
  const chain = table.chains.get(verdict.chain);
  if (chain === undefined) {
    if (tellStillNamed(table, `chain ${verdict.chain}`, verdict, problems)) return false;
    problems.error('no-such-chain', verdict, `there is no chain \`${verdict.chain}\` in this table`, {
      expected: 'a chain of the same table',
      help: WHOLE,
    });
    return false;
  }
  if (chain.hook === undefined) return true;
  problems.error('base-chain', verdict, `\`${verdict.chain}\` is a base chain: nothing can jump to it`, {
    expected: 'a chain without a hook',
  });
  return false;
}

/** Only of bits nft lists a comparison by one name (`tcp flags syn / ack`). */
export function checkMask(
  mask: Value,
  types: readonly (ValueType | undefined)[],
  context: CheckContext,
): boolean {
  if (mask.kind === 'symbol' && !context.problems.free && types[0] !== undefined && !types[0].bitmask) {
    context.problems.error('bad-value', mask, 'this is no mask', { expected: 'the length of a prefix' });
    return false;
  }
  return checkValue(mask, types, context);
}
