import type { Selector, Statement, Value } from '../ast/ast.ts';
import { isRaw } from '../selector/raw.ts';
import type { DataType } from '../types/datatypes.ts';
import { readNumber } from '../types/read-number.ts';

type MatchStatement = Extract<Statement, { kind: 'match' }>;
type Flip = Extract<Selector, { kind: 'binary' }>;

/** What is not of a packet's header, and yet has its order of bytes or one byte only. */
const META = new Set(['protocol', 'nfproto', 'l4proto', 'pkttype']);
const CT = new Set(['direction', 'protocol', 'l3proto', 'saddr', 'daddr', 'proto-src', 'proto-dst']);

/**
 * `tcp dport xor 7 < 20` is `tcp dport < 19` to nft, which moves the last `xor` to the other side, whatever the comparison is
 * (src/evaluate.c of nftables, binop_transfer; `nft --debug=netlink` shows it). Of one value that is the same, of bounds it is not. What
 * the machine keeps in its own order of bytes, and named sets, stay.
 *
 * @returns the `xor`, where the comparison is one of bounds
 */
export function flipOf({ left, op, right }: MatchStatement): Flip | undefined {
  if (left.kind !== 'binary' || left.op !== '^' || !isOfHeader(left.left)) return undefined;
  return op === '<' || op === '>' || op === '<=' || op === '>=' || hasBounds(right) ? left : undefined;
}

function isOfHeader(selector: Selector): boolean {
  if (selector.kind === 'binary') return isOfHeader(selector.left);
  if (selector.kind === 'meta') return META.has(selector.key);
  if (selector.kind === 'ct') return CT.has(selector.key);
  return selector.kind === 'payload' || isRaw(selector);
}

function hasBounds(value: Value): boolean {
  return value.kind === 'set' ? value.elements.some(({ key }) => hasBounds(key)) : value.kind === 'range';
}

/** The value with the bits of its bounds flipped. A range whose bounds change places so has no value. */
export function flipped(value: Value, by: Value, type: DataType): Value {
  if (value.kind === 'set') {
    const elements = value.elements.map((element) => ({ ...element, key: flipped(element.key, by, type) }));
    return { ...value, elements: elements.filter(({ key }) => key.kind !== 'set') };
  }
  const { start, end } = value;
  if (value.kind !== 'range')
    return value.kind === 'prefix' ? value : { kind: 'binary', op: '^', left: value, right: by, start, end };
  const [lo, hi] = [flipped(value.lo, by, type), flipped(value.hi, by, type)];
  const [least, most] = [readNumber(lo, type), readNumber(hi, type)];
  const isNone = typeof least === 'bigint' && typeof most === 'bigint' && least > most;
  return isNone ? { kind: 'set', elements: [], start, end } : { ...value, lo, hi };
}
