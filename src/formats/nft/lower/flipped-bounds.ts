import { formatAddress } from '../../../packet/address.ts';
import { pairsOf } from '../../../packet/ranges.ts';
import type { Element, Place, Selector, Statement, Value } from '../ast/ast.ts';
import type { Part } from '../selector/part.ts';
import { isRaw } from '../selector/raw.ts';
import type { DataType } from '../types/datatypes.ts';
import { readNumber, readRanges } from '../types/read-number.ts';

type MatchStatement = Extract<Statement, { kind: 'match' }>;
type Flip = Extract<Selector, { kind: 'binary' }>;

/** What is not of a packet's header, and yet has its order of bytes or one byte only. */
const META = new Set(['protocol', 'nfproto', 'l4proto', 'pkttype']);
const CT = new Set(['direction', 'protocol', 'l3proto', 'saddr', 'daddr', 'proto-src', 'proto-dst']);

/**
 * `tcp dport xor 7 < 20` is `tcp dport < 19` to nft, which moves the last `xor` to the other side, whatever the comparison is
 * (src/evaluate.c of nftables, binop_transfer; `nft --debug=netlink` shows it). Of one value that is the same; of bounds, and where one of some
 * bits is asked for, it is not. What the machine keeps in its own order of bytes keeps its bounds, and named sets stay.
 *
 * @returns the `xor`, where it matters on which side it stands
 */
export function flipOf({ left, op, right }: MatchStatement): Flip | undefined {
  if (left.kind !== 'binary' || left.op !== '^') return undefined;
  if (op === 'implicit' && isBitMask(left.left) && right.kind !== 'set-ref') return left;
  if (!isOfHeader(left.left)) return undefined;
  return op === '<' || op === '>' || op === '<=' || op === '>=' || hasBounds(right) ? left : undefined;
}

/** The same of the keys of a map without a name. */
export function flipOfKey(left: Selector, data: Value): Flip | undefined {
  if (left.kind !== 'binary' || left.op !== '^' || data.kind !== 'set' || !isOfHeader(left.left))
    return undefined;
  // With a default nft leaves it where it is.
  const whole = data.elements.every(({ key }) => key.kind !== 'any');
  return whole && hasBounds(data) ? left : undefined;
}

/** Of these a comparison without an operator asks for one of the bits. */
function isBitMask(selector: Selector): boolean {
  if (selector.kind === 'ct') return selector.key === 'state' || selector.key === 'status';
  return selector.kind === 'payload' && selector.protocol === 'tcp' && selector.field === 'flags';
}

function isOfHeader(selector: Selector): boolean {
  if (selector.kind === 'binary') return isOfHeader(selector.left);
  if (selector.kind === 'meta') return META.has(selector.key);
  if (selector.kind === 'ct') return CT.has(selector.key);
  return selector.kind === 'payload' || isRaw(selector);
}

/** A prefix is one where it is not alone. */
function hasBounds(value: Value): boolean {
  if (value.kind !== 'set') return value.kind === 'range';
  return value.elements.some(({ key }) => key.kind === 'prefix' || hasBounds(key));
}

/** The value with the bits of its bounds flipped. What nft takes together in a set it does before; bounds that change places have no value. */
export function flipped(value: Value, by: Value, type: DataType): Value {
  const { start, end } = value;
  if (value.kind !== 'set' && value.kind !== 'range')
    return { kind: 'binary', op: '^', left: value, right: by, start, end };
  const keys = value.kind === 'set' ? value.elements.map(({ key }) => key) : [value];
  const [ranges, bits] = [readRanges(keys, type), readNumber(by, type)];
  // What is no number is told where it is looked up.
  if ('expected' in ranges || typeof bits !== 'bigint') return value;
  const elements = pairsOf(ranges).flatMap(([lo, hi]): Element[] => {
    const [least, most] = [lo ^ bits, hi ^ bits];
    return least > most ? [] : [{ key: between(least, most, type, value), stateful: false, start, end }];
  });
  return { kind: 'set', elements, start, end };
}

/** The keys of a map with their bits flipped. */
export function flippedKeys(elements: readonly Element[], by: Value, type: DataType): readonly Element[] {
  return elements.flatMap((element): Element[] => {
    const { key, start, end } = element;
    const one = flipped(
      key.kind === 'prefix' ? { kind: 'set', elements: [element], start, end } : key,
      by,
      type,
    );
    return one.kind === 'set'
      ? one.elements.map((other) => ({ ...element, key: other.key }))
      : [{ ...element, key: one }];
  });
}

function between(lo: bigint, hi: bigint, type: DataType, { start, end }: Place): Value {
  const value = (number: bigint): Value => {
    const text = type.bits === 128 ? formatAddress(6, number) : `${number}`;
    return { kind: 'symbol', text, quoted: false, start, end };
  };
  return { kind: 'range', lo: value(lo), hi: value(hi), start, end };
}

/**
 * `ip saddr & 255.0.0.0 10.0.0.0/8`: where the prefix is of whole bytes nft 1.0.6 takes both masks together (`nft --debug=netlink`), with the
 * bytes of the first one and of what is flipped turned about; of longer fields than four bytes it takes the wrong ones.
 */
export function isTurnedAbout({ leaf, bits }: Part, left: Selector, right: Value): boolean {
  if (right.kind !== 'prefix' || right.length % 8 !== 0 || bits === undefined) return false;
  return leaf.type.bits >= 32 && isOfHeader(left);
}
